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
from tierslieu.house import House
from tierslieu.house_accounts import WayIn
from tierslieu.house_joining import Joining
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.people.devices.rules import end_others
from tierslieu.people.joining.rows import ACCOUNTS, drop_doubles, turn
from tierslieu.people.models import LEARNER, Audience, Consent, OtherAddress, Profile, User
from tierslieu.people.moving import find_asked
from tierslieu.people.passkeys.forgetting import forget_passkeys
from tierslieu.people.queries import find_user, list_consents, list_other_addresses
from tierslieu.people.rules import close_account
from tierslieu.people.second.rules import has_second_factor


def find_other(db: Session, user_id: UUID, email: str) -> User | None:
    """The other account that has this address, which its person just proved; None if none has."""
    other = find_user(db, email)
    return other if other is not None and other.id != user_id and other.active else None


def list_blocks(
    db: Session, house: House, gone: User, kept: User, *, by_team: bool = False
) -> list[str]:
    """What has to be settled before these accounts are joined, in sentences; empty: nothing.

    A mailbox opens an account of the team no more than its password alone does: from the account
    that has the roles one joins the other, never the other way round. And nobody judges their own
    work, by way of a second account either. Nor does a mailbox stand for a second factor. An
    administrator may set all of it aside (``by_team``).
    """
    sentences = []
    if not by_team and any(role.name != LEARNER for role in gone.roles):
        sentences.append(
            _(
                "L’autre compte a un rôle dans l’équipe : connectez-vous à celui-là, puis "
                "demandez-y l’adresse de celui-ci."
            )
        )
    if not by_team and has_second_factor(gone):
        sentences.append(
            _(
                "L’autre compte demande un code en plus du mot de passe : connectez-vous à "
                "celui-là, puis demandez-y l’adresse de celui-ci."
            )
        )
    judged = sum(
        joining.judged(db, one.id, other.id)
        for joining in house.all(Joining)
        if joining.judged is not None
        for one, other in ((gone, kept), (kept, gone))
    )
    if not by_team and judged:
        sentences.append(
            _(
                "L’un des deux comptes a validé, dispensé ou récompensé l’autre : demandez à qui "
                "administre le lieu de les réunir."
            )
        )
    for joining in house.all(Joining):
        if joining.blocks is not None:
            sentences += joining.blocks(db, gone.id, kept.id)
    return sentences


def join_by_link(db: Session, house: House, secret: str, user_id: UUID, *, now: datetime) -> User:
    """The account that asked joins the one at the address whose mailed link was followed.

    Raises :class:`Refused` ``link_over`` and what :func:`join_accounts` raises.
    """
    lock_for_writing(db)
    over = Refused(
        _("Ce lien a expiré ou a déjà servi. Demandez-en un autre depuis votre compte."),
        code="link_over",
        status=410,
    )
    asked = find_asked(db, secret, now)
    if asked is None or asked.user_id != user_id:
        raise over
    other = find_other(db, user_id, asked.email)
    if other is None:
        raise over
    return join_accounts(db, house, other.id, user_id, now=now, email=asked.email)


