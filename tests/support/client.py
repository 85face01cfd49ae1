"""A test client that looks at every page: a title, one h1, no id twice, nothing inline."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient
from lxml.etree import HTMLParser, XPath, fromstring

from tierslieu.db import db as database
from tierslieu.people.devices.rules import hash_secret
from tierslieu.people.models import OpenSession, User

LONG_AGO, NEVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


_PARSER = HTMLParser()
_IDS = XPath("//@id")
_H1S = XPath("count(//h1)")
_TITLE = XPath("string(//title[not(ancestor::svg)])")
_INLINE_SCRIPTS = XPath("//script[not(@src)]")
_INLINE_STYLES = XPath("//style | //*[@style]")
_HANDLERS = XPath("//@*[starts-with(name(), 'on')]")
_WITHOUT_ALT = XPath("//img[not(@alt)]")
_ADDRESSES = XPath("//script/@src | //img/@src | //link/@href | //form/@action")
_ELSEWHERE = ("http:", "https:", "//")


def look_at(html: str) -> list[str]:
    """What is wrong with this page, in words; empty if nothing."""
    # By the library in C: read tag by tag, looking cost a quarter of what drawing the page does.
    page: Any = fromstring(html, _PARSER)
    faults = ["inline script" for _ in _INLINE_SCRIPTS(page)]
    faults += [f"inline style on <{element.tag}>" for element in _INLINE_STYLES(page)]
    faults += [f"inline handler {value.attrname}" for value in _HANDLERS(page)]
    faults += ["image without alt" for _ in _WITHOUT_ALT(page)]
    faults += [
        f"<{address.getparent().tag}> reaches another host: {address}"
        for address in _ADDRESSES(page)
        if address.startswith(_ELSEWHERE)
    ]
    if (headings := int(_H1S(page))) != 1:
        faults.append(f"{headings} h1 elements")
    if not _TITLE(page).strip():
        faults.append("no title")
    twice = sorted(name for name, times in Counter(_IDS(page)).items() if name and times > 1)
    if twice:
        faults.append(f"ids twice: {twice}")
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
                    created_at=LONG_AGO,
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

    def sign_out(self) -> LookingClient:
        """Make this browser a visitor's again."""
        answer = self.post("/deconnexion")
        assert answer.status_code == 302
        with self.session_transaction() as session:
            assert "_user_id" not in session
        return self
