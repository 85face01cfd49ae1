"""Changing one's address, adding another, forgetting one. Every address is proved by a link mailed
to it; the earlier one is remembered, so that what was made out to it is still known as theirs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.queries import count_mails, count_mails_to
from tierslieu.mail.rules import write_mail
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import OtherAddress, User
from tierslieu.people.queries import find_asked_address, list_other_addresses
from tierslieu.people.rules import new_uniquifier

VALIDITY = timedelta(hours=24)
#: Asked for again within this time, the mail is not sent again.
PATIENCE = timedelta(minutes=10)
MOST_ASKED = 5  # addresses asked for in a day
MOST_KEPT = 20
MOST_WARNINGS = 3  # a day to one address that has an account
WARNING = "people_address_taken"
MOST_MAILS = 8  # links mailed in a day, whatever was forgotten since


UNPROVED_FOR = timedelta(days=7)  # its link opens for a day; the list shows it for a week
AT_ONCE = 500


def forget_unproved(db: Session, now: datetime) -> int:
    """Forget addresses asked for a week ago that nobody proved; gives how many."""
    lock_for_writing(db)
    found = db.scalars(
        select(OtherAddress)
        .where(OtherAddress.proved_at.is_(None), OtherAddress.asked_at < now - UNPROVED_FOR)
        .order_by(OtherAddress.asked_at, OtherAddress.id)
        .limit(AT_ONCE)
    ).all()
    for row in found:
        db.delete(row)
    db.flush()
    return len(found)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def ask_address(db: Session, user_id: UUID, email: str, *, takes_over: bool, now: datetime) -> str:
    """Mail a link to an address this person says is theirs; gives the address as it is kept.

    ``takes_over``: once proved, it becomes the account's. An address that has an account already
    gets a warning, with a link that joins both accounts if both are theirs; the person who asked
    is told the same as always.

    Raises :class:`Refused`: ``bad_email``, ``same_email``, ``too_many``; :class:`NotYours`.
    """
    try:
        address = normalise_email(email)
    except BadAddress:
        raise Refused(
            _("Cette adresse mail n’est pas complète. Exemple : prenom@exemple.fr."),
            code="bad_email",
            field="email",
            status=422,
        ) from None
    lock_for_writing(db)
    person = db.get(User, user_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotYours()
    if address == person.email:
        raise Refused(
            _("C’est déjà l’adresse de votre compte."),
            code="same_email",
            field="email",
            status=422,
        )
    others = list_other_addresses(db, user_id)
    row = next((other for other in others if other.email == address), None)
    asked_today = [o for o in others if o.asked_at > now - timedelta(days=1) and not o.proved_at]
    if (row is None and (len(asked_today) >= MOST_ASKED or len(others) >= MOST_KEPT)) or (
        count_mails(db, asked_for(user_id), now - timedelta(days=1)) >= MOST_MAILS
    ):
        raise Refused(
            _(
                "Trop d’adresses attendent déjà d’être confirmées : oubliez-en une ci-dessous, "
                "ou revenez demain."
            ),
            code="too_many",
            field="email",
            status=429,
        )
    # What a mail says is what its link does: for another use, another mail.
    is_the_same = row is not None and row.secret_hash and row.takes_over == takes_over
    if row is not None and is_the_same and now - row.asked_at < PATIENCE:
        return address
    if row is None:
        row = OtherAddress(user_id=user_id, email=address)
        db.add(row)
    row.asked_at, row.takes_over, row.secret_hash = now, takes_over, None
    _write(db, row, person, now)
    db.flush()
    return address


def _write(db: Session, row: OtherAddress, person: User, now: datetime) -> None:
    secret = secrets.token_urlsafe(32)
    row.secret_hash = _hash(secret)
    if has_account(db, row.email):
        # Somebody else's, or another of their own: that mailbox alone says which. Whoever asks, and
        # from however many accounts: it is not filled with warnings.
        if count_mails_to(db, row.email, WARNING, now - timedelta(days=1)) >= MOST_WARNINGS:
            return
        write_mail(
            db,
            row.email,
            WARNING,
            {"link": f"/compte/reunir?cle={secret}"},
            now=now,
            due_key=f"{asked_for(row.user_id)}{row.secret_hash}",
        )
        return
    write_mail(
        db,
        row.email,
        "people_address_asked",
        {
            "name": person.name,
            "takes_over": row.takes_over,
            "link": f"/compte/adresses/confirmer?cle={secret}",
        },
        now=now,
        due_key=f"{asked_for(row.user_id)}{row.secret_hash}",
    )


def has_account(db: Session, email: str) -> bool:
    """Whether this address is an account's."""
    return db.scalar(select(User.id).where(User.email == email)) is not None


def asked_for(user_id: UUID) -> str:
    """What the keys of mails to addresses that somebody asked for begin with: they are counted even
    once the address is forgotten, or one could have mails sent to anybody without end."""
    return f"address-asked:{user_id}:"


def find_asked(db: Session, secret: str, now: datetime) -> OtherAddress | None:
    """The address a mailed link is about; None if it is over, spent or nobody's."""
    return find_asked_address(db, _hash(secret), now - VALIDITY) if secret else None


def prove_address(
    db: Session, secret: str, *, now: datetime, user_id: UUID | None
) -> tuple[User, bool]:
    """This person, who asked for it, followed the link: the address is theirs. Gives the person,
    and whether it has become the account's.

    The asker alone: whoever else reads that mailbox would give away what waits at their address.

    Taking over ends every session and every code mailed to the former address, which is told,
    and remembered. Raises :class:`Refused`: ``link_over``, ``already_known``.
    """
    lock_for_writing(db)
    row = find_asked(db, secret, now)
    person = (
        db.get(User, row.user_id, with_for_update=True, populate_existing=True) if row else None
    )
    if row is None or person is None or not person.active or person.id != user_id:
        raise Refused(
            _("Ce lien a expiré ou a déjà servi. Demandez-en un autre depuis votre compte."),
            code="link_over",
            status=410,
        )
    known = Refused(_("Un compte existe déjà pour cette adresse."), code="already_known")
    if has_account(db, row.email):
        raise known
    row.secret_hash = None
    if not row.takes_over:
        row.proved_at = now
        db.flush()
        return person, False
    former, address = person.email, row.email
    was_proved = person.confirmed_at is not None
    db.delete(row)
    db.flush()
    person.email, person.confirmed_at = address, now
    person.fs_uniquifier, person.us_totp_secrets = new_uniquifier(), None
    if was_proved:
        db.add(OtherAddress(user_id=person.id, email=former, asked_at=now, proved_at=now))
    try:
        db.flush()
    except IntegrityError:  # somebody opened an account with it at the same instant
        raise known from None
    write_mail(db, former, "people_address_changed", {"name": person.name}, now=now)
    return person, True


def forget_address(db: Session, user_id: UUID, address_id: UUID) -> None:
    """Remember this other address no longer. Raises :class:`NotYours`."""
    lock_for_writing(db)
    row = db.get(OtherAddress, address_id)
    if row is None or row.user_id != user_id:
        raise NotYours()
    db.delete(row)
    db.flush()


def erase_addresses(db: Session, user_id: UUID) -> None:
    """Forget every other address."""
    db.execute(delete(OtherAddress).where(OtherAddress.user_id == user_id))
