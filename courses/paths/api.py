"""The catalogue of paths for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import Blueprint, Response, current_app
from flask_babel import gettext as _

from courses.paths.facts import StepFacts, facts_of
from courses.paths.models import Path, PathVersion
from courses.paths.queries import count_steps, current_version, find_path, list_paths
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.settings import Settings
from tierslieu.web.api import Body, ListQuery, answer, listed, page_of, read_query, token
from tierslieu.web.openapi import described

blueprint = Blueprint("paths_api", __name__, url_prefix="/api/v1")
Kind = Literal["online", "attendance", "exercise", "preparation", "badge", "subpath"]


class PathSummary(Body):
    """A path of the catalogue. ``hours``: of work, or the upper end of a range that begins at
    ``hours_from``; null where the source is silent. ``steps_asked``: how many steps one does to
    finish it; ``is_proposed``: whether one may still begin it."""

    slug: str
    title: str
    short_title: str
    summary: str
    provider: str
    course_url: str
    language: str
    licence: str
    hours_from: float | None
    hours: float | None
    audiences: tuple[str, ...]
    parent: str | None
    steps_asked: int
    is_proposed: bool
    url: str


class PathPool(Body):
    """Steps among which one chooses: ``needed`` of them."""

    key: str
    title: str
    needed: int


class PathStep(Body):
    """A step. ``key`` stays from one version to the next; ``needs``: the keys of what comes first;
    ``pool``: the key of its pool; ``badge`` and ``subpath``: what a step of that kind asks."""

    key: str
    code: str
    title: str
    kind: Kind
    units: tuple[str, ...]
    hours: float | None
    is_required: bool
    course_url: str
    pool: str | None
    needs: tuple[str, ...]
    badge: str | None
    subpath: str | None


class PathWhole(PathSummary):
    """A path with the steps of its current version."""

    note: str
    source: str
    version: int
    published_at: datetime
    changes: str
    pools: tuple[PathPool, ...]
    steps: tuple[PathStep, ...]


def base_url() -> str:
    """The place's public address."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings.base_url


def _summary(path: Path, asked: int) -> PathSummary:
    return PathSummary(
        slug=path.slug,
        title=path.title,
        short_title=path.short_title,
        summary=path.summary,
        provider=path.provider,
        course_url=path.url,
        language=path.language,
        licence=path.licence,
        hours_from=path.hours_from,
        hours=path.hours,
        audiences=tuple(path.audiences),
        parent=path.parent.slug if path.parent else None,
        steps_asked=asked,
        is_proposed=path.retired_at is None,
        url=f"{base_url()}/parcours/{path.slug}",
    )


def _step(step: StepFacts) -> PathStep:
    said = step.model_dump(mode="json")
    return PathStep(
        course_url=said.pop("url"),
        units=tuple(said.pop("units")),
        needs=tuple(said.pop("needs")),
        **said,
    )


def _whole(path: Path, version: PathVersion, asked: int) -> PathWhole:
    facts = facts_of(path, version)
    return PathWhole(
        **_summary(path, asked).model_dump(),
        note=path.note,
        source=path.source,
        version=version.number,
        published_at=version.published_at,
        changes=version.changes,
        pools=tuple(PathPool(**pool.model_dump()) for pool in facts.pools),
        steps=tuple(_step(step) for step in facts.steps),
    )


@blueprint.get("/paths")
@token()
@described(query=ListQuery, answer=PathSummary, many=True, refusals={400: "cursor_unknown"})
def paths() -> Response:
    """List the paths that are proposed, in the order of the catalogue."""
    asked, session = read_query(ListQuery), db.session()
    counts = count_steps(session)
    shown, following = page_of(list_paths(session), lambda path: path.slug, asked)
    return listed([_summary(path, counts.get(path.id, 0)) for path in shown], following)


@blueprint.get("/paths/<slug>")
@token()
@described(answer=PathWhole, refusals={404: "not_found"})
def show_path(slug: str) -> Response:
    """Show a path with its steps, one that is no longer proposed too."""
    session = db.session()
    path = find_path(session, slug)
    version = current_version(session, path.id) if path else None
    if path is None or version is None:
        raise NotYours(_("Il n’y a pas de parcours de ce nom."))
    return answer(_whole(path, version, count_steps(session).get(path.id, 0)))
