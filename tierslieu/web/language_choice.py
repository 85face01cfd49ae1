"""What language a page speaks: what this person chose, else this browser, else what it asks for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, has_request_context, request, session
from flask_security import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from tierslieu.web.headers import cookie_name
from tierslieu.web.languages import LOCALES, MAIN, current
from tierslieu.web.unseen import is_the_same_for_everybody

if TYPE_CHECKING:  # people stand on a higher floor; only the type is named here
    from tierslieu.people.models import User

COOKIE = "langue"
COOKIE_AGE = 365 * 86_400  # seconds


def _cookie() -> str:
    return cookie_name(COOKIE, is_https=bool(current_app.config["SESSION_COOKIE_SECURE"]))


def choose_locale() -> str:
    """The locale of this request, for Flask-Babel; French outside of any."""
    if not has_request_context():
        return LOCALES[MAIN]
    if is_the_same_for_everybody():  # its address says the language, nothing of who asks
        return LOCALES.get(request.args.get("langue", MAIN), LOCALES[MAIN])
    asked = request.headers.get("Accept-Language", "")
    chosen = _of_the_person() or request.cookies.get(_cookie(), "")
    return LOCALES[choose_for_visitor(chosen, asked)]


@lru_cache(maxsize=1_000)  # browsers ask in few ways, and reading what they ask costs
def choose_for_visitor(chosen: str, asked: str) -> str:
    """The language that was chosen, else the one that an ``Accept-Language`` likes best."""
    if chosen in LOCALES:
        return chosen
    return parse_accept_header(asked, LanguageAccept).best_match(LOCALES, MAIN) or MAIN


def _of_the_person() -> str:
    if "_user_id" not in session:  # a visitor costs no look into the database
        return ""
    try:
        person = cast("User", current_user)
        return person.language if person.is_authenticated else ""
    except SQLAlchemyError:  # the page that says so has to be in some language
        return ""


def install(app: Flask) -> None:
    """Have each page say its language, and caches keep one for each."""
    app.jinja_env.globals["tongue"] = current
    app.jinja_env.globals["this_page"] = this_page

    @app.after_request
    def say(response: Response) -> Response:
        if response.mimetype != "text/html":
            return response
        response.headers.setdefault("Content-Language", current())
        if not is_the_same_for_everybody():
            response.vary.update(("Accept-Language", "Cookie"))
        return response


def this_page() -> str:
    """The path of this page, to come back to it. What a form that was refused is shown at has none
    to open: the page that form stood on; and the first page where that is not known."""
    rule = request.url_rule
    if rule is not None and "GET" in (rule.methods or ()):
        return request.full_path if request.query_string else request.path
    came = urlsplit(request.referrer or "")
    if rule is None or came.netloc != request.host or not _opens(came.path):
        return "/"
    return came._replace(scheme="", netloc="", fragment="").geturl()


def _opens(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and bool(adapter.match(path, method="GET"))
    except HTTPException:  # no page, or none that opens so
        return False


def keep_in_browser(response: Response, language: str, *, is_https: bool) -> None:
    """Have this browser remember the language: a word, nothing about who chose it."""
    response.set_cookie(
        cookie_name(COOKIE, is_https=is_https),
        language,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=is_https,
    )
