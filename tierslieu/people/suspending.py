"""What an administrator may do with somebody's account: suspend and reopen it, end its sessions,
invite somebody who has none. Each is written in the logbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.people.devices.rules import end_others
from tierslieu.people.models import ADMINISTRATOR, AccountSuspension, Role, User
from tierslieu.people.queries import count_administrators
from tierslieu.people.rules import create_user, new_uniquifier

REASON_LIMIT = 600  # characters


def find_suspension(db: Session, user_id: UUID) -> AccountSuspension | None:
    """Why and since when this account is suspended; None when it is open, or erased."""
    return db.get(AccountSuspension, user_id)


def _hold(db: Session, user_id: UUID) -> User:
    lock_for_writing(db)
    # The same row as in changing roles: two administrators cannot suspend each other.
    db.scalar(select(Role.id).where(Role.name == ADMINISTRATOR).with_for_update())
    user = db.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    if user is None:
        raise NotYours()
    return user


def suspend_account(
    db: Session, user_id: UUID, reason: str, *, actor_id: UUID, now: datetime
) -> User:
    """Nobody enters this account until it is reopened: its sessions and its access keys open
    nothing. What it holds stays. The person reads the reason in a mail.

    Raises :class:`Refused` ``reason_missing``, ``own_account``, ``last_administrator``,
    ``not_open``; :class:`NotYours`.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            _("Dites pourquoi, en quelques mots : la personne lira cette raison."),
            code="reason_missing",
            field="reason",
            status=422,
        )
    if user_id == actor_id:
        raise Refused(_("On ne suspend pas son propre compte."), code="own_account", field="reason")
    user = _hold(db, user_id)
    if not user.active:
        raise Refused(_("Ce compte n’est pas ouvert : rien n’a changé."), code="not_open")
    if user.holds(ADMINISTRATOR) and count_administrators(db) == 1:
        raise Refused(
            _("C’est la dernière personne qui administre le lieu : son compte reste ouvert."),
            code="last_administrator",
        )
    user.active, user.fs_uniquifier = False, new_uniquifier()
    end_others(db, user_id)
    db.add(AccountSuspension(user_id=user_id, reason=reason, since=now))
    if user.confirmed_at is not None:
        facts = {"name": user.name, "reason": reason}
        write_mail(db, user.email, "people_suspended", facts, now=now)
    db.flush()
    note(db, Act.ACCOUNT_SUSPENDED, now=now, subject_id=user_id, words=reason, actor_id=actor_id)
    return user


def reopen_account(db: Session, user_id: UUID, *, now: datetime) -> User:
    """The account opens again, as it was; its person is told. Raises :class:`Refused`
    ``not_suspended``; :class:`NotYours`."""
    user = _hold(db, user_id)
    suspended = find_suspension(db, user_id)
    if suspended is None:
        raise Refused(_("Ce compte n’est pas suspendu : rien n’a changé."), code="not_suspended")
    db.delete(suspended)
    user.active = True
    if user.confirmed_at is not None:
        write_mail(db, user.email, "people_reopened", {"name": user.name}, now=now)
    db.flush()
    note(db, Act.ACCOUNT_REOPENED, now=now, subject_id=user_id)
    return user


def end_sessions(db: Session, user_id: UUID, *, now: datetime) -> User:
    """Whoever is signed in to this account, anywhere, has to sign in again. Raises
    :class:`Refused` ``not_open``; :class:`NotYours`."""
    user = _hold(db, user_id)
    if not user.active:
        raise Refused(_("Ce compte n’est pas ouvert : rien n’a changé."), code="not_open")
    user.fs_uniquifier = new_uniquifier()
    end_others(db, user_id)
    db.flush()
    note(db, Act.SESSIONS_ENDED, now=now, subject_id=user_id)
    return user


def invite_person(
    db: Session, *, email: str, name: str, roles: Sequence[str], now: datetime
) -> User:
    """An account for somebody who has none, and a mail that says how to enter it: by a link asked
    for at that address, which proves it. Raises as :func:`create_user`."""
    user = create_user(db, email=email, name=name, roles=roles, confirmed=False, now=now)
    write_mail(db, user.email, "people_invited", {"name": user.name}, now=now)
    note(db, Act.ACCOUNT_MADE, now=now, subject_id=user.id)
    for role in user.roles:
        note(db, Act.ROLE_GIVEN, now=now, subject_id=user.id, about={"role": role.name})
    return user
