"""What the house knows of some people, gathered once for all that some badges ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.candidate_queries import find_session, list_held
from badges.designs.models import BadgeClass, BadgeCriterion, CriterionKind
from badges.designs.queries import list_families
from courses.enrolments.models import Enrolment
from courses.enrolments.queries import list_enrolments_on
from courses.paths.models import StepKind
from courses.paths.queries import list_paths
from courses.progress.rules import Progress, compute_progress
from tierslieu.attendance.queries import Attended, list_attended, list_present
from tierslieu.attendance.tallies import (
    NO_HALF_DAYS,
    HalfDays,
    find_half_days,
    find_half_days_by_path,
)
from tierslieu.house import House
from tierslieu.uploads.rules import KeptFile

HALF_DAYS = CriterionKind.HALF_DAYS


@dataclass(frozen=True)
class Judgement:
    """What a facilitator states of one person when awarding: why, and where it can be seen.

    ``is_…_public``: goes into the credential, so to whoever the holder shows it. ``file`` never
    does: it would hold persons the badge outlives.
    """

    reason: str
    is_reason_public: bool = True
    url: str = ""
    is_url_public: bool = False
    file: KeptFile | None = None


#: By person, then by condition.
Judgements = Mapping[UUID, Mapping[UUID, Judgement]]


#: The badges that somebody is weighed for; all of them for whoever is not in it.
Only = Mapping[UUID, Set[UUID]]


@dataclass(frozen=True)
class Held:
    """A badge somebody holds or held: since when, and until when it is valid."""

    at: datetime
    valid_until: datetime | None

    def outlasts(self, other: Held) -> bool:
        """Whether it is valid longer than ``other``."""
        if other.valid_until is None:
            return False
        return self.valid_until is None or self.valid_until > other.valid_until


@dataclass(frozen=True)
class Dated:
    """So many hours, at that moment."""

    at: datetime
    hours: float


@dataclass
class _Gathered:
    followed: dict[tuple[UUID, UUID], list[tuple[Enrolment, Progress]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    attended: dict[UUID, list[Attended]] = field(default_factory=lambda: defaultdict(list))
    half_days: dict[tuple[UUID, UUID | None], HalfDays] = field(default_factory=dict)
    held: dict[tuple[UUID, UUID], Held] = field(default_factory=dict)


class Facts:
    """Gathered in a few queries, however many people and badges there are."""

    def __init__(
        self,
        db: Session,
        badges: Sequence[BadgeClass],
        user_ids: Sequence[UUID],
        house: House,
        *,
        now: datetime,
        session_id: UUID | None = None,
        judgements: Judgements | None = None,
        only: Only | None = None,
    ) -> None:
        self.now = now
        self.judgements = judgements or {}
        self.session = find_session(db, session_id) if session_id else None
        self.present = set(list_present(db, session_id)) if session_id else set()
        self._known = _Gathered()
        self._family: dict[UUID, UUID] = {}
        # Asked again for each badge, so kept.
        self._hours: dict[tuple[UUID, UUID | None], list[Dated]] = {}
        conditions = [condition for badge in badges for condition in badge.conditions]
        kinds = {condition.kind for condition in conditions}
        every_path = any(c.kind is CriterionKind.HOURS and c.path_id is None for c in conditions)
        self._paths_of: dict[UUID, list[UUID]] = defaultdict(list)
        if user_ids:
            self._gather_progress(
                db, user_ids, None if every_path else _paths_asked(conditions), house
            )
            self._gather_presence(db, badges, user_ids, only or {})
            self._gather_held(db, conditions, user_ids)
        self._parents = (
            {path.id: path.parent_id for path in list_paths(db)}
            if CriterionKind.HOURS in kinds
            else {}
        )

    def _gather_progress(
        self, db: Session, user_ids: Sequence[UUID], path_ids: Sequence[UUID] | None, house: House
    ) -> None:
        enrolments = list_enrolments_on(db, user_ids, path_ids)
        progress = compute_progress(db, enrolments, house)
        for enrolment in enrolments:
            key = (enrolment.user_id, enrolment.path_id)
            if key not in self._known.followed:
                self._paths_of[enrolment.user_id].append(enrolment.path_id)
            self._known.followed[key].append((enrolment, progress[enrolment.id]))

    def _gather_presence(
        self, db: Session, badges: Sequence[BadgeClass], user_ids: Sequence[UUID], only: Only
    ) -> None:
        """Somebody may have been there for years: only those before a badge that asks it."""

        def before(kind: CriterionKind) -> list[UUID]:
            asking = {b.id for b in badges if any(c.kind is kind for c in b.conditions)}
            return [one for one in user_ids if asking & only.get(one, asking)]

        if there := before(HALF_DAYS):
            asked = [c for b in badges for c in b.conditions if c.kind is HALF_DAYS]
            counts = {c.count for c in asked}
            kept = self._known.half_days
            if any(c.path_id is None for c in asked):
                for one, found in find_half_days(db, there, counts).items():
                    kept[one, None] = found
            if any(c.path_id is not None for c in asked):
                for (one, path_id), found in find_half_days_by_path(db, there, counts).items():
                    kept[one, path_id] = found
        if there := before(CriterionKind.HOURS):
            for line in list_attended(db, there):
                self._known.attended[line.user_id].append(line)

    def _gather_held(
        self, db: Session, conditions: Sequence[BadgeCriterion], user_ids: Sequence[UUID]
    ) -> None:
        asked = {c.asked_badge_id for c in conditions if c.asked_badge_id is not None}
        if not asked:
            return
        self._family = list_families(db)
        wanted = {self._family[badge_id] for badge_id in asked}
        versions = sorted(badge_id for badge_id, own in self._family.items() if own in wanted)
        for badge_id, user_id, at, valid_until in list_held(db, versions, user_ids):
            key = (user_id, self._family[badge_id])
            held, known = Held(at, valid_until), self._known.held.get(key)
            if known is None or held.outlasts(known):
                self._known.held[key] = held

    def tries(self, user_id: UUID, path_id: UUID) -> list[Progress]:
        """This person's progress on this path, enrolment by enrolment, the earliest first."""
        return [p for _enrolment, p in self._known.followed.get((user_id, path_id), ())]

    def progress(self, user_id: UUID, path_id: UUID) -> Progress | None:
        """This person's best progress on this path, if they ever followed it."""
        best = self._best(user_id, path_id)
        return best[1] if best else None

    def _best(self, user_id: UUID, path_id: UUID) -> tuple[Enrolment, Progress] | None:
        tries = self._known.followed.get((user_id, path_id))
        if not tries:
            return None
        return max(tries, key=lambda pair: (pair[1].is_complete, pair[1].done))

    def half_days(self, user_id: UUID, path_id: UUID | None) -> HalfDays:
        """The half-days this person attended, of the path if one is given."""
        return self._known.half_days.get((user_id, path_id), NO_HALF_DAYS)

    def held(self, user_id: UUID, badge_id: UUID) -> Held | None:
        """This badge in any version, if this person holds it and nobody withdrew it; of several,
        the one that is valid longest. It may be over."""
        return self._known.held.get((user_id, self._family[badge_id]))

    def hours(self, user_id: UUID, path_id: UUID | None) -> list[Dated]:
        """Hours of presence, and of work the catalogue announces for what is done, by date.

        A step done in a room counts by the roll alone, and a part of a path that is finished is
        not counted beside the whole: no hour counts twice.
        """
        found = self._hours.get((user_id, path_id))
        if found is None:
            found = sorted(self._gather_hours(user_id, path_id), key=lambda dated: dated.at)
            self._hours[user_id, path_id] = found
        return found

    def _gather_hours(self, user_id: UUID, path_id: UUID | None) -> Iterable[Dated]:
        for line in self._known.attended.get(user_id, ()):
            if path_id is None or line.path_id == path_id:
                yield Dated(line.at, line.hours)
        followed = self._paths_of.get(user_id, ())
        finished = {
            path
            for path in followed
            if (best := self.progress(user_id, path)) is not None and best.is_complete
        }
        for path in followed:
            is_part = path_id is None and self._parents.get(path) in finished
            if path_id in (None, path) and not is_part:
                yield from self._worked(user_id, path)

    def _worked(self, user_id: UUID, path_id: UUID) -> list[Dated]:
        """What a path announces, once it is finished; until then, its steps that are done."""
        found = self._best(user_id, path_id)
        if found is None:
            return []
        enrolment, best = found
        announced = enrolment.path.hours
        if best.is_complete and announced and best.completed_at is not None:
            return [Dated(best.completed_at, announced)]
        return [
            Dated(step.at, step.step.hours)
            for step in best.steps
            if step.state == "done"
            and step.at is not None
            and step.step.hours
            and step.step.kind is not StepKind.ATTENDANCE
        ]


def _paths_asked(conditions: Sequence[BadgeCriterion]) -> list[UUID]:
    """The paths whose progress is asked for."""
    asked = {
        c.path_id
        for c in conditions
        if c.kind in (CriterionKind.PATH_COMPLETED, CriterionKind.HOURS)
    } | {c.step.version.path_id for c in conditions if c.step is not None}
    return sorted(path for path in asked if path is not None)
