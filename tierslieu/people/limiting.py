"""How often one may try to come in, and have mails sent to an address.

Counted for the account (by the address that was typed, whether or not it has an account) and for
the network address. Who signs in is not counted. A stranger locks nobody out: a device that has
signed in to an account before is counted on its own, and a mailed link asks for no count of the
account's.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from flask_security import user_authenticated
from itsdangerous import BadSignature, URLSafeSerializer

from tierslieu.db import db
from tierslieu.limits import guard
from tierslieu.limits.kinds import (
    MAIL_ACCOUNT,
    MAIL_CLIENT,
    REGISTER_CLIENT,
    SIGN_IN_ACCOUNT,
    SIGN_IN_CLIENT,
)
from tierslieu.limits.rules import Go, forget, give_back
from tierslieu.people.addresses import MOST as MOST_LETTERS
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.devices.keeping import ENTER_BY_PASSKEY, STRONG
from tierslieu.people.models import User
from tierslieu.web.headers import cookie_name

COOKIE = "connu"  # the accounts this browser has signed in to, by their names in the counts
KEPT = timedelta(days=365)
MOST = 5  # accounts a browser is known to

# Where something is tried that only the account's owner should know: the field of the address.
TRIES = {"security.login": "email", "security.us_signin": "identity"}
# Where anybody can have a mail sent to an address.
MAILS = {
    "security.us_signin_send_code": "identity",
    "security.forgot_password": "email",
    "security.send_confirmation": "email",
    "security.register": "email",
    "people.addresses": "email",
}


def is_plain(body: Any) -> bool:
    """Whether it is one JSON object without lists. Of a list the library would read the first
    one, and who counts tries would not see whose account it is."""
    return isinstance(body, dict) and not any(isinstance(v, list) for v in body.values())


def _sent(field: str) -> str:
    """The address of this request, in the form it is kept in if it is one."""
    body: Any = request.get_json(silent=True) if request.is_json else request.form
    text = body.get(field) if hasattr(body, "get") else None
    text = text if isinstance(text, str) else ""
    try:
        return normalise_email(text)
    except BadAddress:
        return text[:MOST_LETTERS]


def _cookie() -> str:
    return cookie_name(COOKIE, is_https=bool(current_app.config["SESSION_COOKIE_SECURE"]))


def _cookies() -> URLSafeSerializer:
    return URLSafeSerializer(cast(str, current_app.secret_key), salt="known device")


def _known() -> tuple[str, list[str]]:
    """Who this browser is to us (a random text) and the names of the accounts it is known to."""
    try:
        own, known = _cookies().loads(request.cookies.get(_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return "", []
    return str(own), [str(name) for name in known]


def _of_account(address: str) -> Go:
    """What is counted for the account: this device's own count, if it has come in before."""
    name = guard.names().of_account(address)
    own, known = _known()
    return SIGN_IN_ACCOUNT, f"{name}:{own}" if name in known else name


def _goes() -> list[Go]:
    """What this request counts as; clients before accounts."""
    endpoint = request.endpoint or ""
    if endpoint == "security.us_verify_link":
        # Not the address but what no stranger knows: the account's mark in its own links.
        secret = guard.names().of_account(request.args.get("id", "")[:64])
        return [(SIGN_IN_CLIENT, guard.client()), (SIGN_IN_ACCOUNT, secret)]
    if request.method != "POST":
        return []
    if endpoint == ENTER_BY_PASSKEY and not request.form.get("second"):
        return [(SIGN_IN_CLIENT, guard.client())]  # whose it is said to be is proved, not guessed
    if endpoint in STRONG:
        # Whose password was right already: no stranger comes this far.
        secret = guard.names().of_account(f"second\0{session.get('tf_user_id', '')}")
        return [(SIGN_IN_CLIENT, guard.client()), (SIGN_IN_ACCOUNT, secret)]
    if endpoint == "security.change_password" and current_user.is_authenticated:
        return [_of_account(current_user.email)]
    if endpoint in TRIES:
        return [(SIGN_IN_CLIENT, guard.client()), _of_account(_sent(TRIES[endpoint]))]
    if endpoint in MAILS:
        name = guard.names().of_account(_sent(MAILS[endpoint]))
        by = REGISTER_CLIENT if endpoint == "security.register" else MAIL_CLIENT
        return [(by, guard.client()), (MAIL_ACCOUNT, name)]
    return []


def _check() -> None:
    if not guard.factor():
        return
    goes = _goes()
    if request.endpoint in TRIES or request.endpoint in STRONG:
        g.tries = goes
    guard.check(goes)


def _forgive(app: Flask, user: User, **extra: Any) -> None:
    """Who came in had the right to try; and this browser is known to the account from now on.
    Written with the sign-in, in its transaction."""
    if not guard.factor():
        return
    for go in g.pop("tries", ()):
        if go[0] is SIGN_IN_CLIENT:
            give_back(db.session(), go, factor=guard.factor())
        else:
            forget(db.session(), go)
    g.known_to = guard.names().of_account(user.email)


def _remember(response: Response) -> Response:
    name = g.pop("known_to", None)
    if name is not None:
        own, known = _known()
        kept = [name, *(other for other in known if other != name)][:MOST]
        response.set_cookie(
            _cookie(),
            _cookies().dumps([own or secrets.token_hex(8), kept]),
            max_age=KEPT,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


def install(app: Flask) -> None:
    """Count in ``app`` who tries to come in."""
    app.before_request(_check)
    app.after_request(_remember)
    user_authenticated.connect(_forgive, app)
