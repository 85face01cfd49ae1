"""How many of the queue wait, told from what was counted in one go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from courses.enrolments.models import Cohort
from courses.progress.answering.queries import Narrowing, WaitingGroup

Step = tuple[str, str, str, str, int]


def steps_in(groups: Sequence[WaitingGroup]) -> list[Step]:
    """The steps that are waited for: slug and name of the path, key and title of the step, and how
    many wait; paths as they come, steps in their order."""
    found: list[Step] = []
    for (slug, path), of_path in groupby(groups, lambda one: (one.slug, one.path)):
        by_key: dict[str, list[WaitingGroup]] = {}
        for one in of_path:
            by_key.setdefault(one.key, []).append(one)
        in_order = sorted(
            by_key.items(), key=lambda step: (min(one.position for one in step[1]), step[0])
        )
        found += [
            (slug, path, key, max(one.title for one in some), sum(one.count for one in some))
            for key, some in in_order
        ]
    return found


def count_in_groups(
    groups: Sequence[WaitingGroup], cohorts: Sequence[Cohort], asked: Narrowing, person_id: UUID
) -> int | None:
    """How many wait, of those asked for; None where it takes more than the groups to tell.
    ``cohorts``: those of the groups."""
    if asked.days:
        return None
    own = {cohort.id for cohort in cohorts if cohort.facilitator_id == person_id}
    return sum(
        one.count
        for one in groups
        if asked.slug in ("", one.slug)
        and asked.key in ("", one.key)
        and (asked.cohort_id is None or one.cohort_id == asked.cohort_id)
        and (not asked.is_own or one.cohort_id in own)
    )
