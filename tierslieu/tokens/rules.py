"""Making, recognising and revoking bearer tokens.

A secret is ``tl_`` and 64 hexadecimal digits (256 bits of chance): the prefix lets programs that
look for leaked secrets recognise one. It is shown once; its SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.tokens.models import AccessToken
from tierslieu.tokens.queries import find_by_digest, list_ended_before, list_standing
from tierslieu.tokens.scopes import SCOPES, may_hold
from tierslieu.tokens.words import SCOPE_LABELS

PREFIX = "tl_"
SECRET = re.compile(r"tl_[0-9a-f]{64}")
NAME_LIMIT = 80
MAX_STANDING = 20  # of one person: more are no longer looked after
LIVES = (30, 90, 365)  # days a token may last


FORGOTTEN_AFTER = timedelta(days=365)  # the end of a token
AT_ONCE = 500


def forget_ended(db: Session, now: datetime) -> int:
    """Erase tokens that ended a year ago, or were revoked then; gives how many."""
    lock_for_writing(db)
    ended = list_ended_before(db, now - FORGOTTEN_AFTER, AT_ONCE)
    for token in ended:
        db.delete(token)
    db.flush()
    return len(ended)


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_token(
    db: Session, user_id: UUID, *, name: str, scopes: Iterable[str], days: int, now: datetime
) -> tuple[AccessToken, str]:
    """A token of this person's and its secret, which nobody can read again. They are told by mail.

    Raises :class:`Refused`: ``name_missing``, ``name_taken`` (by a token that still stands),
    ``scope_missing``, ``scope_unknown``, ``role_missing``, ``expiry_invalid``,
    ``too_many_tokens``; :class:`NotYours` for no open account.
    """
    name, wanted = name.strip(), list(dict.fromkeys(scopes))
    if not name or len(name) > NAME_LIMIT:
        raise Refused(
            _("Donnez à la clé un nom de %(max)d caractères au plus.", max=NAME_LIMIT),
            code="name_missing",
            field="name",
            status=422,
        )
    if days not in LIVES:
        raise Refused(
            _("Une clé dure 30, 90 ou 365 jours : choisissez."),
            code="expiry_invalid",
            field="days",
            status=422,
        )
    lock_for_writing(db)
    person = db.get(User, user_id, with_for_update={"of": User}, populate_existing=True)
    if person is None or not person.active:
        raise NotYours()
    _check_scopes(person, wanted)
    standing = list_standing(db, user_id, now)
    if any(token.name == name for token in standing):
        raise Refused(
            _("Vous avez déjà une clé de ce nom : retirez-la d’abord, ou choisissez-en un autre."),
            code="name_taken",
            field="name",
        )
    if len(standing) >= MAX_STANDING:
        raise Refused(
            _("Vous avez %(max)d clés : retirez celles qui ne servent plus.", max=MAX_STANDING),
            code="too_many_tokens",
        )
    secret = PREFIX + secrets.token_hex(32)
    token = AccessToken(
        user_id=user_id,
        name=name,
        scopes=[scope for scope in SCOPES if scope in wanted],
        digest=digest_of(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.add(token)
    db.flush()
    note(
        db,
        Act.TOKEN_MADE,
        now=now,
        subject_id=user_id,
        about={"token": str(token.id), "scopes": " ".join(token.scopes)},
    )
    # Whoever borrowed an open screen leaves this trace.
    write_mail(
        db,
        person.email,
        "tokens_made",
        {
            "name": person.name,
            "token": name,
            "scopes": [in_each(partial(str, SCOPE_LABELS[scope])) for scope in token.scopes],
        },
        now=now,
        due_key=f"token:{token.id}",
    )
    return token, secret


def _check_scopes(person: User, wanted: list[str]) -> None:
    if not wanted:
        raise Refused(
            _("Choisissez ce que la clé permet : au moins une chose."),
            code="scope_missing",
            field="scopes",
            status=422,
        )
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown:
        raise Refused(
            _("Portée inconnue : %(scopes)s.", scopes=", ".join(unknown)),
            code="scope_unknown",
            field="scopes",
            status=422,
        )
    beyond = [scope for scope in wanted if not may_hold(person, scope)]
    if beyond:
        raise Refused(
            _("Votre rôle ne permet pas cette portée : %(scopes)s.", scopes=", ".join(beyond)),
            code="role_missing",
            field="scopes",
            status=403,
        )


def recognise(db: Session, secret: str, now: datetime) -> AccessToken | None:
    """The token of this secret, if it stands and its owner may still enter."""
    if not SECRET.fullmatch(secret):
        return None
    digest = digest_of(secret)
    # Looked up by digest, which an asker cannot steer towards a kept one; then compared whole.
    token = find_by_digest(db, digest)
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    return token if token.stands(now) and token.user.active else None


def note_use(db: Session, token: AccessToken, now: datetime) -> bool:
    """Write down that it served today; says whether anything was written."""
    today = clock.to_local(now).date()
    if token.last_used_on == today:
        return False
    token_id = token.id
    lock_for_writing(db)
    db.execute(update(AccessToken).where(AccessToken.id == token_id).values(last_used_on=today))
    return True


def revoke_token(db: Session, user_id: UUID, token_id: UUID, *, now: datetime) -> AccessToken:
    """End a token of one's own at once; a second time changes nothing."""
    return _revoke(db, token_id, AccessToken.user_id == user_id, now=now)


def revoke_any_token(db: Session, token_id: UUID, *, now: datetime) -> AccessToken:
    """The same for somebody else's: by whoever administers the place."""
    return _revoke(db, token_id, now=now)


def _revoke(db: Session, token_id: UUID, *whose: ColumnElement[bool], now: datetime) -> AccessToken:
    lock_for_writing(db)
    query = select(AccessToken).where(AccessToken.id == token_id, *whose)
    token = db.scalar(query.with_for_update())
    if token is None:
        raise NotYours()
    if token.revoked_at is None:
        token.revoked_at = now
        db.flush()
        about = {"token": str(token.id)}
        note(db, Act.TOKEN_REVOKED, now=now, subject_id=token.user_id, about=about)
    return token


def revoke_all(db: Session, user_id: UUID, *, now: datetime) -> int:
    """End every token of one's own at once; how many stood.

    One statement, and no transaction begun anew: it is part of the one that changes the password.
    """
    ended = db.execute(
        update(AccessToken)
        .where(
            AccessToken.user_id == user_id,
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now,
        )
        .values(revoked_at=now)
    )
    count: int = ended.rowcount  # type: ignore[attr-defined]
    return count


def erase_tokens(db: Session, user_id: UUID) -> None:
    """Forget a person's tokens: none opens anything any more."""
    db.execute(delete(AccessToken).where(AccessToken.user_id == user_id))
