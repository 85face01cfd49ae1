"""What people and machines get when something is refused or fails. Never a stack trace."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, abort, flash, json, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import logs
from tierslieu.db import db, is_full, is_passing
from tierslieu.errors import Refused
from tierslieu.store.shelf import StoreAway, is_of_the_disk

# What only a program asks for; each of them reads JSON.
JSON_TYPES = (
    "application/json",
    "application/problem+json",
    "application/ld+json",
    "application/vc",
    "application/vc+ld+json",
    "application/vp",
    "application/did+json",
    "application/did+ld+json",
)
KEPT_HEADERS = ("Allow", "Retry-After")
PAGES = {403, 404, 409, 410, 413, 429, 500, 503}
FAILURES = {
    500: ("internal_error", "Internal Server Error"),
    503: ("unavailable", "Service Unavailable"),
}
COME_BACK = 5  # seconds after which to ask again for what a database could not give
COME_BACK_FULL = 120  # somebody has to make room first
FILES_BACK = 60  # seconds, likewise, for what the store of the files could not give


def wants_json() -> bool:
    """Whether the asker is a script."""
    accept = request.accept_mimetypes
    best = accept.best_match(["text/html", *JSON_TYPES])
    return request.path.startswith(("/api/", "/vc-api/", "/xapi/")) or (
        best in JSON_TYPES and accept[best] > accept["text/html"]
    )


def problem(status: int, code: str, title: str, **more: Any) -> Response:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "status": status, "code": code, "title": title, **more}
    return Response(json.dumps(body), status, content_type="application/problem+json")


def back_or(url: str) -> BaseResponse:
    """Redirect to the page the person came from if it is ours, else to ``url``."""
    came_from = request.referrer or ""
    if came_from.startswith(request.host_url):
        return redirect(came_from)
    return redirect(url)


def _say_full() -> str:
    """What the page says of a disk that takes nothing more."""
    return str(
        _(
            "Le disque du lieu est plein, ou n’accepte plus d’écriture : rien de nouveau ne peut y "
            "être enregistré. Prévenez l’équipe ; les pages se lisent encore."
        )
    )


def _draw(app: Flask, page: int, message: str = "", todo: str = "") -> str:
    """The page that excuses us. What failed may be what it is drawn with (the database, for who
    is signed in): then its bare words."""
    try:
        return render_template(f"errors/{page}.html", message=message, todo=todo)
    except Exception as error:
        db.session.rollback()
        told = logs.fields(page=page, **logs.describe_error(error))
        app.logger.error("an error page could not be drawn", extra=told)
        sentence = _("Une panne de notre côté : réessayez dans quelques minutes.")
        mark = _("Référence à donner si vous nous écrivez : %(mark)s", mark=logs.request_id())
        return (
            f'<!doctype html><html lang="fr"><title>{sentence}</title>'
            f"<h1>{sentence}</h1><p>{mark}</p></html>"
        )


def install(app: Flask) -> None:
    """Register the handlers on ``app``."""

    @app.before_request
    def refuse_nul() -> None:
        # No text of ours holds a NUL, and PostgreSQL takes none: such an address leads nowhere.
        if "\0" in request.path:
            abort(404)

    @app.errorhandler(Refused)
    def refused(
        error: Refused,
    ) -> Response | BaseResponse | tuple[str, int, dict[str, str]]:
        db.session.rollback()
        wait = error.more.get("retry_after")
        kept = {"Retry-After": str(wait)} if wait else {}
        # Who is turned away at the door may not have been asked yet what they read.
        if wants_json() or (wait and request.is_json):
            title = error.message or str(_("Il n’y a rien ici."))
            answer = problem(error.status, error.code, title, **error.more)
            answer.headers.update(kept)
            return answer
        if request.method == "POST" and error.status == 409:
            flash(error.message, "error")
            return back_or("/")
        page = error.status if error.status in PAGES else 409
        return render_template(f"errors/{page}.html", message=error.message), error.status, kept

    @app.errorhandler(HTTPException)
    def http_error(
        error: HTTPException,
    ) -> Response | BaseResponse | tuple[str, int, dict[str, str]]:
        if error.response is not None:
            return cast(BaseResponse, error.response)
        if isinstance(error, InternalServerError) and isinstance(
            error.original_exception, Exception
        ):
            # What excuses us failed too, or what follows an answer: the database that went away
            # in the midst was still going. It is told as what it is.
            return failed(error.original_exception)
        status = error.code or 500
        if status < 400:
            return error.get_response()  # a redirection
        db.session.rollback()
        # What the status itself promises to say: which methods there are, when to come back.
        kept = {name: value for name, value in error.get_headers() if name in KEPT_HEADERS}
        if wants_json():
            answer = problem(status, error.name.lower().replace(" ", "_"), error.name)
            answer.headers.update(kept)
            return answer
        page = status if status in PAGES else (500 if status >= 500 else 404)
        if status in (400, 405, 415):
            page = 409
        if status == 405 and request.method in ("GET", "HEAD"):
            page = 405  # a phone opens its tabs anew at the address of what a form had sent
        return _draw(app, page), status, kept

    @app.errorhandler(StoreAway)
    def files_away(error: StoreAway) -> Response | tuple[str, int, dict[str, str]]:
        db.session.rollback()
        told = logs.fields(**logs.describe_error(error))
        app.logger.error("the files are away at %s", request.endpoint, extra=told)
        has_no_room = is_of_the_disk(error)
        kept = {"Retry-After": str(COME_BACK_FULL if has_no_room else FILES_BACK)}
        message = _(
            "Les fichiers du lieu ne répondent pas en ce moment : ce que vous envoyez n’est pas "
            "enregistré, et rien de ce qui l’était n’est perdu."
        )
        code, todo = "files_away", str(_("Réessayez dans quelques minutes."))
        if has_no_room:
            message, code, todo = _say_full(), "unavailable", ""
        if wants_json():
            answer = problem(503, code, str(message), request_id=logs.request_id())
            answer.headers.update(kept)
            return answer
        return _draw(app, 503, str(message), todo), 503, kept

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response | tuple[str, int, dict[str, str]]:
        db.session.rollback()
        has_no_room = is_full(error) or is_of_the_disk(error)
        status = 503 if has_no_room or is_passing(error) else 500
        # The class and the place; never the values, which may be personal.
        app.logger.error(
            "unhandled %s at %s",
            type(error).__name__,
            request.endpoint,
            exc_info=app.debug,
            extra=logs.fields(**logs.describe_error(error)),
        )
        if app.testing:
            raise error
        wait = COME_BACK_FULL if has_no_room else COME_BACK
        kept = {"Retry-After": str(wait)} if status == 503 else {}
        if wants_json():
            code, title = FAILURES[status]
            answer = problem(status, code, title, request_id=logs.request_id())
            answer.headers.update(kept)
            return answer
        return _draw(app, status, _say_full() if has_no_room else ""), status, kept
