"""Pages that are the same for every visitor: kept for some seconds, here and by whoever stands
between us and them.

A view marked :func:`same_for_visitors` shows a visitor nothing of their own: its answer depends on
the address, the language and the kind of document asked for. It leaves with an ``ETag`` and says
that shared caches (a proxy, a CDN) may keep it; this process keeps it too, and answers again before
Flask itself begins: nothing is looked up, read or drawn. Whoever has a session is never answered
so: what they get is drawn for them and stays private.

What is kept here is forgotten as soon as a process of this machine commits anything (it touches a
file that the others look at), and after some seconds in any case: that is how late a change made on
another machine can be. Only a plain 200 that sets no
cookie is kept. Who asks with ``Cache-Control: no-cache`` (a browser that reloads) has it drawn
anew.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Response, current_app, has_app_context, request
from sqlalchemy import event
from werkzeug.http import parse_cookie, parse_etags

from tierslieu import clock, logs
from tierslieu.db import db
from tierslieu.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])
Key = tuple[str, ...]

SECONDS = 30  # as long as a visitor may see what another process has changed since
MOST_PAGES = 500
MOST_BYTES = 100_000  # of one page: the few that are longer are drawn each time
ASKED = "tierslieu.visitors.asked"  # in the environment of a request
OWN_HEADERS = frozenset({"set-cookie", "x-request-id", "date", "content-length", "age"})
# What of a request an answer depends on, beside its language. The scheme is what it is before a
# proxy was believed, and what the proxy says: together they are never mistaken for another's.
TOLD = (
    "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """An answer as it left, and when it was drawn. ``for_all``: for persons as well."""

    endpoint: str
    body: bytes
    tag: str
    headers: tuple[tuple[str, str], ...]
    at: datetime
    for_all: bool


@dataclass(frozen=True)
class Asked:
    """What a request asks for, when it began (as the shelf counts), and whether it is somebody's:
    it bears a session, or a name."""

    key: Key
    age: int
    is_somebodys: bool


@dataclass(frozen=True)
class Answered:
    """What is told of an answer that Flask has not seen."""

    endpoint: str
    method: str
    status: int
    seconds: float
    size: int


class Shelf:
    """What one process keeps: the pages asked for last. Threads share it.

    ``sign``: a file whose date is that of the last commit of any process of this machine.
    """

    def __init__(self, sign: Path) -> None:
        self._sign, self._date = sign, 0
        self._age = 0  # rises with each commit that this process has seen
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def look(self) -> int:
        """How old the shelf is, after a look at what other processes have changed."""
        try:
            date = self._sign.stat().st_mtime_ns
        except OSError:
            date = 0
        with self._lock:
            if date != self._date:
                self._date = date
                self._forget()
            return self._age

    def _forget(self) -> None:
        self._age += 1
        self._pages.clear()

    def find(self, key: Key, now: datetime) -> Kept | None:
        """What is kept under that key, if it is young enough."""
        with self._lock:
            found = self._pages.get(key)
            if found is None or not 0 <= (now - found.at).total_seconds() < SECONDS:
                return None
            self._pages.move_to_end(key)
            return found

    def put(self, key: Key, page: Kept, age: int) -> None:
        """Keep a page that was begun at that age, unless something was committed since."""
        if age != self.look():
            return
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            if len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)

    def clear(self) -> None:
        """Something was committed: here it is forgotten at once, elsewhere at the next look."""
        with self._lock:
            self._forget()
        now = time.time_ns()  # to the nanosecond: two commits of one tick are two dates
        with suppress(OSError):  # a full disk keeps nobody from committing
            self._sign.touch()
            os.utime(self._sign, ns=(now, now))


class Front:
    """Stands before the application and answers what is kept. ``listeners`` hear of each answer."""

    def __init__(
        self,
        app: Flask,
        speak: Callable[[str, str], str],
        language_cookie: str,
        listeners: list[Callable[..., None]],
    ) -> None:
        settings: Settings = app.config["TIERSLIEU"]
        self.shelf = Shelf(settings.instance / "changed")
        self._speak, self.listeners = speak, listeners
        self._language_cookie = language_cookie
        self._within: WSGIApplication = app.wsgi_app
        self._names = {app.config["SESSION_COOKIE_NAME"], "remember_token"}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the shelf, or have the application answer."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._within(environ, start_response)
        began, asked = time.perf_counter(), self._read(environ)
        environ[ASKED] = asked
        now = clock.now()
        found = self.shelf.find(asked.key, now)
        is_anew = "no-cache" in environ.get("HTTP_CACHE_CONTROL", "")
        if found is None or is_anew or (asked.is_somebodys and not found.for_all):
            return self._within(environ, start_response)
        mark = logs.take_request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        # A cache between us counts from when it was drawn, so that the two ages do not add up.
        age = str(int((now - found.at).total_seconds()))
        headers = [*found.headers, ("Age", age), ("X-Request-ID", mark)]
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        body, status = found.body, "200 OK"
        if wanted and parse_etags(wanted).contains_weak(found.tag):
            body, status = b"", "304 NOT MODIFIED"
            headers = [one for one in headers if one[0].lower() != "content-type"]
        else:
            headers.append(("Content-Length", str(len(body))))
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        self._tell(found, environ["REQUEST_METHOD"], int(status[:3]), began, len(body))
        start_response(status, headers)
        return [body]

    def _tell(self, kept: Kept, method: str, status: int, began: float, size: int) -> None:
        told = Answered(kept.endpoint, method, status, time.perf_counter() - began, size)
        for listener in self.listeners:
            listener(told)
        logs.forget_request_id()

    def _read(self, environ: WSGIEnvironment) -> Asked:
        cookies = parse_cookie(environ.get("HTTP_COOKIE"))
        is_somebodys = (
            not self._names.isdisjoint(cookies)
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_HX_REQUEST" in environ
        )
        chosen = cookies.get(self._language_cookie, "")
        language = self._speak(chosen, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        key = (language, *(environ.get(name, "") for name in TOLD))
        return Asked(key, self.shelf.look(), is_somebodys)


def same_for_visitors(view: View) -> View:
    """This view shows every visitor the same, in each language."""
    view.same_for_visitors = True  # type: ignore[attr-defined]
    return view


def listeners(app: Flask) -> list[Callable[[Answered], None]]:
    """Who hears of what is answered before Flask begins: the journal, the measures."""
    found: list[Callable[[Answered], None]] = app.extensions.setdefault("tierslieu.visitors", [])
    return found


def install(app: Flask, speak: Callable[[str, str], str], language_cookie: str) -> None:
    """Put the shelf before ``app``. ``speak`` chooses the language by what the cookie of that name
    keeps and what the browser asks for."""
    front = Front(app, speak, language_cookie, listeners(app))
    app.wsgi_app = front  # type: ignore[method-assign]
    app.extensions["tierslieu.shelf"] = front.shelf


@event.listens_for(db.session, "after_commit")
def _forget_pages(session: object) -> None:
    # After, not before: what is drawn meanwhile must not be kept for newer than it is.
    if has_app_context() and (shelf := current_app.extensions.get("tierslieu.shelf")):
        shelf.clear()


def finish(response: Response, *, is_for_all: bool) -> None:
    """The last look at an answer, its cookies decided: say who may keep it, and keep it."""
    asked: Asked | None = request.environ.get(ASKED)
    view = current_app.view_functions.get(request.endpoint or "")
    if asked is None or not getattr(view, "same_for_visitors", False):
        return
    if response.status_code != 200 or (asked.is_somebodys and not is_for_all):
        return
    headers = response.headers
    if "Set-Cookie" in headers or response.direct_passthrough or response.is_streamed:
        return
    if headers.get("Cache-Control") in (None, "private, no-cache"):
        headers["Cache-Control"] = (
            # A browser asks each time: whoever signs in sees their own page at once.
            f"public, max-age=0, s-maxage={SECONDS}"
        )
    elif not response.cache_control.public:
        return
    response.vary.update(("Accept",))
    if not is_for_all:
        response.vary.update(("Accept-Language", "Cookie"))
    body = response.get_data()
    response.add_etag(weak=True)
    if len(body) <= MOST_BYTES and request.method == "GET":
        told = tuple((k, v) for k, v in headers if k.lower() not in OWN_HEADERS)
        tag = response.get_etag()[0] or ""
        page = Kept(request.endpoint or "-", body, tag, told, clock.now(), is_for_all)
        shelf: Shelf = current_app.extensions["tierslieu.shelf"]
        shelf.put(asked.key, page, asked.age)
    response.make_conditional(request)
