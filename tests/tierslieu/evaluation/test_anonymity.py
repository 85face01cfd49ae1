"""Each combination of cohort, gender and age band is shared by five people at least."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.evaluation.anonymity import WIDER_BANDS, K, Participant, protect_people
from tierslieu.people.models import AgeBand

BANDS = [band.value for band in AgeBand]
people = st.lists(
    st.tuples(
        st.sampled_from(["2025-2026", "2026-2027"]),
        st.sampled_from(["teacher", "anybody"]),
        st.sampled_from(["woman", "woman", "man", "self_described", ""]),
        st.sampled_from([*BANDS, ""]),
    ),
    min_size=K,
    max_size=60,
).map(lambda rows: [Participant(f"p{i}", *row) for i, row in enumerate(rows)])


@settings(deadline=None)
@given(people)
def test_nobody_stands_in_a_group_of_fewer_than_five(rows: list[Participant]) -> None:
    sizes = Counter(row.traits for row in protect_people(rows))
    assert min(sizes.values()) >= K


@settings(deadline=None)
@given(people)
def test_what_is_left_is_true_and_nobody_is_lost(rows: list[Participant]) -> None:
    for row, kept in zip(rows, protect_people(rows), strict=True):
        assert (kept.pid, kept.audience) == (row.pid, row.audience)
        assert kept.gender in ("", row.gender)
        assert kept.cohort in ("", row.cohort)
        assert kept.age_band in ("", row.age_band, WIDER_BANDS.get(row.age_band))


def make(count: int, gender: str, band: str, cohort: str = "2026-2027") -> list[Participant]:
    return [
        Participant(f"{gender}{band}{i}", cohort, "teacher", gender, band) for i in range(count)
    ]


def test_large_groups_stay_as_they_are() -> None:
    rows = make(5, "woman", "25-34") + make(6, "man", "35-44")
    assert protect_people(rows) == rows


def test_a_band_is_widened_before_it_is_blanked() -> None:
    rows = make(2, "woman", "15-24") + make(3, "woman", "25-34") + make(7, "man", "55+")
    protected = protect_people(rows)
    assert {row.age_band for row in protected[:5]} == {"15-34"}
    assert protected[5:] == rows[5:]


def test_a_lone_person_is_joined_by_others_in_the_blank() -> None:
    rows = [*make(1, "self_described", "55+"), *make(6, "woman", "25-34"), *make(9, "man", "25-34")]
    protected = protect_people(rows)
    assert {row.traits for row in protected[:7]} == {("", "", "")}
    assert protected[7:] == rows[7:]


def test_every_band_of_the_house_has_a_wider_one() -> None:
    assert set(WIDER_BANDS) == set(BANDS)


def test_fewer_than_five_people_cannot_be_protected() -> None:
    with pytest.raises(ValueError, match="fewer than 5"):
        protect_people(make(4, "woman", "25-34"))
