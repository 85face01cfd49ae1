"""Who may come in now, and by which invitation."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.devices.rules import hash_secret
from tierslieu.people.entry.models import EntryInvitation, EntrySetting
from tierslieu.people.entry.queries import (
    find_by_hash,
    find_invited,
    hold_invitation,
    list_over,
    read_setting,
)
from tierslieu.people.models import User
from tierslieu.web.formats import long_day

FORGOTTEN_AFTER = timedelta(days=15)
AT_ONCE = 500


class Door(enum.Enum):
    """For whom the door of the place is open."""

    EVERYBODY = "everybody"
    INVITED = "invited"
    NOBODY = "nobody"  # the pilot is over, and sign-up stays closed


class State(enum.Enum):
    """Where an invitation is."""

    MADE = "made"
    OPENED = "opened"
    USED = "used"  # by its one person, or as often as it may be
    ENDED = "ended"
    REVOKED = "revoked"


def door_of(setting: EntrySetting | None, now: datetime) -> Door:
    """For whom it is open now."""
    if setting is None or not setting.is_closed:
        return Door.EVERYBODY
    if setting.ends_at is None or now < setting.ends_at:
        return Door.INVITED
    return Door.EVERYBODY if setting.opens_after else Door.NOBODY


def door_now(db: Session, now: datetime) -> Door:
    """The same, asked of the database."""
    return door_of(read_setting(db), now)


def state_of(invitation: EntryInvitation, now: datetime) -> State:
    """Where it is now."""
    if invitation.uses >= invitation.most_uses:
        return State.USED
    if invitation.revoked_at is not None:
        return State.REVOKED
    if now >= invitation.ends_at:
        return State.ENDED
    return State.OPENED if invitation.opened_at is not None or invitation.uses else State.MADE


def last_day(ends_at: datetime) -> datetime:
    """An instant of the last day something is open."""
    return ends_at - timedelta(seconds=1)


def plain_code(text: str) -> str:
    """A code as it is hashed, however it is typed."""
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


def find_invitation(db: Session, secret: str) -> EntryInvitation | None:
    """The invitation of this link or code, whatever its state."""
    secret = secret[:100]
    return find_by_hash(db, [hash_secret(secret), hash_secret(plain_code(secret))])


def check_invitation(
    db: Session, invitation: EntryInvitation | None, now: datetime
) -> EntryInvitation:
    """Give back an invitation that opens now. Raises :class:`Refused` (410) with what is the
    matter: ``pilot_over``, ``unknown``, ``used``, ``revoked``, ``ended``."""
    if door_now(db, now) is Door.NOBODY:
        raise Refused(
            _("Le pilote est terminé : le lieu n’ouvre plus de compte pour le moment."),
            code="pilot_over",
            status=410,
        )
    if invitation is None:
        raise Refused(
            _("Ce lien ou ce code n’est pas complet, ou un plus récent l’a remplacé."),
            code="unknown",
            status=410,
        )
    state = state_of(invitation, now)
    said = {
        State.USED: _("Cette invitation a déjà servi autant de fois qu’elle le pouvait."),
        State.REVOKED: _("L’équipe a retiré cette invitation."),
        State.ENDED: _(
            "Cette invitation est terminée : elle valait jusqu’au %(day)s.",
            day=long_day(last_day(invitation.ends_at)),
        ),
    }
    if state in said:
        raise Refused(said[state], code=state.value, status=410)
    return invitation


def note_opened(db: Session, secret: str, *, now: datetime) -> EntryInvitation:
    """Somebody means to come in by this invitation. Raises as :func:`check_invitation`."""
    lock_for_writing(db)
    found = check_invitation(db, find_invitation(db, secret), now)
    if found.opened_at is None:
        found.opened_at = now
        db.flush()
    return found


def is_for(invitation: EntryInvitation, address: str) -> bool:
    """Whether this address may come in by it."""
    return not invitation.email or invitation.email == address


def admit(db: Session, user: User, secret: str, *, now: datetime) -> None:
    """Count a new account for the invitation it was made by, in the transaction that makes it.

    In a closed pilot, raises :class:`Refused` as :func:`check_invitation`, ``not_for_you`` where
    it is for another address. Where everybody may come, an invitation is counted if there is one.
    """
    lock_for_writing(db)
    door = door_now(db, now)
    found = find_invitation(db, secret) if secret else None
    # Read again as its row is held: two newcomers at once do not both take the last place.
    found = hold_invitation(db, found.id) if found is not None else None
    if door is not Door.EVERYBODY:
        found = check_invitation(db, found, now)
        if not is_for(found, user.email):
            raise not_for_you()
    elif found is not None and (
        state_of(found, now) not in (State.MADE, State.OPENED) or not is_for(found, user.email)
    ):
        found = None
    if found is not None:
        _count(found, now)
    # Whoever came by a code needs the link in their mail no more.
    for own in find_invited(db, [user.email], now).values():
        _count(own, now)
    db.flush()


def _count(invitation: EntryInvitation, now: datetime) -> None:
    invitation.uses += 1
    invitation.used_at = now
    invitation.opened_at = invitation.opened_at or now


def not_for_you() -> Refused:
    """The link was sent to somebody else, whoever that is."""
    return Refused(
        _(
            "Cette invitation vaut pour l’adresse qui l’a reçue : écrivez cette adresse-là, ou "
            "demandez une invitation pour l’autre."
        ),
        code="not_for_you",
        status=422,
    )


def set_entry(
    db: Session,
    *,
    is_closed: bool,
    ends_at: datetime | None,
    opens_after: bool,
    seen: int,
    by_id: UUID,
    now: datetime,
) -> EntrySetting:
    """Close the place to all but the invited, or open it. ``ends_at``: the end of the pilot.

    Raises :class:`Refused` ``past`` (``ends_at``), ``changed_meanwhile``.
    """
    if is_closed and ends_at is not None and ends_at <= now:
        raise Refused(
            _("Ce jour est passé : choisissez le dernier jour du pilote, à venir."),
            code="past",
            field="last",
            status=422,
        )
    lock_for_writing(db)
    setting = db.get(EntrySetting, 1, with_for_update=True, populate_existing=True)
    if seen != (setting.version if setting is not None else 0):
        raise Refused(
            _("Ce réglage a changé entre-temps : relisez-le, puis enregistrez de nouveau."),
            code="changed_meanwhile",
        )
    if setting is None:
        setting = EntrySetting(id=1, version=0)
        db.add(setting)
    setting.is_closed = is_closed
    setting.ends_at = ends_at if is_closed else None
    setting.opens_after = opens_after
    setting.version = seen + 1
    setting.by_id, setting.at = by_id, now
    db.flush()
    about: dict[str, str | int] = {"closed": int(is_closed), "opens_after": int(opens_after)}
    if setting.ends_at is not None:
        about["until"] = last_day(setting.ends_at).date().isoformat()
    note(db, Act.ENTRY_SET, now=now, about=about)
    return setting


def forget_over(db: Session, now: datetime) -> int:
    """Erase invitations fifteen days after their end, or after they were withdrawn."""
    lock_for_writing(db)
    found = list_over(db, now - FORGOTTEN_AFTER, AT_ONCE)
    for one in found:
        db.delete(one)
    db.flush()
    return len(found)


def erase_invitations(db: Session, address: str) -> None:
    """Erase what was written to this address."""
    db.execute(
        delete(EntryInvitation).where(EntryInvitation.email == address, EntryInvitation.email != "")
    )
