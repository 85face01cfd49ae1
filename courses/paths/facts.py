"""A path as a file says it: the shipped catalogue, an export, an import, a draft. One shape.

``docs/paths.md`` describes the fields for whoever writes such a file by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from courses.paths.models import Path, PathVersion, Step, StepKind, StepPool
from tierslieu.people.models import Audience

MAX_STEPS = 200
MAX_HOURS = 2000.0

MAX_LISTED = 100  # units of a step, what it needs, pools
# Controls but the ends of lines, and what turns the reading direction: nobody types them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _is_plain(text: str) -> str:
    if _UNSEEN.search(text):
        raise PydanticCustomError("unseen", "holds a character that nobody sees")
    return text


Plain = AfterValidator(_is_plain)
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Plain]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Plain]
Link = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^(https?://\S+)?$")
]
Slug = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Hours = Annotated[float, Field(ge=0, le=MAX_HOURS, allow_inf_nan=False)]


def _once(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PoolFacts(_Facts):
    """A pool of steps, of which ``needed`` are asked: «2 of 5»."""

    key: Slug
    title: Name
    needed: Annotated[int, Field(ge=1, le=MAX_STEPS)]


class StepFacts(_Facts):
    """One step. ``key``: what it is called from one version to the next, whatever its title.

    ``hours``: None where the source is silent. ``pool``: the key of its pool; such a step is not
    asked by itself, whatever ``is_required`` says. ``needs``: keys of the steps that come first.
    ``badge``: the slug of the badge that a step of that kind asks; ``subpath``: of the path.
    """

    key: Slug
    code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), Plain] = ""
    title: Name
    kind: StepKind
    units: Annotated[tuple[Name, ...], Field(max_length=MAX_LISTED)] = ()
    hours: Hours | None = None
    is_required: bool = True
    url: Link = ""
    pool: Slug | None = None
    needs: Annotated[tuple[Slug, ...], Field(max_length=MAX_LISTED), AfterValidator(_once)] = ()
    badge: Slug | None = None
    subpath: Slug | None = None


class PathFacts(_Facts):
    """One path with its steps and pools, in order."""

    slug: Slug
    title: Name
    short_title: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), Plain
    ]
    summary: Text = ""
    provider: Text = ""
    url: Link = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "fr"
    licence: Text = ""
    hours_from: Hours | None = None
    hours: Hours | None = None
    note: Text = ""
    audiences: tuple[Audience, ...] = ()
    source: Text = ""
    parent: Slug | None = None
    pools: Annotated[tuple[PoolFacts, ...], Field(max_length=MAX_LISTED)] = ()
    steps: Annotated[tuple[StepFacts, ...], Field(max_length=MAX_STEPS)] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_the_steps(cls, said: Any) -> Any:
        """A file written by hand need not think of keys: they come of the code, or of the title."""
        if not isinstance(said, Mapping) or not isinstance(said.get("steps"), Sequence):
            return said
        steps = said["steps"]
        if len(steps) > MAX_STEPS:  # before each is looked at and compared with the others
            raise PydanticCustomError("too_many_steps", "holds too many steps")
        if not all(isinstance(step, Mapping) for step in steps):
            return said
        taken = {str(step["key"]) for step in steps if step.get("key")}
        named = []
        for step in steps:
            key = step.get("key") or make_key(step.get("code"), step.get("title"), taken)
            taken.add(str(key))
            named.append({**step, "key": key})
        return {**said, "steps": named}


def make_key(code: object, title: object, taken: Iterable[str]) -> str:
    """``bloc-1`` for «Bloc 1»: the code, or else the title, in small letters, once only."""
    words = code if isinstance(code, str) and code.strip() else title
    plain = unicodedata.normalize("NFKD", str(words or "")).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:50].strip("-") or "etape"
    key, number, known = stem, 2, set(taken)
    while key in known:
        key, number = f"{stem}-{number}", number + 1
    return key


def facts_of_step(step: Step) -> StepFacts:
    """A stored step, as a file says it."""
    return StepFacts(
        key=step.key,
        code=step.code,
        title=step.title,
        kind=step.kind,
        units=tuple(step.units),
        hours=step.hours,
        is_required=step.is_required,
        url=step.url,
        pool=step.pool.key if step.pool else None,
        needs=tuple(sorted(needed.key for needed in step.needs)),
        badge=step.badge,
        subpath=step.subpath.slug if step.subpath else None,
    )


def facts_of_pool(pool: StepPool) -> PoolFacts:
    """A stored pool, as a file says it."""
    return PoolFacts(key=pool.key, title=pool.title, needed=pool.needed)


def facts_of(path: Path, version: PathVersion | None) -> PathFacts:
    """A stored path in one of its versions, as a file says it."""
    return PathFacts(
        slug=path.slug,
        title=path.title,
        short_title=path.short_title,
        summary=path.summary,
        provider=path.provider,
        url=path.url,
        language=path.language,
        licence=path.licence,
        hours_from=path.hours_from,
        hours=path.hours,
        note=path.note,
        audiences=tuple(Audience(value) for value in path.audiences),
        source=path.source,
        parent=path.parent.slug if path.parent else None,
        pools=tuple(facts_of_pool(pool) for pool in version.pools) if version else (),
        steps=tuple(facts_of_step(step) for step in version.steps) if version else (),
    )
