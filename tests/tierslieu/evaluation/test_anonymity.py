"""Each combination of cohort, audience, gender and age band is shared by five people at least, in
one package and in two laid side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.evaluation.anonymity import (
    WIDER_BANDS,
    K,
    Participant,
    admit,
    protect_people,
)
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
        assert kept.pid == row.pid
        assert kept.audience in ("", row.audience)
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
    assert {row.traits for row in protected[:7]} == {("", "", "", "")}
    assert protected[7:] == rows[7:]


def test_every_band_of_the_house_has_a_wider_one() -> None:
    assert set(WIDER_BANDS) == set(BANDS)


def test_fewer_than_five_people_cannot_be_protected() -> None:
    with pytest.raises(ValueError, match="fewer than 5"):
        protect_people(make(4, "woman", "25-34"))


def test_a_lone_audience_is_hidden_as_a_lone_gender_is() -> None:
    rows = make(8, "woman", "25-34")
    rows[0] = replace(rows[0], audience="graduate_or_vae")
    protected = protect_people([*rows, *make(5, "man", "55+")])
    assert "graduate_or_vae" not in {row.audience for row in protected}


@settings(deadline=None)
@given(people, people)
def test_a_later_package_never_says_more_of_a_person_than_an_earlier_one(
    first: list[Participant], second: list[Participant]
) -> None:
    before = {row.pid: row for row in protect_people(first)}
    after = protect_people(second, before)
    assert min(Counter(row.traits for row in after).values()) >= K
    for row in after:
        if row.pid in before:
            was = before[row.pid]
            for name in ("cohort", "audience", "gender", "age_band"):
                if getattr(was, name) == "":
                    assert getattr(row, name) == "", name


@settings(deadline=None)
@given(people)
def test_the_same_people_again_are_said_the_same_of(rows: list[Participant]) -> None:
    first = protect_people(rows)
    assert protect_people(rows, {row.pid: row for row in first}) == first


def test_newcomers_enter_by_five_or_wait() -> None:
    here = [f"p{i}" for i in range(9)]
    assert admit(here, []) == set(here)  # the first package: nobody is new beside others
    assert admit([*here, "new"], here) == set(here)
    five = [f"new{i}" for i in range(5)]
    assert admit([*here, *five], here) == {*here, *five}
    assert admit(here[1:], here) == set(here[1:])  # who left is not there
