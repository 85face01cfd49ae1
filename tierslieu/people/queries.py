"""Reading people: who they are, what they hold, what they agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased, selectinload

from tierslieu.among import is_among
from tierslieu.counting import count_to_cap
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import (
    ADMINISTRATOR,
    AccountSuspension,
    Consent,
    ConsentKind,
    OtherAddress,
    Role,
    User,
    fold,
    user_roles,
)
from tierslieu.web.languages import MAIN


def find_user(db: Session, email: str) -> User | None:
    """The person with this address, however it is typed; None for no address at all."""
    try:
        address = normalise_email(email)
    except BadAddress:
        return None
    return db.scalar(select(User).where(User.email == address))


def find_language(db: Session, address: str) -> str:
    """The language of whose account has this address, French where they chose none; empty where
    there is no account."""
    chosen = db.scalar(select(User.language).where(User.email == address))
    return "" if chosen is None else chosen or MAIN


def find_person(db: Session, user_id: UUID) -> User | None:
    """One person by identifier."""
    return db.get(User, user_id)


def _holds(db: Session, role: str) -> ColumnElement[bool]:
    """Who holds that role. The role is looked up first: a database that knows which one is asked
    for knows that few people hold it, and does not go through everybody."""
    role_id = db.scalar(select(Role.id).where(Role.name == role))
    return User.id.in_(select(user_roles.c.user_id).where(user_roles.c.role_id == role_id))


def list_team(db: Session, role: str, *, limit: int | None = None) -> list[User]:
    """Those who hold that role, by name."""
    return list(
        db.scalars(
            select(User)
            .where(_holds(db, role), User.active)
            .order_by(User.sort_name, User.id)
            .limit(limit)
        )
    )


def list_own_addresses(db: Session, user_id: UUID) -> list[str]:
    """Every address this person proved to be theirs, the account's first."""
    person = db.get(User, user_id)
    own = [person.email] if person is not None and person.confirmed_at is not None else []
    others = db.scalars(
        select(OtherAddress.email)
        .where(OtherAddress.user_id == user_id, OtherAddress.proved_at.is_not(None))
        .order_by(OtherAddress.proved_at.desc(), OtherAddress.id)
    )
    return [*own, *others]


def proved_addresses(emails: Select[Any] | None = None) -> Subquery:
    """Whose each proved address is (``user_id``, ``email``), one open account for each address; of
    those ``emails`` alone, if some are given.

    The account's own address comes before what another proved earlier, and the latest proof before
    older ones: a mailbox may have passed to somebody else.
    """
    own = select(User.id.label("user_id"), User.email.label("email")).where(
        User.active.is_(True), User.confirmed_at.is_not(None)
    )
    if emails is not None:
        own = own.where(User.email.in_(emails))
    account, later = aliased(User), aliased(OtherAddress)
    others = (
        select(OtherAddress.user_id, OtherAddress.email)
        .join(User, User.id == OtherAddress.user_id)
        .where(
            User.active.is_(True),
            User.confirmed_at.is_not(None),
            OtherAddress.proved_at.is_not(None),
            ~exists().where(account.email == OtherAddress.email, account.confirmed_at.is_not(None)),
            ~exists().where(
                later.email == OtherAddress.email,
                or_(
                    later.proved_at > OtherAddress.proved_at,
                    (later.proved_at == OtherAddress.proved_at) & (later.id > OtherAddress.id),
                ),
            ),
        )
    )
    if emails is not None:
        others = others.where(OtherAddress.email.in_(emails))
    return union_all(own, others).subquery("proved")


def list_other_addresses(db: Session, user_id: UUID) -> Sequence[OtherAddress]:
    """Addresses besides the account's, those that wait to be proved included, the newest first."""
    return db.scalars(
        select(OtherAddress)
        .where(OtherAddress.user_id == user_id)
        .order_by(OtherAddress.asked_at.desc(), OtherAddress.id)
    ).all()


