"""Paths, enrolments and declared steps as tests need them; each call commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.rules import enrol
from courses.paths.models import Path, Step
from courses.paths.queries import current_version, find_path
from courses.paths.rules import load_catalogue
from courses.progress.models import StepRecord
from courses.progress.rules import declare_step
from tierslieu.house import House
from tierslieu.people.models import User

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def step_facts(code: str, **changes: Any) -> dict[str, Any]:
    """One step of a catalogue."""
    return {
        "code": code,
        "title": f"Étape {code}",
        "kind": "online",
        "hours": None,
        "units": [],
        "is_required": True,
        **changes,
    }


def path_facts(slug: str = "essai", **changes: Any) -> dict[str, Any]:
    """One path of a catalogue: two required modules and an optional half-day."""
    return {
        "slug": slug,
        "title": f"Parcours {slug}",
        "short_title": slug.upper(),
        "summary": "Pour essayer.",
        "provider": "Nous",
        "url": "https://example.org/cours",
        "language": "fr",
        "licence": "CC BY 4.0",
        "hours_from": None,
        "hours": 12,
        "note": "",
        "audiences": ["teacher"],
        "source": "https://example.org/source",
        "parent": None,
        "steps": [
            step_facts("A", units=["Unité 1", "Unité 2"]),
            step_facts("B"),
            step_facts("C", kind="attendance", is_required=False),
        ],
        **changes,
    }


def make_path(db: Session, slug: str = "essai", **changes: Any) -> Path:
    """A path of the catalogue."""
    load_catalogue(db, now=NOW, catalogue=[path_facts(slug, **changes)])
    db.commit()
    path = find_path(db, slug)
    assert path is not None
    return path


def steps_of(db: Session, path: Path) -> list[Step]:
    """The steps of its current version."""
    version = current_version(db, path.id)
    assert version is not None
    return list(version.steps)


def make_enrolment(db: Session, user: User, path: Path, *, now: datetime = NOW) -> Enrolment:
    """This person follows this path."""
    enrolment = enrol(db, user.id, path.id, now=now)
    db.commit()
    return enrolment


def make_record(
    db: Session, enrolment: Enrolment, step: Step, *, now: datetime = NOW, **evidence: Any
) -> StepRecord:
    """A declared step, with a few words."""
    record = declare_step(
        db,
        enrolment.id,
        step.id,
        now=now,
        house=House(()),
        **(evidence or {"text": "Voici mon travail."}),
    )
    db.commit()
    return record


@contextmanager
def counted_queries(db: Session) -> Iterator[list[str]]:
    """The queries sent to the database within the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            seen.append(statement)

    engine = db.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
