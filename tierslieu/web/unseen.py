"""Pages that are the same for everybody, also within other people's sites: no cookie is set there.

Flask says «Vary: Cookie» of every answer for which something looked at the session, and the
library of accounts looks each time. What a view marked :func:`unseen` answers depends on nobody:
it leaves without a cookie and without that word, so that caches may keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from tierslieu import clock
from tierslieu.web import visitors

View = TypeVar("View", bound=Callable[..., Any])


def is_the_same_for_everybody() -> bool:
    """Whether the view of this request is marked :func:`unseen`."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "is_unseen", False))


def unseen(view: View) -> View:
    """This view's answer is the same whoever asks; it must look at no session itself."""
    view.is_unseen = True  # type: ignore[attr-defined]
    return view


def asks_nobody(view: View) -> View:
    """This view answers before anything asks who is there: the library of accounts looks for the
    person in the database before every view, and the database may be what is gone."""
    view.asks_nobody = True  # type: ignore[attr-defined]
    return unseen(view)


class _Signer(TimestampSigner):
    """Takes what it signed when the clock was ahead: set back by an hour, it would otherwise have
    everybody sign in again. How long a session lasts, its row says."""

    def unsign(self, *args: Any, **kwargs: Any) -> Any:
        """As the library does; raises :class:`itsdangerous.BadSignature`."""
        try:
            return super().unsign(*args, **kwargs)
        except SignatureExpired as expired:
            if expired.date_signed is None or expired.date_signed <= clock.now():
                raise
            return super().unsign(*args, **kwargs | {"max_age": None})


class Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, which views marked :func:`unseen` never send."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs the cookie, and reads it back also when it seems to come from later."""
        made = super().get_signing_serializer(app)
        if made is not None:
            made.signer = _Signer
        return made

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, last of all that touches an answer."""
        if is_the_same_for_everybody():
            response.headers.remove("Set-Cookie")
        else:
            super().save_session(app, session, response)
        visitors.finish(response, is_for_all=is_the_same_for_everybody())


def install(app: Flask) -> None:
    """Let ``app`` have such pages. Before the library of accounts is: the first to register is
    the first to be asked."""
    app.session_interface = Sessions()

    @app.before_request
    def answer_first() -> Any:
        view = app.view_functions.get(request.endpoint or "")
        is_first = getattr(view, "asks_nobody", False) or request.endpoint == "static"
        if is_first and request.method in ("GET", "HEAD"):
            return app.ensure_sync(view)(**(request.view_args or {}))  # type: ignore[arg-type]
        return None
