"""Who meets a badge's criteria, who doesn't, and why, in words a person understands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from badges.awards.queries import find_session, list_enrolments_on
from badges.designs.models import BadgeClass, BadgeCriterion, CriterionKind
from courses.enrolments.models import Enrolment
from courses.paths.models import Step
from courses.progress.rules import Progress, StepProgress, compute_progress
from tierslieu.attendance.queries import count_half_days, list_present
from tierslieu.house import House
from tierslieu.web.formats import long_day


@dataclass(frozen=True)
class Assessment:
    """One person before one badge: the criteria met and those that are not, in words."""

    user_id: UUID
    met: tuple[str, ...]
    missing: tuple[str, ...]
    since: datetime | None = None  # when the last dated criterion was met

    @property
    def qualifies(self) -> bool:
        """Whether everything asked is there. A badge that asks nothing is awarded to nobody."""
        return bool(self.met) and not self.missing


@dataclass(frozen=True)
class _Answer:
    is_met: bool
    words: str
    at: datetime | None = None


class _Facts:
    """What the house knows of some people, gathered once for all criteria."""

    def __init__(
        self,
        db: Session,
        badge: BadgeClass,
        user_ids: Sequence[UUID],
        house: House,
        session_id: UUID | None,
    ) -> None:
        self.db, self.user_ids = db, user_ids
        paths = {c.path_id for c in badge.conditions if c.kind is CriterionKind.PATH_COMPLETED}
        paths |= {c.step.version.path_id for c in badge.conditions if c.step is not None}
        enrolments = list_enrolments_on(db, user_ids, sorted(p for p in paths if p is not None))
        progress = compute_progress(db, enrolments, house)
        self.followed: dict[tuple[UUID, UUID], list[tuple[Enrolment, Progress]]] = defaultdict(list)
        for enrolment in enrolments:
            key = (enrolment.user_id, enrolment.path_id)
            self.followed[key].append((enrolment, progress[enrolment.id]))
        self.session = find_session(db, session_id) if session_id else None
        self.present = set(list_present(db, session_id)) if session_id else set()
        self._half_days: dict[UUID | None, dict[UUID, int]] = {}

    def progress(self, user_id: UUID, path_id: UUID) -> Progress | None:
        """This person's best progress on this path, if they ever followed it."""
        found = [progress for _enrolment, progress in self.followed[user_id, path_id]]
        return max(found, key=lambda p: (p.is_complete, p.done), default=None)

    def half_days(self, user_id: UUID, path_id: UUID | None) -> int:
        """Half-days this person attended, of the path if one is given."""
        if path_id not in self._half_days:
            self._half_days[path_id] = count_half_days(self.db, self.user_ids, path_id)
        return self._half_days[path_id].get(user_id, 0)


def assess(
    db: Session,
    badge: BadgeClass,
    user_ids: Sequence[UUID],
    house: House,
    *,
    session_id: UUID | None = None,
) -> dict[UUID, Assessment]:
    """Each of those people before this badge. A few queries, however many they are."""
    facts = _Facts(db, badge, user_ids, house, session_id)
    found = {}
    for user_id in user_ids:
        answers = [_look(condition, user_id, facts) for condition in badge.conditions]
        found[user_id] = Assessment(
            user_id,
            met=tuple(a.words for a in answers if a.is_met),
            missing=tuple(a.words for a in answers if not a.is_met),
            since=max((a.at for a in answers if a.at is not None), default=None),
        )
    return found


def _look(condition: BadgeCriterion, user_id: UUID, facts: _Facts) -> _Answer:
    if condition.kind is CriterionKind.PATH_COMPLETED:
        return _look_at_path(condition, user_id, facts)
    if condition.kind is CriterionKind.STEP_DONE:
        return _look_at_step(condition, user_id, facts)
    if condition.kind is CriterionKind.HALF_DAYS:
        return _look_at_half_days(condition, user_id, facts)
    return _look_at_session(user_id, facts)


def _look_at_path(condition: BadgeCriterion, user_id: UUID, facts: _Facts) -> _Answer:
    assert condition.path is not None
    progress = facts.progress(user_id, condition.path.id)
    title = condition.path.short_title
    if progress is None:
        return _Answer(False, _("ne suit pas le parcours %(path)s", path=title))
    if progress.is_complete and progress.completed_at is not None:
        day = long_day(progress.completed_at)
        words = _("parcours %(path)s terminé le %(day)s", path=title, day=day)
        return _Answer(True, words, progress.completed_at)
    left = [s.step.title for s in progress.steps if s.step.is_required and s.state != "done"]
    names = ", ".join(f"« {title} »" for title in left[:3]) + (", …" if left[3:] else "")
    words = ngettext("il manque %(num)s étape : ", "il manque %(num)s étapes : ", len(left))
    return _Answer(False, words + names)


def _look_at_step(condition: BadgeCriterion, user_id: UUID, facts: _Facts) -> _Answer:
    step = condition.step
    assert step is not None
    tries = [
        found
        for _enrolment, progress in facts.followed[user_id, step.version.path_id]
        for found in progress.steps
        if _is_same(found.step, step)
    ]
    done = [found for found in tries if found.state == "done" and found.at is not None]
    if done:
        at = min(found.at for found in done if found.at is not None)
        words = _("étape « %(step)s » faite le %(day)s", step=step.title, day=long_day(at))
        return _Answer(True, words, at)
    if not tries:
        path = step.version.path.short_title
        return _Answer(False, _("ne suit pas le parcours %(path)s", path=path))
    return _Answer(False, _state_words(tries[-1]))


def _is_same(step: Step, asked: Step) -> bool:
    """The step asked for, or the one that took its place in another version of the path."""
    if step.id == asked.id:
        return True
    return (step.code, step.title) == (asked.code, asked.title)


def _state_words(found: StepProgress) -> str:
    title = found.step.title
    if found.state == "waiting":
        return str(_("l’étape « %(step)s » attend d’être validée", step=title))
    if found.state == "returned":
        return str(_("l’étape « %(step)s » est à reprendre", step=title))
    return str(_("il manque 1 étape : %(step)s", step=title))


def _look_at_half_days(condition: BadgeCriterion, user_id: UUID, facts: _Facts) -> _Answer:
    asked, count = condition.count, facts.half_days(user_id, condition.path_id)
    about = f" {condition.path.short_title}" if condition.path else ""
    if count >= asked:
        words = ngettext("%(num)s demi-journée suivie", "%(num)s demi-journées suivies", count)
        return _Answer(True, words + about)
    words = ngettext(
        "%(count)s demi-journée%(about)s sur %(asked)s",
        "%(count)s demi-journées%(about)s sur %(asked)s",
        count,
        count=count,
        about=about,
        asked=asked,
    )
    return _Answer(False, words)


def _look_at_session(user_id: UUID, facts: _Facts) -> _Answer:
    if facts.session is None:
        return _Answer(False, _("la présence se constate à une séance : attribuez depuis l’une"))
    day = long_day(facts.session.starts_at)
    if user_id in facts.present:
        title = facts.session.title
        words = _("présence à « %(title)s » le %(day)s", title=title, day=day)
        return _Answer(True, words, facts.session.ends_at)
    return _Answer(False, _("n’était pas à la séance du %(day)s", day=day))
