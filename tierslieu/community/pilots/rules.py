"""Making a pilot, inviting addresses to it, withdrawing an invitation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.community.pilots.models import Pilot, PilotMember
from tierslieu.community.pilots.queries import find_member, find_named, find_pilot, list_invited
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import Letter, write_mails
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.queries import find_user

MAX_NAME, MAX_DESCRIPTION = 120, 2000  # characters
MAX_AT_ONCE = 100  # addresses of one invitation


def _wrong(message: str, code: str, field: str) -> Refused:
    return Refused(message, code=code, field=field, status=422)


def save_pilot(
    db: Session,
    pilot_id: UUID | None,
    *,
    name: str,
    description: str,
    actor_id: UUID,
    now: datetime,
) -> Pilot:
    """Make a pilot or rename it. Raises ``name_missing``, ``name_too_long``,
    ``description_too_long``, ``name_taken``."""
    lock_for_writing(db)
    pilot = Pilot(created_by_id=actor_id, created_at=now)
    if pilot_id is not None:
        found = find_pilot(db, pilot_id)
        if found is None:
            raise NotYours
        pilot = found
    name, description = " ".join(name.split()), description.strip()
    if not name:
        raise _wrong(_("Donnez un nom au pilote."), "name_missing", "name")
    if len(name) > MAX_NAME:
        message = _("Ce nom est trop long : 120 caractères sont possibles.")
        raise _wrong(message, "name_too_long", "name")
    if len(description) > MAX_DESCRIPTION:
        message = _("Ce texte est trop long : 2 000 caractères sont possibles.")
        raise _wrong(message, "description_too_long", "description")
    same = find_named(db, name)
    if same is not None and same is not pilot:
        raise _taken()
    pilot.name, pilot.description = name, description
    db.add(pilot)
    try:
        db.flush()
    except IntegrityError:  # on PostgreSQL two may give the same name at once
        raise _taken() from None
    return pilot


def _taken() -> Refused:
    return _wrong(_("Un autre pilote porte déjà ce nom."), "name_taken", "name")


@dataclass(frozen=True)
class Invited:
    """How many addresses were invited, and how many were so already."""

    new: int
    known: int


def invite(db: Session, pilot_id: UUID, text: str, *, actor_id: UUID, now: datetime) -> Invited:
    """Invite the addresses of ``text`` (lines, commas, semicolons or spaces between them).

    Each gets a mail: with an account, a link to the pilot; without, a link to open one with that
    very address. Raises ``emails_missing``, ``emails_bad`` (names the first), ``emails_too_many``;
    then nobody is invited.
    """
    lock_for_writing(db)
    pilot = db.scalar(select(Pilot).where(Pilot.id == pilot_id).with_for_update())
    if pilot is None:
        raise NotYours
    emails = _read_addresses(text)
    known = list_invited(db, pilot_id)
    new = [email for email in emails if email not in known]
    db.add_all(
        PilotMember(pilot_id=pilot.id, email=email, invited_by_id=actor_id, invited_at=now)
        for email in new
    )
    db.flush()
    write_mails(db, [_letter(db, pilot, email, now) for email in new], now=now)
    return Invited(len(new), len(emails) - len(new))


def _read_addresses(text: str) -> list[str]:
    written = [word for word in re.split(r"[\s,;]+", text) if word]
    if not written:
        raise _wrong(_("Écrivez au moins une adresse."), "emails_missing", "emails")
    if len(written) > MAX_AT_ONCE:
        message = _("Cent adresses à la fois au plus : invitez en plusieurs fois.")
        raise _wrong(message, "emails_too_many", "emails")
    found: dict[str, None] = {}
    for word in written:
        try:
            found[normalise_email(word.strip("<>"))] = None
        except BadAddress:
            message = _(
                "« %(word)s » n’est pas une adresse complète : corrigez-la, puis envoyez de "
                "nouveau. Personne n’est encore invité.",
                word=word[:60],
            )
            raise _wrong(message, "emails_bad", "emails") from None
    return list(found)


def _letter(db: Session, pilot: Pilot, email: str, now: datetime) -> Letter:
    person = find_user(db, email)
    has_account = person is not None and person.confirmed_at is not None
    return Letter(
        email,
        "community_invited",
        {"pilot": pilot.name, "has_account": has_account, "description": pilot.description},
        f"community-invited:{pilot.id}:{email}:{now.isoformat()}",
    )


def withdraw(db: Session, pilot_id: UUID, member_id: UUID) -> str:
    """End a membership at once; gives the address. What the person added to the pilot stays."""
    lock_for_writing(db)
    member = find_member(db, pilot_id, member_id)
    if member is None:
        raise NotYours
    email = member.email
    db.delete(member)
    db.flush()
    return email
