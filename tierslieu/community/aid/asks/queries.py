"""Every SELECT of asks and what is written in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from tierslieu.community.aid.groups.queries import Group, Reader, in_group, readable
from tierslieu.community.aid.models import (
    AidAsk,
    AidDecision,
    AidMember,
    AidMessage,
    AidOffer,
    AidOfferStep,
    AidReport,
)
from tierslieu.people.models import FACILITATOR, User, fold

MAX_SEARCHED = 6  # words
STATES = ("ouvertes", "resolues", "closes")


@dataclass(frozen=True)
class AsksWanted:
    """What the list of a group may be asked for."""

    text: str = ""
    step_key: str = ""
    state: str = ""  # one of STATES; empty: all
    is_hidden: bool = False  # only what is hidden, for the team


def _first_hidden() -> ColumnElement[bool]:
    first = aliased(AidMessage)
    return (
        select(first.id)
        .where(first.ask_id == AidAsk.id, first.is_first.is_(True), first.hidden_at.is_not(None))
        .correlate(AidAsk)
        .exists()
    )


def openable(reader: Reader) -> ColumnElement[bool]:
    """Readable, and not hidden; hidden ones for the team and who asked."""
    if reader.is_team:
        return readable(reader)
    return and_(readable(reader), or_(AidAsk.author_id == reader.user_id, ~_first_hidden()))


def of_state(state: str) -> ColumnElement[bool]:
    """The asks that are in that state."""
    if state == "resolues":
        return AidAsk.solved_at.is_not(None)
    if state == "closes":
        return and_(AidAsk.closed_at.is_not(None), AidAsk.solved_at.is_(None))
    return and_(AidAsk.solved_at.is_(None), AidAsk.closed_at.is_(None))


def _listed(query: Select[Any], reader: Reader, group: Group, wanted: AsksWanted) -> Select[Any]:
    query = query.where(openable(reader), AidAsk.path_id == group.path.id)
    query = query.where(
        AidAsk.cohort_id == group.cohort.id if group.cohort else AidAsk.cohort_id.is_(None)
    )
    if reader.is_team:
        query = query.where(_first_hidden() if wanted.is_hidden else ~_first_hidden())
    query = query.where(AidAsk.messages.any(AidMessage.words != ""))
    for word in fold(wanted.text).split()[:MAX_SEARCHED]:
        query = query.where(AidAsk.search_text.contains(word, autoescape=True))
    if wanted.step_key:
        query = query.where(AidAsk.step_key == wanted.step_key)
    return query.where(of_state(wanted.state)) if wanted.state else query


def count_asks(db: Session, reader: Reader, group: Group, wanted: AsksWanted) -> int:
    """How many asks of a group there are of those."""
    return db.scalar(_listed(select(func.count(AidAsk.id)), reader, group, wanted)) or 0


def list_asks(
    db: Session, reader: Reader, group: Group, wanted: AsksWanted, *, limit: int, offset: int
) -> list[AidAsk]:
    """Those asks with their messages: what waits first, then the latest written in."""
    waits = and_(AidAsk.solved_at.is_(None), AidAsk.closed_at.is_(None))
    return list(
        db.scalars(
            _listed(select(AidAsk), reader, group, wanted)
            .order_by(waits.desc(), AidAsk.last_at.desc(), AidAsk.id.desc())
            .limit(limit)
            .offset(offset)
            .options(selectinload(AidAsk.messages))
        )
    )


def find_ask(db: Session, reader: Reader, ask_id: UUID) -> AidAsk | None:
    """One ask with its thread as it is now, if this person may open it."""
    return db.scalar(
        select(AidAsk)
        .where(AidAsk.id == ask_id, openable(reader))
        .options(selectinload(AidAsk.messages), joinedload(AidAsk.path), joinedload(AidAsk.cohort))
        .execution_options(populate_existing=True)
    )


def find_message(db: Session, reader: Reader, message_id: UUID) -> AidMessage | None:
    """One message with its thread, if this person may read it: hidden ones, their own."""
    query = (
        select(AidMessage)
        .join(AidMessage.ask)
        .where(AidMessage.id == message_id, openable(reader))
        .options(joinedload(AidMessage.ask))
        .execution_options(populate_existing=True)
    )
    if not reader.is_team:
        query = query.where(
            or_(AidMessage.hidden_at.is_(None), AidMessage.author_id == reader.user_id)
        )
    return db.scalar(query)


def count_written(db: Session, user_id: UUID, since: datetime, *, asks_only: bool = False) -> int:
    """How many messages this person wrote since then."""
    query = select(func.count(AidMessage.id)).where(
        AidMessage.author_id == user_id, AidMessage.created_at > since
    )
    if asks_only:
        query = query.where(AidMessage.is_first.is_(True))
    return db.scalar(query) or 0


def list_written(db: Session, user_id: UUID) -> list[AidMessage]:
    """What this person wrote, the oldest first, with the threads."""
    return list(
        db.scalars(
            select(AidMessage)
            .where(AidMessage.author_id == user_id)
            .order_by(AidMessage.created_at, AidMessage.id)
            .options(joinedload(AidMessage.ask).selectinload(AidAsk.messages))
        )
    )


def _is_reported() -> ColumnElement[bool]:
    return (
        select(AidReport.id)
        .where(AidReport.message_id == AidMessage.id, AidReport.settled_at.is_(None))
        .exists()
    )


def list_held(db: Session, user_id: UUID, since: datetime) -> set[UUID]:
    """What this person wrote since then, and what waits for the team: both keep their author."""
    query = select(AidMessage.id).where(
        AidMessage.author_id == user_id, or_(AidMessage.created_at > since, _is_reported())
    )
    return set(db.scalars(query.order_by(AidMessage.id)))


def list_left_behind(db: Session, before: datetime, *, limit: int) -> list[AidMessage]:
    """Messages older than that of who left mutual aid, which no report holds."""
    member = select(AidMember.id).where(AidMember.user_id == AidMessage.author_id).exists()
    return list(
        db.scalars(
            select(AidMessage)
            .where(
                AidMessage.author_id.is_not(None),
                AidMessage.created_at <= before,
                ~member,
                ~_is_reported(),
            )
            .order_by(AidMessage.created_at, AidMessage.id)
            .limit(limit)
            .options(joinedload(AidMessage.ask).selectinload(AidAsk.messages))
        )
    )


def list_empty(db: Session, before: datetime, *, limit: int) -> list[AidAsk]:
    """Asks older than that of which their authors left no word; what the team decided stays."""
    decided = select(AidDecision.message_id).where(AidDecision.message_id.is_not(None))
    return list(
        db.scalars(
            select(AidAsk)
            .where(
                AidAsk.title == "",
                AidAsk.created_at <= before,
                ~AidAsk.messages.any(or_(AidMessage.words != "", AidMessage.id.in_(decided))),
                ~AidAsk.messages.any(AidMessage.created_at > before),
            )
            .order_by(AidAsk.created_at, AidAsk.id)
            .limit(limit)
        )
    )


def list_silent(db: Session, before: datetime, *, is_open: bool, limit: int) -> list[AidAsk]:
    """Asks in which nothing was written since then, the oldest first; open ones, or any."""
    query = select(AidAsk).where(AidAsk.last_at < before)
    if is_open:
        query = query.where(AidAsk.closed_at.is_(None))
    return list(db.scalars(query.order_by(AidAsk.last_at, AidAsk.id).limit(limit)))


def list_helpers(db: Session, ask: AidAsk, day: Any) -> list[tuple[AidMember, User]]:
    """Who offers help on the step of an ask and can read it, but for who asked."""
    if not ask.step_key:
        return []
    rows = db.execute(
        select(AidMember, User)
        .join(User, User.id == AidMember.user_id)
        .join(AidOffer, AidOffer.user_id == User.id)
        .join(AidOfferStep, AidOfferStep.offer_id == AidOffer.id)
        .where(
            AidOffer.path_id == ask.path_id,
            AidOfferStep.step_key == ask.step_key,
            AidOffer.is_paused.is_(False),
            AidOffer.ends_on >= day,
            User.id != ask.author_id,
        )
        .order_by(AidMember.joined_at, AidMember.id)
    )
    pairs = [(row[0], row[1]) for row in rows]
    return [
        (member, person)
        for member, person in pairs
        if person.holds(FACILITATOR) or is_reader(db, ask.id, person.id)
    ]


def is_reader(db: Session, ask_id: UUID, user_id: UUID) -> bool:
    """Whether an ask is of a group that this person is in."""
    return db.scalar(select(AidAsk.id).where(AidAsk.id == ask_id, in_group(user_id))) is not None


def count_waiting(db: Session, reader: Reader) -> tuple[int, int]:
    """In this person's groups: how many asks of others wait, and how many of their own asks were
    answered by somebody else and are neither solved nor closed."""
    here = and_(openable(reader), in_group(reader.user_id), of_state(""), AidAsk.title != "")
    answered = (
        select(AidMessage.id)
        .where(
            AidMessage.ask_id == AidAsk.id,
            AidMessage.is_first.is_(False),
            AidMessage.hidden_at.is_(None),
            or_(AidMessage.author_id.is_(None), AidMessage.author_id != reader.user_id),
        )
        .exists()
    )
    others = select(func.count(AidAsk.id)).where(
        here, or_(AidAsk.author_id.is_(None), AidAsk.author_id != reader.user_id)
    )
    own = select(func.count(AidAsk.id)).where(here, AidAsk.author_id == reader.user_id, answered)
    return db.scalar(others) or 0, db.scalar(own) or 0