def join_accounts(
    db: Session,
    house: House,
    gone_id: UUID,
    kept_id: UUID,
    *,
    now: datetime,
    email: str = "",
    by_team: bool = False,
) -> User:
    """What ``gone`` has becomes ``kept``'s, in one transaction; gives ``kept``.

    The account that goes is emptied and closed: its sessions, its password and its keys for
    programs end, its address is remembered as another of ``kept``'s; both addresses are told.
    ``email``: the address that was proved for this, which must still be the one's. ``by_team``: an
    administrator does it at a terminal, roles included. Raises :class:`Refused` ``blocked`` with
    what has to be settled first, ``tangled``; :class:`NotYours` for an account that is not open.
    """
    lock_for_writing(db)
    # Not alone: whoever books for one of them meanwhile names it, and is turned at the end.
    gone, kept = _hold(db, gone_id, kept_id)
    if email and gone.email != email:
        raise NotYours()
    blocks = list_blocks(db, house, gone, kept, by_team=by_team)
    if blocks:
        raise Refused(" ".join(blocks), code="blocked")
    for way in house.all(WayIn):
        way.close(db, gone_id, now)
    address = gone.email
    is_proved = bool(email) or gone.confirmed_at is not None
    try:
        _join_rows(db, house.all(Joining), gone_id, kept_id, now)
        db.get(User, gone_id, with_for_update=True)  # alone now: what was begun for it is written
        turn(db, ACCOUNTS, gone_id, kept_id)
    except IntegrityError:
        raise Refused(
            _(
                "Ces deux comptes ont des choses qui ne vont pas ensemble (deux créneaux à la même "
                "heure, par exemple). Rien n’a changé : écrivez à l’équipe, qui démêlera."
            ),
            code="tangled",
        ) from None
    close_account(db, gone_id)
    kept = db.get_one(User, kept_id, populate_existing=True)
    _remember_address(db, address, kept, now, is_proved=is_proved)
    for recipient in {address, kept.email} if is_proved else {kept.email}:
        facts = {"gone": address, "kept": kept.email}
        write_mail(db, recipient, "people_accounts_joined", facts, now=now)
    # Of the logbook nothing is turned: this row says whose the other account was.
    note(db, Act.ACCOUNTS_JOINED, now=now, subject_id=kept_id, words=str(gone_id))
    db.expire_all()
    return db.get_one(User, kept_id)


def _hold(db: Session, gone_id: UUID, kept_id: UUID) -> tuple[User, User]:
    query = select(User).where(User.id.in_([gone_id, kept_id])).order_by(User.id)
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    people = {person.id: person for person in db.scalars(held)}
    gone, kept = people.get(gone_id), people.get(kept_id)
    if gone is None or kept is None or gone is kept or not (gone.active and kept.active):
        raise NotYours()
    return gone, kept


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


def _remember_address(
    db: Session, email: str, kept: User, now: datetime, *, is_proved: bool
) -> None:
    rows = {row.email: row for row in list_other_addresses(db, kept.id)}
    if kept.email in rows:  # the other account knew it too
        db.delete(rows[kept.email])
    if email in rows:
        rows[email].secret_hash = None
        if is_proved:
            rows[email].proved_at = now
    elif is_proved:
        db.add(OtherAddress(user_id=kept.id, email=email, asked_at=now, proved_at=now))
    db.flush()


def join_people(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """The profile: what is empty in the kept one is filled from the other. Consents: of each kind
    the latest word given in either account stands; all of them stay as history. Addresses that the
    other proved are kept, those it had merely asked for go, with their links. Its sessions and its
    passkeys end."""
    end_others(db, gone)
    forget_passkeys(db, gone)  # a device knows them by the number of the account that goes
    _join_profiles(db, gone, kept)
    _join_addresses(db, gone, kept)
    _join_consents(db, gone, kept, now)


def _join_profiles(db: Session, gone: UUID, kept: UUID) -> None:
    theirs, ours = db.get(Profile, gone), db.get(Profile, kept)
    if theirs is None:
        return
    if ours is not None:
        # Age and gender are said anew or not at all: left empty here, they may be so on purpose.
        teaches = ("teaches_what", "teaches_where") if ours.audience is Audience.TEACHER else ()
        for name in ("town", "aims", *teaches):
            if not getattr(ours, name):
                setattr(ours, name, getattr(theirs, name))
        db.delete(theirs)
        db.flush()


def _join_addresses(db: Session, gone: UUID, kept: UUID) -> None:
    ours = {row.email: row for row in list_other_addresses(db, kept)}
    for theirs in list_other_addresses(db, gone):
        same = ours.get(theirs.email)
        if theirs.proved_at is not None and same is None:
            theirs.secret_hash = None
            continue
        if theirs.proved_at is not None and same is not None:
            same.proved_at = min(same.proved_at or theirs.proved_at, theirs.proved_at)
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
