"""Who is in which group: the one condition that every page of mutual aid goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from courses.enrolments.models import Cohort, Enrolment, EnrolmentStatus
from courses.paths.models import Path
from tierslieu.among import is_among
from tierslieu.community.aid.models import AidAsk, AidCharter, AidForum, AidMember
from tierslieu.people.models import FACILITATOR, Role, User, user_roles

# Forums of the courses, where the catalogue's sources know one (a Discourse of Inria Learning
# Lab, named on the course's page: inrialearninglab/website, content/fr/moocs/nsifondamentaux.md).
KNOWN_FORUMS = {
    "nsi": "https://mooc-forums.inria.fr/moocnsi/",
    "nsi-python": "https://mooc-forums.inria.fr/moocnsi/",
}


@dataclass(frozen=True)
class Reader:
    """Somebody signed in, as mutual aid sees them. The team reads all groups, and moderates."""

    user_id: UUID
    is_team: bool
    name: str
    member: AidMember | None

    @property
    def may_read(self) -> bool:
        """Whether they agreed to the charter, or moderate."""
        return self.is_team or self.member is not None


@dataclass(frozen=True)
class Group:
    """Those who follow a path, or are of one of its cohorts."""

    path: Path
    cohort: Cohort | None

    @property
    def id(self) -> UUID:
        """The path's or the cohort's own."""
        return self.cohort.id if self.cohort else self.path.id

    @property
    def kind(self) -> str:
        """Its word in addresses."""
        return "promotions" if self.cohort else "parcours"


def reader_of(db: Session, person: User) -> Reader:
    """This person as mutual aid sees them."""
    return Reader(person.id, person.holds(FACILITATOR), person.name, find_member(db, person.id))


def find_member(db: Session, user_id: UUID) -> AidMember | None:
    """This person's membership, as it is now."""
    return db.scalar(
        select(AidMember)
        .where(AidMember.user_id == user_id)
        .execution_options(populate_existing=True)
    )


def find_stopper(db: Session, stop_key: str) -> AidMember | None:
    """The member whose mails this key ends."""
    return db.scalar(select(AidMember).where(AidMember.stop_key == stop_key))


def paths_of(user_id: UUID) -> Select[Any]:
    """The paths that this person follows, in any version, paused ones too."""
    return select(Enrolment.path_id).where(
        Enrolment.user_id == user_id, Enrolment.status != EnrolmentStatus.STOPPED
    )


