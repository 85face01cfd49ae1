"""The picture of a timeline: whatever the dates, it holds, and says what the list says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tierslieu.home.timeline.drawing import MOST_COLUMNS, draw
from tierslieu.home.timeline.gathering import Moment, Timeline
from tierslieu.home.timeline.phases import Borders, Phase, settle

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LABELS = {"path": "Parcours", "badge": "Badges", "session": "Séances"}
days = st.dates(date(1995, 1, 1), date(2060, 12, 31))


def moment(day: date, line: str, borders: Borders) -> Moment:
    at = datetime.combine(day, time(12), UTC)
    return Moment(at, day, str(day), "Titre", "", line, borders.phase_of(day), None)


def timeline(borders: Borders, *found: tuple[date, str]) -> Timeline:
    moments = [moment(day, line, borders) for day, line in sorted(found)]
    return Timeline(moments, borders, True, True, NOW)


@given(
    st.lists(st.tuples(days, st.sampled_from(sorted(LABELS))), min_size=1, max_size=60),
    st.one_of(st.none(), days),
    st.one_of(st.none(), days),
)
def test_any_dates_make_a_picture_within_its_frame_that_counts_each_event_once(
    found: list[tuple[date, str]], studies: date | None, job: date | None
) -> None:
    picture = draw(timeline(settle(studies, job, None), *found), LABELS)
    assert picture is not None
    assert 3 <= len(picture.columns) <= MOST_COLUMNS
    assert 0 <= picture.today <= 100
    assert sum(dot.count for lane in picture.lanes for dot in lane.dots) == len(found)
    assert sum(lane.past + lane.ahead for lane in picture.lanes) == len(found)
    assert {lane.label for lane in picture.lanes} == {LABELS[line] for _day, line in found}
    for lane in picture.lanes:
        assert lane.y + 44 < picture.height
        places = [dot.x for dot in lane.dots]
        assert places == sorted(set(places))
        assert all(0 < x < 100 for x in places)
        for dot in lane.dots:
            # What is drawn as past stands no further right than the column of today.
            width = 100 / len(picture.columns)
            assert not dot.has_past or dot.x <= picture.today + width / 2 + 0.01
            assert not dot.has_next or dot.x >= picture.today - width / 2 - 0.01
    assert [band.phase.value for band in picture.bands] == sorted(
        {band.phase.value for band in picture.bands}
    )
    assert abs(sum(band.width for band in picture.bands) - 100) < 0.2


def test_columns_begin_with_the_school_year_and_one_event_is_not_alone() -> None:
    one = draw(timeline(Borders(), (date(2026, 11, 3), "badge")), LABELS)
    assert one is not None
    assert [column.label for column in one.columns] == ["oct.", "nov.", "déc."]
    assert one.columns[0].year == "2026"
    many = draw(
        timeline(Borders(), *((NOW.date() - timedelta(days=n), "path") for n in range(400))), LABELS
    )
    assert many is not None
    assert many.columns[0].label == "sept."
    assert sum(dot.count for dot in many.lanes[0].dots) == 400


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw(timeline(Borders()), LABELS) is None


def test_the_person_says_where_phases_begin_and_the_first_path_says_it_until_then() -> None:
    path, before, after = date(2026, 9, 1), date(2026, 8, 31), date(2027, 9, 1)
    told = settle(None, None, path)
    assert (told.phase_of(before), told.phase_of(path)) == (Phase.PROJECT, Phase.STUDIES)
    assert told.phase_of(after) is Phase.STUDIES, "the third phase never begins by itself"
    said = settle(date(2027, 1, 1), after, path)
    assert said.phase_of(path) is Phase.PROJECT
    assert said.phase_of(after) is Phase.JOB
    only_job = settle(None, before, path)
    assert only_job.phase_of(path) is Phase.JOB
