"""One-time codes: eight digits by mail, six digits of an application, and codes kept for a rainy
day. All are kept encrypted, by keys made of the place's own secret."""

from __future__ import annotations

import json
from typing import Any

import segno
from flask import request, session
from flask_babel import gettext as _
from flask_security import MfRecoveryCodesUtil, Security, Totp
from markupsafe import Markup
from passlib.exc import TokenError  # type: ignore[import-untyped]
from passlib.totp import TOTP, AppWallet, TotpMatch  # type: ignore[import-untyped]

from tierslieu import clock
from tierslieu.db import db, lock_for_writing
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.place.showing import the_place

MAILED = 8  # digits; an application shows six
SETTING_UP = "security.two_factor_setup"


class HouseTotp(Totp):
    """Codes that serve once. A mailed one proves the address too."""

    def __init__(self, secrets: dict[str, str] | dict[int, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        # The key that encrypts is derived from the place's own secret: stretching it adds nothing,
        # and its 30 ms would tell an address that waits for a code from one that doesn't.
        wallet = AppWallet(secrets, encrypt_cost=4)
        self._totp = TOTP.using(issuer=issuer, wallet=wallet)  # a secret says its own digits
        self._mailed = TOTP.using(issuer=issuer, wallet=wallet, digits=MAILED)

    def generate_totp_secret(self) -> str:
        """A new secret, encrypted: for an application where one is set up, else for a mail.

        Until its first code was right, the one that waits to be proved stays: the page loaded anew,
        or a digit mistyped, shows the picture that the application has read already.
        """
        if request and request.endpoint == SETTING_UP:
            waits = session.get("tf_totp_secret")
            if waits and session.get("tf_state") == "validating_profile":
                return str(waits)
        kind = self._totp if request and request.endpoint == SETTING_UP else self._mailed
        return str(kind.new().to_json(encrypt=True))

    def verify_totp(self, token: str, totp_secret: str, user: User, window: int = 0) -> bool:  # type: ignore[override]
        """Whether the code is right; if so it is spent, and a mailed one confirms the address."""
        token = token.replace(" ", "") if isinstance(token, str) else ""
        if not token.isascii():
            return False
        if self._totp.from_source(totp_secret).digits == MAILED:
            return self._verify_mailed(token, totp_secret, user, window)
        _hold(user)  # two that come at once with the same code: the second finds it spent
        if super().verify_totp(token, totp_secret, user, window):
            return True
        db.session.rollback()  # nobody waits for the page that says so
        return False

    def _verify_mailed(self, token: str, totp_secret: str, user: User, window: int) -> bool:
        try:
            self._totp.verify(token, totp_secret, window=window)
        except TokenError:
            return False
        _hold(user)  # of two that come at once with the same link, the second finds it spent
        if totp_secret not in json.loads(user.us_totp_secrets or "{}").values():
            db.session.rollback()
            return False
        user.us_totp_secrets = None
        user.confirmed_at = user.confirmed_at or clock.now()
        return True

    def get_last_counter(self, user: User) -> int | None:  # type: ignore[override]
        """The interval of the last code of this person's application."""
        return user.tf_last_counter

    def set_last_counter(self, user: User, tmatch: TotpMatch) -> None:  # type: ignore[override]
        """No code of that interval, nor an earlier one, serves again."""
        user.tf_last_counter = tmatch.counter

    def get_totp_uri(self, username: str, totp_secret: str) -> str:
        """What the picture says: whose account, and the place by its name of today."""
        issuer = the_place().name.replace(":", " ")  # as applications show it; they cut at a colon
        return str(self._totp.from_source(totp_secret).to_uri(username, issuer=issuer))

    def generate_qrcode(self, username: str, totp: str) -> Any:
        """The picture an application reads, dark on its own white, as SVG within the page."""
        code = segno.make(self.get_totp_uri(username, totp), error="m", micro=False)
        drawn = code.svg_inline(
            scale=1, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr"
        )
        return Markup(drawn)  # noqa: S704 - the library's own drawing of our own text


class HouseSecurity(Security):
    """The library, whose pictures to scan are drawn by ours rather than by ``qrcode``."""

    def _check_modules(self, module: str, feature: str) -> None:
        if module != "qrcode":
            super()._check_modules(module, feature)  # type: ignore[no-untyped-call]


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes for who lost the application: ten, each once."""

    def check_recovery_code(self, user: User, code: str) -> bool:  # type: ignore[override]
        """Whether it is one of theirs that has not served."""
        _hold(user)
        is_right = bool(super().check_recovery_code(user, code))
        if not is_right:
            db.session.rollback()
        return is_right


def hold_to_reset(user: User) -> None:
    """The same for a new password, hashed by now: of two that come with one link, the second finds
    it spent, and what the first chose is not replaced. Raises :class:`Refused` ``link_over``."""
    mark, password, confirmed_at = user.fs_uniquifier, user.password, user.confirmed_at
    db.session.rollback()
    _hold(user)
    if user.fs_uniquifier != mark or not user.active:
        raise Refused(
            _("Ce lien a expiré ou a déjà servi : demandez-en un autre."),
            code="link_over",
            status=410,
        )
    user.password, user.confirmed_at = password, confirmed_at


def _hold(user: User) -> None:
    """Read this person anew, and let nobody else use a code of theirs until the commit."""
    session = db.session()
    lock_for_writing(session)
    # Not `refresh`: the library reads people with their roles joined, a refresh would join them
    # again, and PostgreSQL holds no row of an outer join.
    session.get(User, user.id, with_for_update=True, populate_existing=True)
