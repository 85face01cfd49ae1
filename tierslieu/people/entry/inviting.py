"""Inviting: many addresses after a look at each, a code for several people; again; back."""

from __future__ import annotations

import enum
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.base import new_id
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import Letter, write_mails
from tierslieu.mail.words import in_each
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.devices.rules import hash_secret
from tierslieu.people.entry.models import EntryInvitation
from tierslieu.people.entry.queries import (
    find_accounts,
    find_invited,
    hold_invitation,
    read_setting,
)
from tierslieu.people.entry.rules import State, last_day, plain_code, state_of
from tierslieu.web.formats import long_day

MOST_LINES = 500
MOST_USES = 1000
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
TEMPLATE = "people_entry_invited"
_ANGLES = re.compile(r"<([^<>]*)>")


class Fate(enum.Enum):
    """What happens to a line of a list of addresses."""

    INVITED = "invited"
    KNOWN = "known"  # has an account
    ALREADY = "already"  # holds an invitation that opens
    TWICE = "twice"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True)
class Line:
    """A line as it was pasted, its address if it is one, and what happens."""

    number: int
    text: str
    address: str
    fate: Fate


def read_lines(db: Session, text: str, now: datetime) -> list[Line]:
    """What would happen to each line; nothing is written. One address a line, or several
    separated by commas or semicolons; «Ada <ada@example.org>» too.

    Raises :class:`Refused` ``empty``, ``too_many``.
    """
    raw = [part.strip() for part in re.split(r"[\n;,]", text)]
    raw = [part for part in raw if part]
    if not raw:
        raise Refused(_("Collez au moins une adresse."), code="empty", field="text", status=422)
    if len(raw) > MOST_LINES:
        raise Refused(
            _("%(most)d adresses au plus à la fois : coupez la liste.", most=MOST_LINES),
            code="too_many",
            field="text",
            status=422,
        )
    found = [(part, _address(part)) for part in raw]
    addresses = [address for _part, address in found if address]
    known, invited = find_accounts(db, addresses), find_invited(db, addresses, now)
    lines: list[Line] = []
    seen: set[str] = set()
    for number, (part, address) in enumerate(found, 1):
        if not address:
            fate = Fate.NO_ADDRESS
        elif address in seen:
            fate = Fate.TWICE
        elif address in known:
            fate = Fate.KNOWN
        elif address in invited:
            fate = Fate.ALREADY
        else:
            fate = Fate.INVITED
        seen.add(address)
        lines.append(Line(number, part[:200], address, fate))
    return lines


def _address(part: str) -> str:
    found = _ANGLES.search(part)
    try:
        return normalise_email(found[1] if found else part)
    except BadAddress:
        return ""


def check_end(db: Session, ends_at: datetime, now: datetime) -> None:
    """Raises :class:`Refused` ``past``; ``after_pilot`` for an end that the pilot does not see."""
    if ends_at <= now:
        raise Refused(
            _("Ce jour est passé : choisissez un jour à venir."),
            code="past",
            field="last",
            status=422,
        )
    setting = read_setting(db)
    pilot_ends = setting.ends_at if setting is not None and setting.is_closed else None
    if pilot_ends is not None and ends_at > pilot_ends:
        raise Refused(
            _(
                "Le pilote finit le %(day)s : l’invitation ne peut pas valoir plus longtemps.",
                day=long_day(last_day(pilot_ends)),
            ),
            code="after_pilot",
            field="last",
            status=422,
        )


def invite_addresses(
    db: Session, text: str, *, ends_at: datetime, by_id: UUID, now: datetime
) -> list[Line]:
    """Invite every line that may be; each gets a mail with a link of its own.

    Raises :class:`Refused` as :func:`read_lines` and :func:`check_end`.
    """
    lock_for_writing(db)
    check_end(db, ends_at, now)
    lines = read_lines(db, text, now)
    new = [line.address for line in lines if line.fate is Fate.INVITED]
    letters: list[Letter] = []
    for address in new:
        made = EntryInvitation(
            id=new_id(), email=address, ends_at=ends_at, made_at=now, by_id=by_id
        )
        letters.append(_letter(made, now))
        db.add(made)
    db.flush()
    write_mails(db, letters, now=now)
    if new:
        note(db, Act.PEOPLE_INVITED, now=now, about={"count": len(new)})
    return lines


