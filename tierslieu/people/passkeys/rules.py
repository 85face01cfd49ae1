"""Passkeys added, used and removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import LEARNER, Passkey, User
from tierslieu.people.passkeys.ceremonies import (
    LASTS,
    Asked,
    expired,
    is_of,
    not_recognised,
    read_credential_id,
    read_made,
    read_signed,
)
from tierslieu.people.passkeys.forgetting import forget_passkeys
from tierslieu.people.passkeys.party import Party
from tierslieu.people.passkeys.queries import count_passkeys, find_passkey, list_passkeys
from tierslieu.people.second.rules import has_second_factor

MOST = 20  # passkeys of one person


class Copied(Refused):
    """The counter of a passkey went back: two devices hold it. Written down before it is raised;
    whoever catches it commits."""


def add_passkey(
    db: Session,
    user: User,
    answer: str,
    *,
    name: str,
    asked: Asked | None,
    party: Party,
    now: datetime,
) -> Passkey:
    """Keep the passkey a device made for this person; a mail tells them.

    Raises :class:`Refused` ``passkey_expired``, ``passkey_refused``, ``passkey_known``,
    ``too_many``.
    """
    made = read_made(party, answer, _challenge(asked, now))
    lock_for_writing(db)
    db.get(User, user.id, with_for_update=True, populate_existing=True)
    if find_passkey(db, made.credential_id) is not None:
        raise Refused(_("Cette clé d’identification est déjà connue ici."), code="passkey_known")
    if count_passkeys(db, user.id) >= MOST:
        raise Refused(
            _("Vous avez déjà %(count)d clés : retirez-en une d’abord.", count=MOST),
            code="too_many",
        )
    row = Passkey(
        user_id=user.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        added_at=now,
    )
    db.add(row)
    db.flush()
    _tell(db, user, "added", row, Act.PASSKEY_ADDED, now)
    return row


def enter(
    db: Session,
    answer: str,
    *,
    asked: Asked | None,
    party: Party,
    now: datetime,
    only: UUID | None = None,
) -> User:
    """Whose passkey signed this: an open account. ``only``: it has to be this person's, who gave a
    password before. A challenge serves once for a passkey, nor does an earlier one.

    Raises :class:`Refused` ``passkey_expired``, ``passkey_refused`` (the account is closed or
    suspended too), :class:`Copied`.
    """
    challenge = _challenge(asked, now)
    row = find_passkey(db, read_credential_id(answer))
    if row is None or asked is None:
        raise not_recognised()
    signed = read_signed(party, answer, challenge, row.public_key)
    # Somebody already known by a password needs not be told; otherwise the device says who it is.
    is_theirs = is_of(signed.handle, row.user_id) or (signed.handle is None and only is not None)
    if not is_theirs or only not in (None, row.user_id):
        raise not_recognised()
    lock_for_writing(db)
    held = db.get(Passkey, row.id, with_for_update=True, populate_existing=True)
    user = db.get(User, row.user_id, populate_existing=True)
    if held is None or user is None or not user.active or user.confirmed_at is None:
        raise not_recognised()
    if held.last_asked_at is not None and asked.at <= held.last_asked_at:
        raise expired()
    if (signed.sign_count or held.sign_count) and signed.sign_count <= held.sign_count:
        note(db, Act.PASSKEY_REFUSED, now=now, subject_id=user.id, actor_id=user.id)
        _write(db, user, "copied", held, now, due_key=f"passkey-copied:{held.id}:{now:%Y-%m-%d}")
        raise Copied(
            _(
                "Cette clé d’identification semble avoir été copiée : elle n’ouvre pas. "
                "Connectez-vous autrement, retirez-la et écrivez à l’équipe."
            ),
            code="passkey_copied",
            status=422,
        )
    held.sign_count, held.last_used_at, held.last_asked_at = signed.sign_count, now, asked.at
    db.flush()
    return user


def _challenge(asked: Asked | None, now: datetime) -> bytes:
    if asked is None or not asked.at <= now < asked.at + LASTS:
        raise expired()
    return asked.challenge


def remove_passkey(
    db: Session, user: User, passkey_id: UUID, *, now: datetime, is_free: bool = False
) -> None:
    """Take one away; a mail tells the person. ``is_free``: this place asks nobody for a second
    factor (a demonstration).

    Raises :class:`NotYours`; :class:`Refused` ``last_one`` for the only second factor of whose
    role asks for one.
    """
    lock_for_writing(db)
    db.get(User, user.id, with_for_update=True, populate_existing=True)
    rows = {row.id: row for row in list_passkeys(db, user.id)}
    row = rows.get(passkey_id)
    if row is None:
        raise NotYours(_("Cette clé n’est plus là."))
    needs = user.needs_second_factor and not is_free
    if needs and len(rows) == 1 and not has_second_factor(user):
        raise Refused(
            _(
                "Votre rôle demande une double vérification et cette clé est la seule : "
                "ajoutez-en une autre ou réglez une application de codes, puis retirez celle-ci."
            ),
            code="last_one",
        )
    db.delete(row)
    if len(rows) == 1 and not has_second_factor(user):
        user.mf_recovery_codes = None  # they stood in for nothing but this key
    db.flush()
    _tell(db, user, "removed", row, Act.PASSKEY_REMOVED, now)


def _write(
    db: Session, user: User, what: str, row: Passkey, now: datetime, due_key: str | None = None
) -> None:
    context = {"name": user.name, "what": what, "key": row.name}
    write_mail(db, user.email, "people_passkey", context, now=now, due_key=due_key)


def _tell(db: Session, user: User, what: str, row: Passkey, act: Act, now: datetime) -> None:
    _write(db, user, what, row, now)
    if any(role.name != LEARNER for role in user.roles):
        note(db, act, now=now, subject_id=user.id, actor_id=user.id)


def count_weak(db: Session, user_id: UUID, now: datetime) -> int:
    """Those that a password or a mailbox alone may have made, and that end with it. Whose account
    asks for a second factor made them with one: they stay, or whoever holds the mailbox would come
    in without it."""
    user = db.get(User, user_id)
    if user is None or user.needs_second_factor or has_second_factor(user):
        return 0
    return count_passkeys(db, user_id)


def describe_weak(count: int) -> str:
    """That, in a sentence."""
    return str(
        ngettext(
            "%(num)s clé d’identification ouvre votre compte sans mot de passe.",
            "%(num)s clés d’identification ouvrent votre compte sans mot de passe.",
            count,
        )
    )


def close_weak(db: Session, user_id: UUID, now: datetime) -> int:
    """End them; how many they were."""
    return forget_passkeys(db, user_id) if count_weak(db, user_id, now) else 0