def find_asked_address(db: Session, secret_hash: str, since: datetime) -> OtherAddress | None:
    """The address that waits for the link with this secret, asked for after ``since``."""
    return db.scalar(
        select(OtherAddress).where(
            OtherAddress.secret_hash == secret_hash, OtherAddress.asked_at > since
        )
    )


def list_roles(db: Session, names: Sequence[str]) -> list[Role]:
    """The roles of these names that exist, in the order of the house."""
    return list(db.scalars(select(Role).where(Role.name.in_(names)).order_by(Role.id)))


def list_consents(db: Session, user_id: UUID) -> Sequence[Consent]:
    """Every consent this person ever gave, the oldest first, withdrawn ones included."""
    return db.scalars(
        select(Consent).where(Consent.user_id == user_id).order_by(Consent.given_at, Consent.id)
    ).all()


def find_consent(db: Session, user_id: UUID, kind: ConsentKind) -> Consent | None:
    """The consent of this kind that stands now."""
    return db.scalar(
        select(Consent).where(
            Consent.user_id == user_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)
        )
    )


def has_consent(db: Session, user_id: UUID, kind: ConsentKind) -> bool:
    """Whether this person's consent of that kind stands now."""
    return find_consent(db, user_id, kind) is not None


def research_participants() -> Select[UUID]:
    """Everybody whose consent to research stands now, as a query for others to build on."""
    return select(Consent.user_id).where(
        Consent.kind == ConsentKind.RESEARCH, Consent.withdrawn_at.is_(None)
    )


def list_research_participants(db: Session) -> list[UUID]:
    """Everybody whose consent to research stands now, the first to give it first."""
    return list(db.scalars(research_participants().order_by(Consent.given_at, Consent.user_id)))


def _matching(text: str) -> Select[User]:
    query = select(User)
    # Every word must be found, in the name or in the address, in any order.
    for word in fold(text).split()[:6]:
        query = query.where(
            or_(
                User.sort_name.contains(word, autoescape=True),
                User.email.contains(word, autoescape=True),
            )
        )
    return query


def search_people(db: Session, text: str, offset: int, limit: int) -> Sequence[User]:
    """People whose name or address contains every word of ``text``; all of them for no text."""
    return db.scalars(
        _matching(text)
        .options(selectinload(User.roles), selectinload(User.profile))
        .order_by(User.sort_name, User.email)
        .offset(offset)
        .limit(limit)
    ).all()


def count_people(db: Session, text: str) -> int:
    """How many people :func:`search_people` would find; as ``count_to_cap`` says."""
    return count_to_cap(db, _matching(text).with_only_columns(User.id))


def list_suspended(db: Session, user_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these accounts that are suspended; the other closed ones were left."""
    query = select(AccountSuspension.user_id).where(is_among(AccountSuspension.user_id, user_ids))
    return set(db.scalars(query.order_by(AccountSuspension.user_id)))


def list_holders(db: Session, role: str) -> Sequence[User]:
    """Everybody who holds this role and may sign in, by name."""
    return db.scalars(
        select(User)
        .where(_holds(db, role), User.active.is_(True))
        .order_by(User.sort_name, User.email)
    ).all()


def count_administrators(db: Session) -> int:
    """How many people can run the place."""
    return len(list_holders(db, ADMINISTRATOR))


def count_demo_accounts(db: Session) -> int:
    """How many accounts are demonstration data."""
    return db.scalar(select(func.count()).select_from(User).where(User.is_demo.is_(True))) or 0


def count_confirmed(db: Session, since: datetime, until: datetime) -> int:
    """How many accounts were opened in the half-open interval and have been confirmed."""
    return (
        db.scalar(
            select(func.count())
            .select_from(User)
            .where(
                User.created_at >= since, User.created_at < until, User.confirmed_at.is_not(None)
            )
        )
        or 0
    )
