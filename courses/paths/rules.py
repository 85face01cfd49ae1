"""Loading the catalogue of outside courses into paths, versions and steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from courses.paths.models import Path, PathVersion, Step, StepKind
from courses.paths.queries import current_version, find_path
from tierslieu.db import lock_for_writing

CATALOGUE = "catalogue.json"


@dataclass(frozen=True)
class StepFacts:
    """One step as its source describes it. ``hours``: None where the source is silent."""

    code: str
    title: str
    kind: StepKind
    units: tuple[str, ...]
    hours: float | None
    is_required: bool
    url: str

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> StepFacts:
        """From the catalogue's JSON. Raises KeyError or ValueError for an ill-formed one."""
        return cls(
            code=facts["code"],
            title=facts["title"],
            kind=StepKind(facts["kind"]),
            units=tuple(facts["units"]),
            hours=facts["hours"],
            is_required=facts.get("is_required", True),
            url=facts.get("url", ""),
        )

    @classmethod
    def of(cls, step: Step) -> StepFacts:
        """What a stored step says, to be compared."""
        return cls(
            step.code,
            step.title,
            step.kind,
            tuple(step.units),
            step.hours,
            step.is_required,
            step.url,
        )


def read_catalogue() -> list[dict[str, Any]]:
    """The catalogue shipped with the house: a list of paths, each with its steps and sources."""
    text = files("courses.paths").joinpath(CATALOGUE).read_text("utf-8")
    paths: list[dict[str, Any]] = json.loads(text)["paths"]
    return paths


def load_catalogue(
    db: Session, *, now: datetime, catalogue: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Bring the paths in line with ``catalogue`` (default: the one shipped).

    Facts about a path are corrected in place. Steps are frozen: when they changed, a new version
    is published, and those already enrolled keep theirs. A second run changes nothing.
    """
    lock_for_writing(db)
    entries = read_catalogue() if catalogue is None else catalogue
    for position, facts in enumerate(entries):
        _load_path(db, position, facts, now)
    db.flush()


def _load_path(db: Session, position: int, facts: Mapping[str, Any], now: datetime) -> None:
    path = find_path(db, facts["slug"])
    if path is None:
        path = Path(slug=facts["slug"])
        db.add(path)
    path.position = position
    path.title = facts["title"]
    path.short_title = facts["short_title"]
    path.summary = facts["summary"]
    path.provider = facts["provider"]
    path.url = facts["url"]
    path.language = facts["language"]
    path.licence = facts["licence"]
    path.hours_from = facts["hours_from"]
    path.hours = facts["hours"]
    path.note = facts["note"]
    path.audiences = list(facts["audiences"])
    path.source = facts["source"]
    parent = find_path(db, facts["parent"]) if facts["parent"] else None
    path.parent_id = parent.id if parent else None
    db.flush()
    steps = [StepFacts.read(step) for step in facts["steps"]]
    last = current_version(db, path.id)
    if last is None or [StepFacts.of(step) for step in last.steps] != steps:
        _publish(db, path, last.number + 1 if last else 1, steps, now)


def _publish(
    db: Session, path: Path, number: int, steps: Sequence[StepFacts], now: datetime
) -> None:
    version = PathVersion(path_id=path.id, number=number, published_at=now)
    version.steps = [
        Step(
            position=position,
            code=step.code,
            title=step.title,
            kind=step.kind,
            units=list(step.units),
            hours=step.hours,
            is_required=step.is_required,
            url=step.url,
        )
        for position, step in enumerate(steps, start=1)
    ]
    db.add(version)
    db.flush()