def cohorts_of(user_id: UUID) -> ColumnElement[bool]:
    """Whether a :class:`Cohort` is one with which this person follows a path, or that they lead."""
    mine = select(Enrolment.cohort_id).where(
        Enrolment.user_id == user_id,
        Enrolment.status != EnrolmentStatus.STOPPED,
        Enrolment.cohort_id.is_not(None),
    )
    # Whoever led it and is no longer of the team reads it no more.
    team = (
        select(user_roles.c.user_id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(user_roles.c.user_id == user_id, Role.name == FACILITATOR)
        .exists()
    )
    return or_(Cohort.id.in_(mine), and_(Cohort.facilitator_id == user_id, team))


def in_group(user_id: UUID) -> ColumnElement[bool]:
    """Which asks are of a group that this person is in."""
    return or_(
        and_(AidAsk.cohort_id.is_(None), AidAsk.path_id.in_(paths_of(user_id))),
        AidAsk.cohort_id.in_(select(Cohort.id).where(cohorts_of(user_id))),
    )


def readable(reader: Reader) -> ColumnElement[bool]:
    """Which asks this person may open: all for the team; of their groups, once a member."""
    if reader.is_team:
        return and_(True)
    member = select(AidMember.id).where(AidMember.user_id == reader.user_id).exists()
    return and_(in_group(reader.user_id), member) if reader.member else false()


def find_group(db: Session, reader: Reader, kind: str, group_id: UUID) -> Group | None:
    """The group of that path or cohort, if this person is in it or of the team."""
    if kind == "promotions":
        query = select(Cohort).where(Cohort.id == group_id)
        if not reader.is_team:
            query = query.where(cohorts_of(reader.user_id))
        cohort = db.scalar(query.options(joinedload(Cohort.path), joinedload(Cohort.facilitator)))
        return Group(cohort.path, cohort) if cohort is not None else None
    wanted = select(Path).where(Path.id == group_id)
    if not reader.is_team:
        wanted = wanted.where(Path.id.in_(paths_of(reader.user_id)))
    path = db.scalar(wanted)
    return Group(path, None) if path is not None else None


def list_groups(db: Session, reader: Reader) -> list[Group]:
    """The groups this person is in, paths first; for the team, also all where somebody asked."""
    paths: ColumnElement[bool] = Path.id.in_(paths_of(reader.user_id))
    cohorts = cohorts_of(reader.user_id)
    if reader.is_team:
        asked = select(AidAsk.path_id).where(AidAsk.cohort_id.is_(None))
        with_asks = select(AidAsk.cohort_id).where(AidAsk.cohort_id.is_not(None))
        paths, cohorts = or_(paths, Path.id.in_(asked)), or_(cohorts, Cohort.id.in_(with_asks))
    own_paths = db.scalars(select(Path).where(paths).order_by(Path.position, Path.slug))
    own_cohorts = db.scalars(
        select(Cohort)
        .where(cohorts)
        .order_by(Cohort.starts_on.desc(), Cohort.title, Cohort.id)
        .options(joinedload(Cohort.path))
    )
    return [
        *(Group(path, None) for path in own_paths),
        *(Group(cohort.path, cohort) for cohort in own_cohorts),
    ]


def has_group(db: Session, user_id: UUID) -> bool:
    """Whether this person is in any group."""
    in_path = db.scalar(paths_of(user_id).limit(1)) is not None
    return in_path or db.scalar(select(Cohort.id).where(cohorts_of(user_id)).limit(1)) is not None


def count_open(db: Session, groups: Sequence[Group]) -> dict[UUID, int]:
    """How many asks wait for an answer in each of those groups, by the group's id."""
    group_id = func.coalesce(AidAsk.cohort_id, AidAsk.path_id)
    rows: Any = db.execute(
        select(group_id, func.count(AidAsk.id))
        .where(
            group_id.in_([group.id for group in groups]),
            AidAsk.solved_at.is_(None),
            AidAsk.closed_at.is_(None),
            AidAsk.title != "",
        )
        .group_by(group_id)
        .order_by(group_id)
    )
    return {row[0]: row[1] for row in rows}


def names_of(db: Session, user_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """The names that those people chose to be shown here."""
    wanted = {one for one in user_ids if one is not None}
    if not wanted:
        return {}
    query = select(AidMember.user_id, AidMember.shown_name).where(
        is_among(AidMember.user_id, wanted)
    )
    return {row[0]: row[1] for row in db.execute(query.order_by(AidMember.user_id))}


def _of_team() -> Select[Any]:
    return (
        select(user_roles.c.user_id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(Role.name == FACILITATOR)
    )


def list_taken_names(db: Session, user_id: UUID) -> list[str]:
    """The names under which others are read here, and the whole names of the team's others."""
    members = select(AidMember.shown_name).where(AidMember.user_id != user_id)
    team = select(User.name).where(User.id.in_(_of_team()), User.id != user_id)
    return [
        *db.scalars(members.order_by(AidMember.id)),
        *db.scalars(team.order_by(User.id)),
    ]


def team_of(db: Session, user_ids: Sequence[UUID | None]) -> set[UUID]:
    """Those of these people who are of the team."""
    wanted = {one for one in user_ids if one is not None}
    query = select(User.id).where(is_among(User.id, wanted), User.id.in_(_of_team()))
    return set(db.scalars(query.order_by(User.id)))


def current_charter(db: Session) -> AidCharter | None:
    """The charter in force; None: the text that comes with the place (number 0)."""
    return db.scalar(select(AidCharter).order_by(AidCharter.number.desc()).limit(1))


def forum_of(db: Session, group: Group) -> str:
    """The forum beside a group: its cohort's, what the team said for its path, or what is known
    of the course; empty where there is none."""
    if group.cohort is not None and group.cohort.forum_url:
        return group.cohort.forum_url
    told = db.get(AidForum, group.path.id)
    return told.url if told is not None else KNOWN_FORUMS.get(group.path.slug, "")
