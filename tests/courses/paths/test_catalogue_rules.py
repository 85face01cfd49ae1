"""Loading the catalogue."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathVersion, Step, StepKind
from courses.paths.queries import (
    Time,
    choose_paths,
    count_steps,
    current_version,
    find_path,
    list_paths,
    list_subpaths,
)
from courses.paths.rules import load_catalogue, read_catalogue
from tests.support.courses import NOW, make_enrolment, make_path, path_facts, step_facts
from tests.support.factories import Factory
from tierslieu.people.models import Audience

pytestmark = pytest.mark.both_databases

SLUGS = ["snt", "nsi", "nsi-python", "nsi-pratique", "iai", "ai4t", "elements-of-ai"]


def counted(db: Session) -> tuple[int, ...]:
    return tuple(
        db.scalar(select(func.count()).select_from(table)) or 0
        for table in (Path, PathVersion, Step)
    )


def test_the_shipped_catalogue_holds_the_seven_paths_with_their_real_steps(db: Session) -> None:
    load_catalogue(db, now=NOW)
    assert [path.slug for path in list_paths(db)] == SLUGS
    steps = {
        path.slug: [step.code for step in current_version(db, path.id).steps]  # type: ignore[union-attr]
        for path in list_paths(db)
    }
    assert steps["snt"] == ["S", "N", "T", ""]
    assert steps["nsi"] == ["Bloc 1", "Bloc 2", "Bloc 3", "Bloc 4", ""]
    assert steps["nsi-python"] == ["2.1", "2.2", "2.3"]
    assert len(steps["nsi-pratique"]) == 4
    assert len(steps["iai"]) == 3
    assert len(steps["ai4t"]) == 4
    assert len(steps["elements-of-ai"]) == 6


def test_every_path_names_its_source_its_link_and_somebody_it_is_for(db: Session) -> None:
    load_catalogue(db, now=NOW)
    publics = {audience.value for audience in Audience}
    for path in list_paths(db):
        assert path.source.startswith("https://")
        assert path.url.startswith("https://")
        assert path.audiences
        assert set(path.audiences) <= publics
    for audience in Audience:
        assert choose_paths(list_paths(db), audience, None).fitting, audience


def test_what_a_source_does_not_say_is_left_open_and_said(db: Session) -> None:
    load_catalogue(db, now=NOW)
    snt, elements = find_path(db, "snt"), find_path(db, "elements-of-ai")
    assert snt is not None
    assert snt.hours is None
    assert "durée" in snt.note
    assert elements is not None
    assert elements.licence == ""
    ai4t = find_path(db, "ai4t")
    assert ai4t is not None
    assert (ai4t.hours_from, ai4t.hours) == (2, 4)
    assert "ne s’accordent pas" in ai4t.note


def test_the_python_part_stands_under_nsi(db: Session) -> None:
    load_catalogue(db, now=NOW)
    nsi = find_path(db, "nsi")
    assert nsi is not None
    assert [path.slug for path in list_subpaths(db, nsi.id)] == ["nsi-python"]


def test_the_half_day_that_the_place_adds_is_optional(db: Session) -> None:
    load_catalogue(db, now=NOW)
    half_days = db.scalars(select(Step).where(Step.kind == StepKind.ATTENDANCE)).all()
    assert len(half_days) == 2
    assert not any(step.is_required for step in half_days)
    snt = find_path(db, "snt")
    assert snt is not None
    assert count_steps(db)[snt.id] == 3


def test_loading_twice_changes_nothing(db: Session) -> None:
    load_catalogue(db, now=NOW)
    db.commit()
    before = counted(db)
    load_catalogue(db, now=NOW)
    db.commit()
    assert counted(db) == before


def test_changed_steps_make_a_new_version_and_an_enrolment_keeps_its_own(
    db: Session, make: Factory
) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    first = enrolment.version_id
    load_catalogue(db, now=NOW, catalogue=[path_facts(steps=[step_facts("A"), step_facts("Z")])])
    db.commit()
    version = current_version(db, path.id)
    assert version is not None
    assert version.number == 2
    assert [step.code for step in version.steps] == ["A", "Z"]
    assert enrolment.version_id == first
    assert [step.code for step in enrolment.version.steps] == ["A", "B", "C"]


def test_a_corrected_fact_about_a_path_needs_no_new_version(db: Session) -> None:
    path = make_path(db)
    load_catalogue(db, now=NOW, catalogue=[path_facts(licence="CC BY 3.0")])
    db.commit()
    db.refresh(path)
    assert path.licence == "CC BY 3.0"
    assert [version.number for version in path.versions] == [1]


def test_the_time_a_person_has_finds_the_paths_that_fit_and_sets_the_untimed_apart(
    db: Session,
) -> None:
    load_catalogue(db, now=NOW)
    found = choose_paths(list_paths(db), Audience.TEACHER, Time.SHORT)
    assert [path.slug for path in found.fitting] == ["ai4t"]
    assert [path.slug for path in found.untimed] == ["snt"]
    assert [path.slug for path in found.near] == ["nsi", "nsi-python", "nsi-pratique", "iai"]
    assert [path.slug for path in found.others] == ["elements-of-ai"]
    # A range that the source gives fits wherever it reaches.
    middle = {path.slug for path in choose_paths(list_paths(db), None, Time.MEDIUM).fitting}
    long = {path.slug for path in choose_paths(list_paths(db), None, Time.LONG).fitting}
    assert middle == {"nsi-python", "nsi-pratique", "iai", "elements-of-ai"}
    assert long == {"nsi", "nsi-python"}


def test_the_catalogue_carries_facts_and_no_course_text() -> None:
    text = files("courses.paths").joinpath("catalogue.json").read_text("utf-8")
    assert max(len(path["summary"]) for path in read_catalogue()) < 160
    assert json.loads(text)["paths"] == read_catalogue()
