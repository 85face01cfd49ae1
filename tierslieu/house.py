"""What a feature offers to the pages and jobs that gather from everywhere.

A feature states its offers in its own ``offers.py`` as a module-level ``OFFERS`` tuple of the
dataclasses below; the roof collects them in floor order into a :class:`House`. Whoever gathers
takes the House and imports no feature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.attention import AttentionRule, Trace
from tierslieu.house_accounts import Reader, WayIn
from tierslieu.house_files import KeptFiles
from tierslieu.house_joining import Joining
from tierslieu.house_kept import PersonalData as PersonalData  # noqa: PLC0414 - features take offers from here
from tierslieu.house_kept import Retention, Treatment
from tierslieu.house_paths import (
    BadgeChoices,
    EnrolmentPanel,
    OpenSessions,
    PathReferences,
    PersonPanel,
    RecordPanel,
    StepPanel,
)
from tierslieu.house_reach import FunnelStage, UnmetDemand
from tierslieu.settings import Settings


@dataclass(frozen=True)
class TimelineEvent:
    """One dated thing in a person's life here. ``kind`` chooses the sign; ``url`` may be None."""

    at: datetime
    title: str
    detail: str
    kind: str
    url: str | None = None


@dataclass(frozen=True)
class TimelineSource:
    """``events(db, user_id, now)``: past and to come, any order.

    ``for_team``: the same as those who run the place may see it, with addresses that are theirs to
    open; None: nothing of it is shown to anybody but the person.
    """

    name: str
    events: Callable[[Session, UUID, datetime], Iterable[TimelineEvent]]
    for_team: Callable[[Session, UUID, datetime], Iterable[TimelineEvent]] | None = None


@dataclass(frozen=True)
class Card:
    """A block of the home page: a template of the feature's own folder and what it shows.

    The template is rendered with ``context``. ``urgency``: 0 is first. ``span``: columns of
    twelve on a wide screen. ``tone`` «ask» for what asks something of the person.
    """

    template: str
    context: Mapping[str, Any]
    urgency: int
    span: int = 6
    tone: str = ""


@dataclass(frozen=True)
class HomeCard:
    """``build(db, user_id, now)`` gives the cards this person should see; only for ``roles``."""

    name: str
    roles: frozenset[str]
    build: Callable[[Session, UUID, datetime], Iterable[Card]]


@dataclass(frozen=True)
class PathPanel:
    """What a feature adds to the page of a path (its own enrolment, the next sessions).

    ``build(db, path_id, user_id, now)`` gives cards as for the home page; ``user_id`` is None for
    a visitor.
    """

    name: str
    build: Callable[[Session, UUID, UUID | None, datetime], Iterable[Card]]


@dataclass(frozen=True)
class PublishedDocument:
    """What a feature publishes for whoever verifies badges.

    ``find(db, settings, path)``: the signed text that lies at a path of ours for everybody, None
    where there is none; raises the engine's FetchFailed to say more of it.
    """

    name: str
    find: Callable[[Session, Settings, str], str | None]


@dataclass(frozen=True)
class BackpackPanel:
    """What a feature keeps in a person's backpack beside their badges (those received elsewhere,
    their collections). ``build(db, user_id, now)`` gives cards as for the home page."""

    name: str
    build: Callable[[Session, UUID, datetime], Iterable[Card]]


@dataclass(frozen=True)
class BadgePanel:
    """What a feature adds to the page of a badge (who endorses it).

    ``build(db, badge_id, user_id, now)`` gives cards; ``user_id`` is None for a visitor.
    """

    name: str
    build: Callable[[Session, UUID, UUID | None, datetime], Iterable[Card]]


@dataclass(frozen=True)
class AwardPanel:
    """The same for the page of an award, for who may see that page at all.

    ``build(db, award_id, user_id, now)``.
    """

    name: str
    build: Callable[[Session, UUID, UUID | None, datetime], Iterable[Card]]


@dataclass(frozen=True)
class AfterProfile:
    """What follows at once, in the same transaction, when somebody has changed their profile.
    ``act(db, user_id, now)`` finds the profile written and flushed."""

    name: str
    act: Callable[[Session, UUID, datetime], None]


@dataclass(frozen=True)
class Column:
    """A column of a research table. ``type``: string, integer, number, boolean (Frictionless)."""

    name: str
    type: str
    label: str
    categories: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ResearchTable:
    """``rows(db, user_ids)`` yields (user_id, at, values): the package turns the person into a
    pseudonym and the instant into days since enrolment in the study. Values follow ``columns``."""

    name: str
    label: str
    columns: Sequence[Column]
    rows: Callable[[Session, Sequence[UUID]], Iterable[tuple[UUID, datetime, Sequence[Any]]]]


@dataclass(frozen=True)
class EvidenceItem:
    """A person fulfilled a step, says a feature above the courses («was there», «holds it»)."""

    user_id: UUID
    step_id: UUID
    at: datetime
    source: str
    label: str


@dataclass(frozen=True)
class Evidence:
    """``find(db, user_ids, step_ids)``: what this feature holds for those people and steps.

    ``dated(db, since, until)``: everybody of whom it holds something dated in [since, until), and
    perhaps others: who is left out has no such ``EvidenceItem``.
    """

    name: str
    find: Callable[[Session, Sequence[UUID], Sequence[UUID]], Iterable[EvidenceItem]]
    dated: Callable[[Session, datetime, datetime], Iterable[UUID]]


