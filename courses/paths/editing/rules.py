"""Drafts of paths: begun, changed, published, given up; paths retired and proposed again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.paths.editing.problems import find_problems, read_file
from courses.paths.editing.queries import find_draft, list_parts
from courses.paths.facts import PathFacts, PoolFacts, StepFacts, facts_of, make_key
from courses.paths.models import Path, PathDraft, PathVersion
from courses.paths.queries import current_version, find_path, list_paths
from courses.paths.rules import keep_path, publish_version
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

RESERVED = frozenset({"nouveau", "importer"})  # addresses of pages
MAX_CHANGES = 500  # characters
Change = Callable[[PathFacts], PathFacts]


def facts_in(draft: PathDraft) -> PathFacts:
    """What a draft says."""
    return PathFacts.model_validate(draft.content)


def create_draft(
    db: Session, title: str, short_title: str, *, actor_id: UUID, now: datetime
) -> PathDraft:
    """A new path, with nothing in it yet. Its address comes of its short title."""
    lock_for_writing(db)
    taken = {path.slug for path in list_paths(db, with_retired=True)} | RESERVED
    taken |= set(db.scalars(select(PathDraft.slug).order_by(PathDraft.slug)))
    slug = make_key(short_title, title, taken)
    return _keep(db, PathFacts(slug=slug, title=title, short_title=short_title), actor_id, now)


def begin_draft(db: Session, slug: str, *, actor_id: UUID, now: datetime) -> PathDraft:
    """A draft of the next version of a path, or the one that is being written already."""
    lock_for_writing(db)
    draft = find_draft(db, slug)
    if draft is not None:
        return draft
    path = find_path(db, slug)
    if path is None:
        raise NotYours
    try:
        return _keep(db, facts_of(path, current_version(db, path.id)), actor_id, now)
    except Refused:
        draft = find_draft(db, slug)
        if draft is None:
            raise
        return draft


def import_draft(db: Session, data: bytes, *, actor_id: UUID, now: datetime) -> PathDraft:
    """A file becomes a draft, which somebody reads before it is published.

    Raises :class:`Refused` ``bad_file`` (each mistake and its place in ``more["mistakes"]``),
    ``reserved`` or ``draft_exists``.
    """
    facts, mistakes = read_file(data)
    if facts is None:
        raise Refused(
            " ".join(mistakes) or _("Ce fichier ne se lit pas."),
            code="bad_file",
            field="file",
            status=422,
            more={"mistakes": mistakes},
        )
    lock_for_writing(db)
    if facts.slug in RESERVED:
        raise Refused(
            _(
                "« %(slug)s » est l’adresse d’une page : choisissez un autre « slug ».",
                slug=facts.slug,
            ),
            code="reserved",
            field="file",
            status=422,
        )
    if find_draft(db, facts.slug) is not None:
        raise Refused(
            _("Un brouillon de ce parcours existe déjà : publiez-le ou abandonnez-le d’abord."),
            code="draft_exists",
            field="file",
        )
    return _keep(db, facts, actor_id, now)


def change_draft(
    db: Session, slug: str, change: Change, *, revision: int | None, actor_id: UUID, now: datetime
) -> PathDraft:
    """Apply ``change`` to a draft. ``revision``: the one that was read (None: whichever, for a
    change that does not rest on what was read). Raises :class:`Refused` ``draft_changed``."""
    draft = _lock(db, slug)
    if revision is not None and draft.revision != revision:
        raise Refused(
            _(
                "Quelqu’un a changé ce brouillon entre-temps, et rien n’a été écrasé. Relisez-le "
                "dans un autre onglet, puis gardez de nouveau ce que vous aviez écrit."
            ),
            code="draft_changed",
        )
    return _write(draft, change(facts_in(draft)), actor_id, now)


def publish_draft(
    db: Session,
    slug: str,
    *,
    revision: int,
    actor_id: UUID,
    now: datetime,
    changes: str = "",
    badges: Mapping[str, Collection[str]] | None = None,
) -> tuple[Path, PathVersion | None]:
    """A draft becomes what everybody sees: its facts at once, its steps as a new version.

    None instead of a version when the steps are those of the current one. Whoever follows the
    path keeps their version. From now on the shipped catalogue leaves this path alone. Raises
    :class:`Refused` ``draft_changed`` or ``has_problems``.
    """
    lock_for_writing(db)
    # All drafts are held: two that would become each other's part are published one after the
    # other, and the second sees the loop.
    db.execute(select(PathDraft.id).order_by(PathDraft.id).with_for_update())
    draft = _lock(db, slug)
    if draft.revision != revision:
        raise Refused(
            _("Quelqu’un a changé ce brouillon entre-temps : relisez-le avant de publier."),
            code="draft_changed",
        )
    facts = facts_in(draft)
    problems = problems_of(db, facts, badges)
    if problems:
        raise Refused(" ".join(problems), code="has_problems", more={"problems": problems})
    is_new = find_path(db, slug) is None
    path = keep_path(db, facts)
    if is_new:
        path.position = (db.scalar(select(func.max(Path.position))) or 0) + 1
    path.is_local = True
    version = publish_version(
        db, path, facts, now=now, actor_id=actor_id, changes=changes.strip()[:MAX_CHANGES]
    )
    db.delete(draft)
    db.flush()
    return path, version


def problems_of(
    db: Session, facts: PathFacts, badges: Mapping[str, Collection[str]] | None = None
) -> list[str]:
    """What keeps this path from being published, in sentences. ``badges``: those that a step may
    ask for, each with the paths it asks one to have completed (None: not looked at)."""
    paths = list_paths(db, with_retired=True)
    return find_problems(
        facts,
        slugs={path.slug for path in paths},
        retired={path.slug for path in paths if path.retired_at is not None},
        parts=list_parts(db),
        badges=badges,
    )


def give_up_draft(db: Session, slug: str) -> None:
    """Throw a draft away; the published path stays as it is."""
    db.delete(_lock(db, slug))
    db.flush()


def retire_path(db: Session, slug: str, *, is_retired: bool, now: datetime) -> Path:
    """Propose a path no longer, or again. Whoever follows it goes on.

    Raises :class:`Refused` ``is_part``: a path that is a step of another could no longer be begun
    by who follows that one.
    """
    lock_for_writing(db)
    path = find_path(db, slug)
    if path is None:
        raise NotYours
    wholes = sorted(whole for whole, parts in list_parts(db).items() if slug in parts)
    if is_retired and wholes:
        raise Refused(
            _(
                "Ce parcours est une étape de « %(paths)s » : modifiez d’abord celui-là.",
                paths=", ".join(wholes),
            ),
            code="is_part",
        )
    if is_retired != (path.retired_at is not None):
        path.retired_at = now if is_retired else None
    db.flush()
    return path


# --- changes of a draft: from facts to facts ----------------------------------------------------


def with_facts(**values: Any) -> Change:
    """Other words about the path itself; its address and steps stay."""
    return lambda facts: PathFacts.model_validate({**facts.model_dump(), **values})


def with_step(step: StepFacts, *, key: str | None = None) -> Change:
    """A step added at the end, or in the place of the one of that key."""

    def change(facts: PathFacts) -> PathFacts:
        if key is None:
            return facts.model_copy(update={"steps": (*facts.steps, step)})
        _find(facts.steps, key)
        steps = tuple(step if one.key == key else one for one in facts.steps)
        return facts.model_copy(update={"steps": steps})

    return change


def without_step(key: str) -> Change:
    """A step taken out, and out of what others need."""

    def change(facts: PathFacts) -> PathFacts:
        _find(facts.steps, key)
        steps = tuple(
            one.model_copy(update={"needs": tuple(need for need in one.needs if need != key)})
            for one in facts.steps
            if one.key != key
        )
        return facts.model_copy(update={"steps": steps})

    return change


def with_step_moved(key: str, by: int) -> Change:
    """A step moved one place up (-1) or down (+1); at an end it stays."""

    def change(facts: PathFacts) -> PathFacts:
        here = _find(facts.steps, key)
        there = min(max(here + by, 0), len(facts.steps) - 1)
        steps = list(facts.steps)
        steps.insert(there, steps.pop(here))
        return facts.model_copy(update={"steps": tuple(steps)})

    return change


def with_pool(pool: PoolFacts, *, key: str | None = None) -> Change:
    """A pool added, or in the place of the one of that key."""

    def change(facts: PathFacts) -> PathFacts:
        if key is None:
            return facts.model_copy(update={"pools": (*facts.pools, pool)})
        _find(facts.pools, key)
        pools = tuple(pool if one.key == key else one for one in facts.pools)
        return facts.model_copy(update={"pools": pools})

    return change


def without_pool(key: str) -> Change:
    """A pool taken out; its steps stay, each for itself."""

    def change(facts: PathFacts) -> PathFacts:
        _find(facts.pools, key)
        steps = tuple(
            one.model_copy(update={"pool": None}) if one.pool == key else one for one in facts.steps
        )
        pools = tuple(one for one in facts.pools if one.key != key)
        return facts.model_copy(update={"pools": pools, "steps": steps})

    return change


def _find(items: Sequence[StepFacts | PoolFacts], key: str) -> int:
    for place, one in enumerate(items):
        if one.key == key:
            return place
    raise NotYours


def _lock(db: Session, slug: str) -> PathDraft:
    lock_for_writing(db)
    draft = db.scalar(
        select(PathDraft)
        .where(PathDraft.slug == slug)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise NotYours
    return draft


def _keep(db: Session, facts: PathFacts, actor_id: UUID, now: datetime) -> PathDraft:
    draft = PathDraft(
        slug=facts.slug,
        content=facts.model_dump(mode="json"),
        created_at=now,
        updated_at=now,
        updated_by_id=actor_id,
    )
    try:
        with db.begin_nested():
            db.add(draft)
    except IntegrityError:  # somebody, or a second tap, began it at the same instant
        raise Refused(
            _("Un brouillon de ce parcours existe déjà : publiez-le ou abandonnez-le d’abord."),
            code="draft_exists",
            field="file",
        ) from None
    return draft


def _write(draft: PathDraft, facts: PathFacts, actor_id: UUID, now: datetime) -> PathDraft:
    # Read again as a file would be: a change put together from facts may break a bound of theirs.
    draft.content = PathFacts.model_validate(facts.model_dump()).model_dump(mode="json")
    draft.revision += 1
    draft.updated_at, draft.updated_by_id = now, actor_id
    return draft
