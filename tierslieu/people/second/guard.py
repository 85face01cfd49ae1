"""Between the sign-in and everything else: the second factor of those who award, export or
administer, and of whoever switched it on."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import logout_user, tf_disabled, tf_profile_changed
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.people.devices.keeping import ENTER_BY_PASSKEY, SECOND_FACTORS, current_session
from tierslieu.people.models import OpenSession, User
from tierslieu.people.passkeys.asking import pending
from tierslieu.people.passkeys.queries import count_passkeys
from tierslieu.people.second.rules import forget_second_factor, has_second_factor, tell
from tierslieu.people.stepping_up import RECENT
from tierslieu.settings import Settings
from tierslieu.web.access import current_person
from tierslieu.web.errors import problem, wants_json

CODES = "security.mf_recovery_codes"
# What is open to who signed in with one factor only: to go, and to read what is done with data.
OPEN = frozenset({"security.logout", "people.notice", "people.accessibility", "static"})
SETUP = frozenset(
    {
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        CODES,
        "people.passkeys",
        "people.add_passkey_here",
    }
)


def _looks_at_nobody() -> bool:
    """Whether this request's answer does not depend on a session: it is not looked at then."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return (
        current_app.config["SESSION_COOKIE_NAME"] not in request.cookies
        or request.endpoint in OPEN
        or getattr(view, "is_unseen", False)
        or str(getattr(view, "access", "")).startswith("token")
    )


def _guard() -> Response | BaseResponse | None:
    if _looks_at_nobody():
        return None
    if not current_user.is_authenticated:
        return _lead_on()
    person, row = current_person(), current_session()
    if row is not None and row.is_strong:
        return None
    settings: Settings = current_app.config["TIERSLIEU"]
    has_codes = has_second_factor(person)
    must = person.needs_second_factor and not settings.demo
    if not has_codes and not must:
        return None
    # A passkey is enough for whose role asks for more than a password. Nobody else is asked for
    # theirs: it was added for comfort, and they have no codes for a rainy day.
    is_set_up = has_codes or count_passkeys(db.session(), person.id) > 0
    if not is_set_up and request.endpoint in SETUP:
        return None
    said = (
        _("Votre compte demande un code en plus : connectez-vous de nouveau.")
        if has_codes
        else _("Votre rôle demande votre clé d’identification : connectez-vous avec elle.")
        if is_set_up
        else _("Votre rôle demande une double vérification : réglez-la pour continuer.")
    )
    if wants_json() or request.is_json:
        return problem(403, "second_factor_required", str(said))
    flash(said, "info")
    to = url_for("security.two_factor_setup")
    if is_set_up:
        wanted = request.path if request.method == "GET" else None
        if has_codes or row is None:
            logout_user()
        else:
            _leave_at_the_door(person, row)
        to = url_for("security.login" if has_codes else ENTER_BY_PASSKEY, next=wanted)
    if request.headers.get("HX-Request") == "true":
        return Response(status=403, headers={"HX-Redirect": to})
    return redirect(to)


def _leave_at_the_door(person: User, row: OpenSession) -> None:
    """End a session that the password alone opened; if it was given a moment ago, what is awaited
    now is a passkey of this person, or one of their codes for a rainy day."""
    is_recent = session.get("fs_paa", 0) > time.time() - RECENT * 60
    is_kept = row.is_kept
    logout_user()
    if is_recent:
        session["tf_user_id"], session["tf_state"] = person.fs_uniquifier, "ready"
        if is_kept:
            session["tf_remember_login"] = True


def _lead_on() -> BaseResponse | None:
    """From the page that asks for an application's code, who has no application: to what they
    have."""
    if request.endpoint != SECOND_FACTORS[0]:
        return None
    person = pending()
    if person is None or has_second_factor(person):
        return None
    has_one = count_passkeys(db.session(), person.id) > 0
    to = ENTER_BY_PASSKEY if has_one else "security.login"
    return redirect(url_for(to, next=request.args.get("next")))


def make_codes_for_rainy_days(person: User) -> bool:
    """Codes for whose role asks for a second factor and who has none yet; whether they were made.
    Whoever loses the one device that keeps their passkey comes in by them."""
    from flask_security.proxies import _security

    if not person.needs_second_factor or person.mf_recovery_codes:
        return False
    _security.mf_recovery_codes_util.create_recovery_codes(person)
    return True


def _set_up(app: Flask, user: User, **extra: Any) -> None:
    """Written with the second factor: this session has proved it; codes for a rainy day."""
    from flask_security.proxies import _security

    row = current_session()
    if row is not None:
        row.is_strong = True
    _security.mf_recovery_codes_util.create_recovery_codes(user)
    tell(db.session(), user, "on", now=clock.now())


def _switched_off(app: Flask, user: User, **extra: Any) -> None:
    forget_second_factor(user)
    tell(db.session(), user, "off", now=clock.now())


def _shown_after(view: Callable[..., Any]) -> Callable[..., Any]:
    """New codes are shown by the page after the form: loaded anew, that page makes no others in
    place of those that were just written down."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        answer = view(*args, **kwargs)
        if request.method == "POST" and isinstance(answer, str) and not g.get("form_was_refused"):
            return redirect(url_for(CODES, show_codes=1))
        return answer

    return shown


def install(app: Flask) -> None:
    """Ask in ``app`` for second factors."""
    app.before_request(_guard)
    app.view_functions[CODES] = _shown_after(app.view_functions[CODES])
    tf_profile_changed.connect(_set_up, app)
    tf_disabled.connect(_switched_off, app)
