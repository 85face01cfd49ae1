"""No row leaves that too few people share: cohort, audience, gender and age band, five at least.

Bands are widened first, then blanked; then audience, then gender, then the cohort. What is blanked
forms a group of its own, which must be as large: others join it until it is.

Nor is anybody told apart by two packages laid side by side: what one of them kept silent about a
person no later one says, and newcomers enter by five at least, or wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

K = 5
# Of two neighbouring bands, one; «55+» stays as it is.
WIDER_BANDS = {
    "15-24": "15-34",
    "25-34": "15-34",
    "35-44": "35-54",
    "45-54": "35-54",
    "55+": "55+",
}
BLANK = ""
Who = TypeVar("Who", bound=Hashable)


@dataclass(frozen=True)
class Participant:
    """A row of the participants' table. Empty texts are blank: not said, or hidden."""

    pid: str
    cohort: str
    audience: str
    gender: str
    age_band: str

    @property
    def traits(self) -> tuple[str, ...]:
        """What could single a person out."""
        return self.cohort, self.audience, self.gender, self.age_band


def protect_people(
    people: Sequence[Participant], before: Mapping[str, Participant] | None = None, k: int = K
) -> list[Participant]:
    """The same people in the same order, so that each combination of traits is shared by ``k``.

    ``before``: by pid, what the package before this one said of people; no more is said of them
    now. Raises ValueError for fewer than ``k`` people: nothing can be done for them.
    """
    if len(people) < k:
        raise ValueError(f"fewer than {k} people")
    rows = [_no_more_than(row, (before or {}).get(row.pid)) for row in people]
    for step in (_widen_age, _blank_age, _blank_audience, _blank_gender, _blank_cohort):
        rare = _rare(rows, k)
        rows = [step(row) if row.traits in rare else row for row in rows]
    return _fill_last_group(rows, k)


def admit(people: Iterable[Who], before: Collection[Who], k: int = K) -> set[Who]:
    """Those of these people who may stand in the next package, when ``before`` stood in the last.

    One newcomer alone would be known by being new: fewer than ``k`` wait for others.
    """
    found = set(people)
    new = found - set(before)
    return found - new if before and len(new) < k else found


def _no_more_than(row: Participant, before: Participant | None) -> Participant:
    if before is None:
        return row
    blank = {
        name: BLANK
        for name in ("cohort", "audience", "gender", "age_band")
        if getattr(before, name) == BLANK
    }
    row = replace(row, **blank)
    if row.age_band != before.age_band and WIDER_BANDS.get(row.age_band) == before.age_band:
        row = replace(row, age_band=before.age_band)
    return row


def _rare(rows: Sequence[Participant], k: int) -> set[tuple[str, ...]]:
    return {traits for traits, count in Counter(r.traits for r in rows).items() if count < k}


def _widen_age(row: Participant) -> Participant:
    return replace(row, age_band=WIDER_BANDS.get(row.age_band, BLANK))


def _blank_age(row: Participant) -> Participant:
    return replace(row, age_band=BLANK)


def _blank_audience(row: Participant) -> Participant:
    return replace(row, age_band=BLANK, audience=BLANK)


def _blank_gender(row: Participant) -> Participant:
    return replace(row, age_band=BLANK, audience=BLANK, gender=BLANK)


def _blank_cohort(row: Participant) -> Participant:
    return replace(row, age_band=BLANK, audience=BLANK, gender=BLANK, cohort=BLANK)


def _fill_last_group(rows: list[Participant], k: int) -> list[Participant]:
    """Blank the smallest groups too while a group is rare: only the all-blank one can still be."""
    while rare := _rare(rows, k):
        sizes = Counter(r.traits for r in rows if r.traits not in rare)
        joining = min(sizes, key=lambda traits: (sizes[traits], traits))
        rows = [_blank_cohort(r) if r.traits in {*rare, joining} else r for r in rows]
    return rows