@dataclass(frozen=True)
class Happening:
    """What starts a survey: who, when, about what (``subject``: e.g. ``session:<id>``), and of
    which path, if it is of one."""

    user_id: UUID
    at: datetime
    subject: str
    label: str
    path_id: UUID | None = None


@dataclass(frozen=True)
class Occasion:
    """``find(db, since, until)``: happenings in the half-open interval (``after_session``…).

    ``is_ahead``: one asks before it happens; days are counted back from it.
    """

    key: str
    label: str
    find: Callable[[Session, datetime, datetime], Iterable[Happening]]
    is_ahead: bool = False


@dataclass(frozen=True)
class Figure:
    """A value with what it is made of; None where it has no denominator.

    ``made_of``: how many things a value that counts none itself (a median of days) is drawn from;
    the value is hidden when they are few, whatever it is.
    """

    numerator: int
    denominator: int | None = None
    made_of: int | None = None


@dataclass(frozen=True)
class Indicator:
    """A figure of a period. ``compute(db, since, until)``; ``definition`` is shown beside it.

    ``about_people``: small numbers are hidden wherever the figure is shown. Only what counts
    things (sessions held, hours) says False.
    """

    key: str
    label: str
    definition: str
    compute: Callable[[Session, datetime, datetime], Figure]
    about_people: bool = True


@dataclass(frozen=True)
class Finding:
    """What a check of an invariant found: how many things were looked at, which are broken;
    ``note``: what is worth writing down elsewhere."""

    checked: int
    broken: Sequence[str]
    note: str = ""


@dataclass(frozen=True)
class Invariant:
    """Something that must always hold on live data; run by ``tierslieu audit``."""

    name: str
    label: str
    check: Callable[[Session], Finding]


@dataclass(frozen=True)
class Job:
    """A periodic task. ``run(db, now)`` finds what is due by a query and may be run twice.

    It is called inside an application context, commits in slices, and returns how many things
    it did. ``goes_on``: while it does something there may be more to do, so it is called again at
    once; its own rows keep two workers apart. ``lease``: how long a worker that was killed at it
    keeps the others away. ``by_any_clock``: what it does is right however late it is (somebody
    asked for it, or it is made anew), so it goes on while the clock is not believed. The others
    wait: what lapses, is forgotten, dated or written to people because of the hour is not taken
    back.
    """

    name: str
    every: timedelta
    run: Callable[[Session, datetime], int]
    goes_on: bool = False
    lease: timedelta = timedelta(minutes=10)
    by_any_clock: bool = False


@dataclass(frozen=True)
class Scene:
    """A feature's part of the demonstration place, played in floor order by the same rules."""

    name: str
    play: Callable[[Session, Stage], None]


@dataclass
class Stage:
    """What scenes hand on to one another: the present instant, chance, and the props by name."""

    today: datetime
    seed: int
    settings: Settings
    house: House
    props: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """What a feature needs before the place opens: its catalogue, its keys. Run by
    ``tierslieu init`` after the migrations, inside an application context; a second run changes
    nothing. ``run(db, settings)`` flushes; init commits.
    """

    name: str
    run: Callable[[Session, Settings], None]


@dataclass(frozen=True)
class Check:
    """A question ``doctor`` asks: None is well, a sentence says what is wrong.

    ``is_vital``: ``/healthz`` asks it too, and the place is not well while it isn't answered.
    """

    name: str
    ask: Callable[[Session, datetime], str | None]
    is_vital: bool = True


Offer = (
    TimelineSource
    | Trace
    | AttentionRule
    | HomeCard
    | PathPanel
    | EnrolmentPanel
    | PersonPanel
    | PathReferences
    | OpenSessions
    | StepPanel
    | RecordPanel
    | PublishedDocument
    | BackpackPanel
    | BadgePanel
    | AwardPanel
    | PersonalData
    | Retention
    | Treatment
    | Joining
    | KeptFiles
    | AfterProfile
    | WayIn
    | Reader
    | ResearchTable
    | Evidence
    | BadgeChoices
    | Occasion
    | Indicator
    | FunnelStage
    | UnmetDemand
    | Invariant
    | Job
    | Scene
    | Setup
    | Check
)
T = TypeVar("T")


@dataclass(frozen=True)
class House:
    """Every offer of every feature, in floor order."""

    offers: Sequence[Offer]

    def all(self, kind: type[T]) -> tuple[T, ...]:
        """The offers of one kind, in floor order."""
        return tuple(o for o in self.offers if isinstance(o, kind))

    def find_evidence(
        self, db: Session, user_ids: Sequence[UUID], step_ids: Sequence[UUID]
    ) -> list[EvidenceItem]:
        """All evidence of all features for those people and steps, oldest first."""
        if not user_ids or not step_ids:
            return []
        found = [item for e in self.all(Evidence) for item in e.find(db, user_ids, step_ids)]
        return sorted(found, key=lambda i: (i.at, i.user_id, i.step_id))

    def find_dated(self, db: Session, since: datetime, until: datetime) -> set[UUID]:
        """Everybody with evidence of any feature dated in [since, until), and perhaps others."""
        return {person for e in self.all(Evidence) for person in e.dated(db, since, until)}
