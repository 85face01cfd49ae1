"""Joining two accounts of one person: what the one has becomes the other's; the one is emptied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House, Joining, WayIn
from tierslieu.people.joining.rows import ACCOUNTS, drop_doubles, turn
from tierslieu.people.models import LEARNER, Consent, OtherAddress, Profile, User
from tierslieu.people.queries import find_user, list_consents, list_other_addresses
from tierslieu.people.rules import close_account


def find_other(db: Session, user_id: UUID, email: str) -> User | None:
    """The other account that has this address, which its person just proved; None if none has."""
    other = find_user(db, email)
    return other if other is not None and other.id != user_id and other.active else None


def list_blocks(db: Session, house: House, gone: User, kept: User) -> list[str]:
    """What has to be settled before these accounts are joined, in sentences; empty: nothing.

    A mailbox opens an account of the team no more than its password alone does: from the account
    that has the roles one joins the other, never the other way round.
    """
    sentences = []
    if any(role.name != LEARNER for role in gone.roles):
        sentences.append(
            _(
                "L’autre compte anime ou administre ici : connectez-vous à celui-là, et "
                "demandez-lui de reprendre l’adresse de celui-ci."
            )
        )
    for joining in house.all(Joining):
        if joining.blocks is not None:
            sentences += joining.blocks(db, gone.id, kept.id)
    return sentences


def join_accounts(
    db: Session, house: House, gone_id: UUID, kept_id: UUID, *, now: datetime, by_team: bool = False
) -> User:
    """What ``gone`` has becomes ``kept``'s, in one transaction; gives ``kept``.

    The account that goes is emptied and closed: its sessions, its password and its keys for
    programs end, its address is remembered as another of ``kept``'s. ``by_team``: an administrator
    does it at a terminal, roles included. Raises :class:`Refused` ``blocked`` with what has to be
    settled first, :class:`NotYours` for an account that is not open.
    """
    lock_for_writing(db)
    query = select(User).where(User.id.in_([gone_id, kept_id])).order_by(User.id)
    people = {
        person.id: person
        for person in db.scalars(query.with_for_update().execution_options(populate_existing=True))
    }
    gone, kept = people.get(gone_id), people.get(kept_id)
    if gone is None or kept is None or gone is kept or not (gone.active and kept.active):
        raise NotYours()
    blocks = [] if by_team else list_blocks(db, house, gone, kept)
    if blocks:
        raise Refused(" ".join(blocks), code="blocked")
    for way in house.all(WayIn):
        way.close(db, gone_id, now)
    try:
        _join_rows(db, house.all(Joining), gone_id, kept_id, now)
    except IntegrityError:
        raise Refused(
            _(
                "Ces deux comptes ont des choses qui ne vont pas ensemble (deux créneaux à la même "
                "heure, par exemple). Rien n’a changé : écrivez à l’équipe, qui démêlera."
            ),
            code="tangled",
        ) from None
    _remember_address(db, gone.email, kept, now)
    close_account(db, gone_id)
    db.expire_all()
    return db.get_one(User, kept_id)


def _join_rows(
    db: Session, offers: Sequence[Joining], gone: UUID, kept: UUID, now: datetime
) -> None:
    for offer in offers:  # floor order
        if offer.join is not None:
            offer.join(db, gone, kept, now)
        db.flush()
        for table in sorted(offer.doubles):
            drop_doubles(db, table, gone, kept)
    db.flush()
    db.expire_all()
    turn(db, ACCOUNTS, gone, kept)


def _remember_address(db: Session, email: str, kept: User, now: datetime) -> None:
    rows = {row.email: row for row in list_other_addresses(db, kept.id)}
    if kept.email in rows:  # the other account knew it too
        db.delete(rows[kept.email])
    if email in rows:
        rows[email].proved_at, rows[email].secret_hash = now, None
    else:
        db.add(OtherAddress(user_id=kept.id, email=email, asked_at=now, proved_at=now))
    db.flush()


def join_people(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """The profile: what is empty in the kept one is filled from the other. Consents: of each kind
    the latest word given in either account stands; all of them stay as history."""
    _join_profiles(db, gone, kept)
    _join_consents(db, gone, kept, now)


def _join_profiles(db: Session, gone: UUID, kept: UUID) -> None:
    theirs, ours = db.get(Profile, gone), db.get(Profile, kept)
    if theirs is None:
        return
    if ours is not None:
        for name in ("teaches_what", "teaches_where", "town", "aims", "age_band"):
            if not getattr(ours, name):
                setattr(ours, name, getattr(theirs, name))
        if ours.gender is None:
            ours.gender, ours.gender_described = theirs.gender, theirs.gender_described
        db.delete(theirs)
        db.flush()


def _join_consents(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    rows: list[Consent] = [*list_consents(db, gone), *list_consents(db, kept)]
    for kind in {row.kind for row in rows}:
        of_kind = [row for row in rows if row.kind is kind]
        standing = [row for row in of_kind if row.withdrawn_at is None]
        if not standing:
            continue
        newest = max(standing, key=lambda row: (row.given_at, row.user_id == kept))
        ends = [row.withdrawn_at for row in of_kind if row.withdrawn_at is not None]
        for row in standing:
            # A no said after the last yes stands, whichever account it was said in.
            if row is not newest or (ends and max(ends) > newest.given_at):
                row.withdrawn_at = now
    db.flush()
