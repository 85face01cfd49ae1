"""Who meets a badge's criteria, who doesn't, and why, in words a person understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from badges.awards.facts import Facts, Judgements
from badges.awards.findings import Answer, look
from badges.designs.models import BadgeClass, BadgeCriterion, CriterionKind
from badges.designs.words import condition_point
from tierslieu import clock
from tierslieu.house import House

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Assessment:
    """One person before one badge: the criteria met and those that are not, in words."""

    user_id: UUID
    met: tuple[str, ...]
    missing: tuple[str, ...]
    since: datetime | None = None  # when the last dated criterion was met
    # Where nothing but a facilitator's word is missing: what there is to judge.
    judgements: tuple[BadgeCriterion, ...] = ()

    @property
    def qualifies(self) -> bool:
        """Whether everything asked is there. A badge that asks nothing is awarded to nobody."""
        return bool(self.met) and not self.missing


@dataclass(frozen=True)
class Weighed:
    """A group of conditions before one person: how many are asked, what was found of each."""

    needed: int | None
    answers: Sequence[Answer]

    @property
    def asked(self) -> int:
        """How many must hold."""
        return len(self.answers) if self.needed is None else self.needed

    @property
    def left(self) -> int:
        """How many are still missing."""
        return max(0, self.asked - sum(answer.is_met for answer in self.answers))

    @property
    def since(self) -> datetime | None:
        """When enough of them were there; None where no date says it."""
        dates = sorted(a.at or _LONG_AGO for a in self.answers if a.is_met)
        enough = dates[self.asked - 1] if 0 < self.asked <= len(dates) else _LONG_AGO
        return None if enough == _LONG_AGO else enough

    @property
    def judgements(self) -> list[BadgeCriterion]:
        """The judgements that could still make it hold."""
        unmet = [a.condition for a in self.answers if not a.is_met]
        return [c for c in unmet if c.kind is CriterionKind.JUDGEMENT] if self.left else []


def assess(
    db: Session,
    badge: BadgeClass,
    user_ids: Sequence[UUID],
    house: House,
    *,
    session_id: UUID | None = None,
    judgements: Judgements | None = None,
    now: datetime | None = None,
) -> dict[UUID, Assessment]:
    """Each of those people before this badge. A few queries, however many they are.

    ``judgements``: what a facilitator states of them now.
    """
    facts = Facts(
        db,
        [badge],
        user_ids,
        house,
        now=now or clock.now(),
        session_id=session_id,
        judgements=judgements,
    )
    return {user_id: put_in_words(user_id, weigh(badge, user_id, facts)) for user_id in user_ids}


def weigh(badge: BadgeClass, user_id: UUID, facts: Facts) -> list[Weighed]:
    """This person before this badge, group by group, not yet in words."""
    return [
        Weighed(group.needed, [look(condition, user_id, facts) for condition in group.conditions])
        for group in badge.groups
    ]


def weigh_if_near(badge: BadgeClass, user_id: UUID, facts: Facts) -> list[Weighed] | None:
    """The same where everything is there, or could be by judgement alone; None for everybody
    else, told as soon as it is known: of many people and badges most are not near."""
    groups = []
    for group in badge.groups:
        weighed = Weighed(
            group.needed, [look(condition, user_id, facts) for condition in group.conditions]
        )
        left = weighed.left
        if left and left > len(weighed.judgements):
            return None
        groups.append(weighed)
    return groups


def holds(groups: Sequence[Weighed]) -> bool:
    """Whether everything asked is there, and something is asked."""
    return any(group.answers for group in groups) and not any(group.left for group in groups)


def lacks_only_judgement(groups: Sequence[Weighed]) -> bool:
    """Whether a facilitator's word is all that is missing."""
    lacking = [group for group in groups if group.left]
    return bool(lacking) and all(group.left <= len(group.judgements) for group in lacking)


def since(groups: Sequence[Weighed]) -> datetime | None:
    """When all that is met was met; None where no date says it."""
    return max((at for group in groups if (at := group.since) is not None), default=None)


def put_in_words(user_id: UUID, groups: Sequence[Weighed]) -> Assessment:
    """The same for people to read."""
    only_judgement = lacks_only_judgement(groups)
    return Assessment(
        user_id,
        met=tuple(a.say() for group in groups for a in group.answers if a.is_met),
        missing=tuple(words for group in groups for words in _missing(group)),
        since=since(groups),
        judgements=(
            tuple(condition for group in groups for condition in group.judgements)
            if only_judgement
            else ()
        ),
    )


def _missing(group: Weighed) -> list[str]:
    """What is missing of a group: each thing, or how many of which."""
    unmet = [answer for answer in group.answers if not answer.is_met]
    if not group.left:
        return []
    if group.left >= len(unmet):
        return [str(answer.say()) for answer in unmet]
    words = ngettext(
        "%(met)s sur %(asked)s : il manque l’un de ces points : %(points)s",
        "%(met)s sur %(asked)s : il manque %(num)s de ces points : %(points)s",
        group.left,
        met=group.asked - group.left,
        asked=group.asked,
        points=str(_(" ; ")).join(condition_point(answer.condition) for answer in unmet),
    )
    return [str(words)]
