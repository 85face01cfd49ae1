"""Paths as files say them become paths, versions and steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from courses.paths.facts import PathFacts, facts_of
from courses.paths.models import Path, PathVersion, Step, StepPool
from courses.paths.queries import current_version, find_path
from tierslieu.db import lock_for_writing

CATALOGUE = "catalogue.json"


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
    is published, and those already enrolled keep theirs. A path that was changed here stays as it
    is here. A second run changes nothing. Raises ``pydantic.ValidationError`` for an ill-formed
    catalogue.
    """
    lock_for_writing(db)
    entries = read_catalogue() if catalogue is None else catalogue
    for position, entry in enumerate(entries):
        facts = PathFacts.model_validate(entry)
        path = find_path(db, facts.slug)
        if path is not None and path.is_local:
            continue
        path = keep_path(db, facts)
        path.position = position
        publish_version(db, path, facts, now=now)
    db.flush()


def keep_path(db: Session, facts: PathFacts) -> Path:
    """The path of that slug with those facts, new if there was none; its steps are another
    matter."""
    path = find_path(db, facts.slug)
    if path is None:
        path = Path(slug=facts.slug)
        db.add(path)
    path.title, path.short_title = facts.title, facts.short_title
    path.summary, path.note, path.source = facts.summary, facts.note, facts.source
    path.provider, path.url, path.licence = facts.provider, facts.url, facts.licence
    path.language = facts.language
    path.hours_from, path.hours = facts.hours_from, facts.hours
    path.audiences = [audience.value for audience in facts.audiences]
    path.parent = find_path(db, facts.parent) if facts.parent else None
    db.flush()
    return path


def publish_version(
    db: Session,
    path: Path,
    facts: PathFacts,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    changes: str = "",
) -> PathVersion | None:
    """A new version with those steps; None when the current one has them already."""
    last = current_version(db, path.id)
    if last is not None:
        known = facts_of(path, last)
        if (known.steps, known.pools) == (_in_order(facts).steps, facts.pools):
            return None
    version = PathVersion(
        path_id=path.id,
        number=last.number + 1 if last else 1,
        published_at=now,
        published_by_id=actor_id,
        changes=changes,
    )
    version.pools = [
        StepPool(position=position, key=pool.key, title=pool.title, needed=pool.needed)
        for position, pool in enumerate(facts.pools, start=1)
    ]
    pools = {pool.key: pool for pool in version.pools}
    version.steps = [
        Step(
            position=position,
            key=step.key,
            code=step.code,
            title=step.title,
            kind=step.kind,
            units=list(step.units),
            hours=step.hours,
            is_required=step.is_required,
            url=step.url,
            pool=pools[step.pool] if step.pool else None,
            badge=step.badge,
            subpath=find_path(db, step.subpath) if step.subpath else None,
        )
        for position, step in enumerate(facts.steps, start=1)
    ]
    by_key = {step.key: step for step in version.steps}
    for step in facts.steps:
        by_key[step.key].needs = [by_key[key] for key in step.needs]
    db.add(version)
    db.flush()
    return version


def _in_order(facts: PathFacts) -> PathFacts:
    """With what a step needs in the order in which it is stored."""
    steps = tuple(
        step.model_copy(update={"needs": tuple(sorted(step.needs))}) for step in facts.steps
    )
    return facts.model_copy(update={"steps": steps})
