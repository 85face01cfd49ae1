"""One person before one condition: whether it holds, since when, and how to say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from badges.awards.facts import Facts
from badges.designs.models import BadgeCriterion, CriterionKind
from courses.paths.models import Step
from courses.progress.rules import Progress, StepProgress
from tierslieu.web.formats import hours as hours_words
from tierslieu.web.formats import long_day, quoted


class Answer(NamedTuple):
    """Whether a condition holds, since when if it has a date; ``say()`` gives the words.

    The words are made when they are asked for: most people on most badges are only counted.
    """

    condition: BadgeCriterion
    is_met: bool
    say: Callable[[], str]
    at: datetime | None = None


def look(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    """This person before this condition."""
    return _LOOKS[condition.kind](condition, user_id, facts)


def _look_at_path(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    assert condition.path is not None
    path = condition.path
    progress = facts.progress(user_id, path.id)
    if progress is None:
        return Answer(
            condition,
            False,
            lambda: _("ne suit pas le parcours « %(path)s »", path=path.short_title),
        )
    at = progress.completed_at
    if progress.is_complete and at is not None:
        return Answer(
            condition,
            True,
            lambda: _(
                "parcours « %(path)s » terminé le %(day)s", path=path.short_title, day=long_day(at)
            ),
            at,
        )
    return Answer(condition, False, lambda: _steps_left(progress))


def _steps_left(progress: Progress) -> str:
    left = [quoted(s.step.title) for s in progress.left()]
    left += [quoted(p.pool.title) for p in progress.pools if p.done < p.needed]
    names = ", ".join(left[:3]) + (", …" if left[3:] else "")
    count = progress.required - progress.done
    return str(ngettext("il manque %(num)s étape : ", "il manque %(num)s étapes : ", count) + names)


def _look_at_step(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    step = condition.step
    assert step is not None
    tries = [
        found
        for progress in facts.tries(user_id, step.version.path_id)
        for found in progress.steps
        if _is_same(found.step, step)
    ]
    dates = [found.at for found in tries if found.state == "done" and found.at is not None]
    if dates:
        at = min(dates)
        return Answer(
            condition,
            True,
            lambda: _("étape « %(step)s » faite le %(day)s", step=step.title, day=long_day(at)),
            at,
        )
    if not tries:
        return Answer(
            condition,
            False,
            lambda: _("ne suit pas le parcours « %(path)s »", path=step.version.path.short_title),
        )
    return Answer(condition, False, lambda: _state_words(tries[-1]))


def _is_same(step: Step, asked: Step) -> bool:
    """The step asked for, or the one that took its place in another version of the path."""
    return step.id == asked.id or step.key == asked.key


def _state_words(found: StepProgress) -> str:
    title = found.step.title
    if found.state == "waiting":
        return str(_("l’étape « %(step)s » attend d’être validée", step=title))
    if found.state == "returned":
        return str(_("l’étape « %(step)s » est à reprendre", step=title))
    return str(_("il manque 1 étape : « %(step)s »", step=title))


def _of_path(condition: BadgeCriterion) -> str:
    """Read after half-days."""
    if condition.path is None:
        return ""
    return " " + str(_("du parcours « %(path)s »", path=condition.path.short_title))


def _look_at_half_days(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    asked, found = condition.count, facts.half_days(user_id, condition.path_id)
    count = found.count
    if count >= asked:
        return Answer(
            condition,
            True,
            lambda: (
                ngettext("%(num)s demi-journée suivie", "%(num)s demi-journées suivies", count)
                + _of_path(condition)
            ),
            found.reached[asked],
        )
    return Answer(
        condition,
        False,
        lambda: ngettext(
            "%(count)s demi-journée%(about)s sur %(asked)s",
            "%(count)s demi-journées%(about)s sur %(asked)s",
            count,
            count=count,
            about=_of_path(condition),
            asked=asked,
        ),
    )


def _for_path(condition: BadgeCriterion) -> str:
    """Read after hours."""
    if condition.path is None:
        return ""
    return " " + str(_("pour le parcours « %(path)s »", path=condition.path.short_title))


def _look_at_hours(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    total, reached = 0.0, None
    for dated in facts.hours(user_id, condition.path_id):
        total += dated.hours
        if reached is None and total + 1e-6 >= condition.count:
            reached = dated.at
    if reached is not None:
        return Answer(
            condition,
            True,
            lambda: _(
                "%(done)s de présence et de travail%(about)s, pour %(asked)s demandées",
                done=hours_words(total),
                about=_for_path(condition),
                asked=hours_words(condition.count),
            ),
            reached,
        )
    return Answer(
        condition,
        False,
        lambda: (
            _(
                "%(done)s de présence et de travail sur %(asked)s",
                done=hours_words(total),
                asked=hours_words(condition.count),
            )
            + _for_path(condition)
        ),
    )


def _look_at_session(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    session = facts.session
    if session is None:
        return Answer(
            condition,
            False,
            lambda: _("la présence se constate à une séance : attribuez depuis l’une"),
        )
    if user_id in facts.present:
        return Answer(
            condition,
            True,
            lambda: _(
                "présence à « %(title)s » le %(day)s",
                title=session.title,
                day=long_day(session.starts_at),
            ),
            session.ends_at,
        )
    return Answer(
        condition,
        False,
        lambda: _("n’était pas à la séance du %(day)s", day=long_day(session.starts_at)),
    )


def _look_at_badge(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    badge = condition.asked_badge
    assert badge is not None
    held = facts.held(user_id, badge.id)
    if held is None:
        return Answer(
            condition, False, lambda: _("n’a pas le badge « %(badge)s »", badge=badge.name)
        )
    until = held.valid_until
    if until is not None and until <= facts.now:
        return Answer(
            condition,
            False,
            lambda: _(
                "le badge « %(badge)s » n’est plus valable depuis le %(day)s",
                badge=badge.name,
                day=long_day(until),
            ),
        )
    return Answer(
        condition,
        True,
        lambda: _("badge « %(badge)s » reçu le %(day)s", badge=badge.name, day=long_day(held.at)),
        held.at,
    )


def _look_at_judgement(condition: BadgeCriterion, user_id: UUID, facts: Facts) -> Answer:
    statement = condition.statement
    if condition.id in facts.judgements.get(user_id, {}):
        return Answer(
            condition,
            True,
            lambda: _("constaté par l’équipe : %(what)s", what=statement),
            facts.now,
        )
    return Answer(
        condition, False, lambda: _("reste à constater par l’équipe : %(what)s", what=statement)
    )


_LOOKS: dict[CriterionKind, Callable[[BadgeCriterion, UUID, Facts], Answer]] = {
    CriterionKind.PATH_COMPLETED: _look_at_path,
    CriterionKind.STEP_DONE: _look_at_step,
    CriterionKind.HALF_DAYS: _look_at_half_days,
    CriterionKind.HOURS: _look_at_hours,
    CriterionKind.SESSION_ATTENDED: _look_at_session,
    CriterionKind.BADGE_HELD: _look_at_badge,
    CriterionKind.JUDGEMENT: _look_at_judgement,
}
