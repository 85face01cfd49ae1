"""Who may reach a page. Each view states it once; a test tries every endpoint with every role.

These guards look at the role only. Access to an object is decided where it is looked up: the
query takes the person and finds nothing that is not theirs to see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import (
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_security import current_user

from tierslieu.web.unsent import unsent_texts

if TYPE_CHECKING:  # people stand on a higher floor; only the type is named here
    from tierslieu.people.models import User

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed_in"


def current_person() -> User:
    """The signed-in person. Use only behind :func:`signed_in` or :func:`roles`."""
    return cast("User", current_user._get_current_object())


def current_person_or_none() -> User | None:
    """The signed-in person, or None for a visitor."""
    return current_person() if current_user.is_authenticated else None


def ask_to_sign_in() -> Any:
    """Send a visitor to sign in, and back: to the page asked for, or the one a form stood on."""
    if request.headers.get("HX-Request") == "true":
        # A page that asks for a part of itself: all of it goes to sign in, not the part.
        flash(_("Votre session est terminée : connectez-vous pour revenir à cette page."), "info")
        wanted = own_path(request.headers.get("HX-Current-URL"))
        return Response(status=401, headers={"HX-Redirect": url_for("security.login", next=wanted)})
    if request.method == "GET":
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    # Where a form is sent is no page: whose session ended meanwhile comes back to the form.
    back = own_path(request.referrer)
    if texts := unsent_texts():
        page = render_template("security/session_over.html", texts=texts, back=back)
        return page, 401, {"Cache-Control": "no-store"}
    flash(_("Votre session est terminée : connectez-vous, puis recommencez."), "info")
    return redirect(url_for("security.login", next=back))


def own_path(address: str | None) -> str | None:
    """The path of a page of ours; None for any other address."""
    parts = urlsplit(address or "")
    return parts.path if parts.netloc == request.host else None


def public(view: View) -> View:
    """Anybody may come."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anybody with an account may come; a visitor is sent to sign in and comes back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        return view(*args, **kwargs)

    guarded.access = SIGNED_IN  # type: ignore[attr-defined]
    return cast(View, guarded)


def roles(*names: str) -> Callable[[View], View]:
    """Those who hold one of these roles may come; others signed in get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return ask_to_sign_in()
            if not current_person().holds(*names):
                abort(403)
            return view(*args, **kwargs)

        guarded.access = " ".join(sorted(names))  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate
