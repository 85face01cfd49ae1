"""A test client that looks at every page: a title, one h1, no id twice, nothing inline."""

from __future__ import annotations

import secrets
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient

from tierslieu.db import db as database
from tierslieu.people.devices.rules import hash_secret
from tierslieu.people.models import OpenSession, User

NEVER = datetime(2999, 1, 1, tzinfo=UTC)


class PageLook(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.h1 = 0
        self.title = ""
        self.faults: list[str] = []
        self._in_title = False
        self._in_svg = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        self.h1 += tag == "h1"
        if tag == "svg":
            self._in_svg += 1
        if tag == "title" and not self._in_svg:
            self._in_title = True
        if tag == "script" and "src" not in values:
            self.faults.append("inline script")
        if tag == "style" or "style" in values:
            self.faults.append(f"inline style on <{tag}>")
        self.faults += [f"inline handler {name}" for name in values if name.startswith("on")]
        if tag == "img" and "alt" not in values:
            self.faults.append("image without alt")
        for name in ("src", "href", "action"):
            url = values.get(name) or ""
            if tag in ("script", "img", "link", "form") and url.startswith(
                ("http:", "https:", "//")
            ):
                self.faults.append(f"<{tag}> reaches another host: {url}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag == "svg":
            self._in_svg -= 1

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def look_at(html: str) -> list[str]:
    """What is wrong with this page, in words; empty if nothing."""
    page = PageLook()
    page.feed(html)
    faults = page.faults
    if page.h1 != 1:
        faults.append(f"{page.h1} h1 elements")
    if not page.title.strip():
        faults.append("no title")
    twice = {i for i in page.ids if page.ids.count(i) > 1}
    if twice:
        faults.append(f"ids twice: {sorted(twice)}")
    if "Traceback (most recent call last)" in html:
        faults.append("a stack trace")
    return faults


class LookingClient(FlaskClient):
    """Fails the test when a page it receives is malformed."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        # The tests' own application context stays pushed: without this, one request would see who
        # was signed in at the one before.
        if has_app_context():
            for name in list(g):
                g.pop(name)
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
            html = response.get_data(as_text=True)
            if "<html" in html:
                faults = look_at(html)
                assert not faults, f"{response.request.path}: {faults}"
        return response

    def sign_in(self, user: User) -> LookingClient:
        """Make this browser the person's, without the cost of a password. The session ends at no
        hour a test may set, and was begun with a second factor, as a role may need."""
        secret = secrets.token_urlsafe(8)
        # In the session the test itself reads with, which the requests of a test share.
        with nullcontext() if has_app_context() else self.application.app_context():
            database.session.add(
                OpenSession(
                    user_id=user.id,
                    secret_hash=hash_secret(secret),
                    device="Firefox|Linux",
                    is_strong=True,
                    last_seen_at=NEVER,
                    ends_at=NEVER,
                )
            )
            database.session.commit()
        with self.session_transaction() as session:
            session.clear()
            session["_user_id"] = user.fs_uniquifier
            session["_device"] = secret
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = time.time()
        return self