def _letter(invitation: EntryInvitation, now: datetime) -> Letter:
    """Its mail, with a new secret: the link of an earlier one opens nothing any more."""
    secret = secrets.token_urlsafe(24)
    invitation.secret_hash = hash_secret(secret)
    invitation.sent_at = now
    invitation.times_sent = (invitation.times_sent or 0) + 1
    return Letter(
        invitation.email,
        TEMPLATE,
        {
            "path": f"/invitation/{secret}",
            "until": in_each(partial(long_day, last_day(invitation.ends_at))),
        },
        f"entry:{invitation.id}:{invitation.times_sent}",
    )


def make_code(
    db: Session, label: str, *, most_uses: int, ends_at: datetime, by_id: UUID, now: datetime
) -> tuple[EntryInvitation, str]:
    """A code that several people may use; gives it, as it is shown this once.

    Raises :class:`Refused` as :func:`check_end`, ``uses``.
    """
    if not 1 <= most_uses <= MOST_USES:
        raise Refused(
            _("De 1 à %(most)d personnes.", most=MOST_USES),
            code="uses",
            field="most_uses",
            status=422,
        )
    lock_for_writing(db)
    check_end(db, ends_at, now)
    # 31^12, about 59 bits: nobody finds one by trying, slowed as they are.
    code = "-".join("".join(secrets.choice(LETTERS) for _i in range(4)) for _j in range(3))
    made = EntryInvitation(
        label=label,
        secret_hash=hash_secret(plain_code(code)),
        most_uses=most_uses,
        ends_at=ends_at,
        made_at=now,
        by_id=by_id,
    )
    db.add(made)
    db.flush()
    note(db, Act.INVITATION_CODE_MADE, now=now, about={"uses": most_uses})
    return made, code


def _hold(db: Session, invitation_id: UUID) -> EntryInvitation:
    lock_for_writing(db)
    found = hold_invitation(db, invitation_id)
    if found is None:
        raise NotYours()
    return found


def send_again(db: Session, invitation_id: UUID, *, now: datetime) -> EntryInvitation:
    """Another mail, with a new link; the earlier one opens nothing any more. Raises
    :class:`Refused` ``not_open`` for a code, or one that opens nothing; :class:`NotYours`."""
    found = _hold(db, invitation_id)
    if not found.email or state_of(found, now) not in (State.MADE, State.OPENED):
        raise Refused(
            _("Cette invitation n’attend plus personne : faites-en une autre."), code="not_open"
        )
    write_mails(db, [_letter(found, now)], now=now)
    note(db, Act.INVITATION_SENT_AGAIN, now=now, about={"invitation": str(found.id)})
    return found


def revoke_invitation(db: Session, invitation_id: UUID, *, now: datetime) -> EntryInvitation:
    """Its link or code opens nothing any more; accounts made with it stay. Raises
    :class:`Refused` ``not_open``; :class:`NotYours`."""
    found = _hold(db, invitation_id)
    if state_of(found, now) not in (State.MADE, State.OPENED):
        raise Refused(_("Cette invitation n’ouvre déjà plus rien."), code="not_open")
    found.revoked_at = now
    db.flush()
    note(db, Act.INVITATION_REVOKED, now=now, about={"invitation": str(found.id)})
    return found


def restore_invitation(db: Session, invitation_id: UUID, *, now: datetime) -> EntryInvitation:
    """Undo it: the same link or code opens again, until its end. Raises :class:`Refused`
    ``not_revoked``; :class:`NotYours`."""
    found = _hold(db, invitation_id)
    if found.revoked_at is None:
        raise Refused(_("Cette invitation n’est pas retirée."), code="not_revoked")
    found.revoked_at = None
    db.flush()
    note(db, Act.INVITATION_RESTORED, now=now, about={"invitation": str(found.id)})
    return found


def counted(lines: Sequence[Line]) -> dict[Fate, int]:
    """How many lines have each fate."""
    return {fate: sum(line.fate is fate for line in lines) for fate in Fate}
