"""The badges of the place, for programs."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from badges.designs.models import BadgeClass
from badges.designs.queries import list_badges
from badges.designs.words import condition_label
from tierslieu.db import db
from tierslieu.settings import Settings
from tierslieu.web.api import Body, ListQuery, listed, page_of, read_query, token
from tierslieu.web.openapi import described

blueprint = Blueprint("designs_api", __name__, url_prefix="/api/v1")


class Skill(Body):
    """An item of a public framework."""

    framework: str
    code: str
    name: str
    url: str


class Badge(Body):
    """A badge that can be awarded: what it says, and what it takes, in words."""

    slug: str
    name: str
    description: str
    criteria: list[str]
    hours: int | None
    valid_months: int | None
    skills: list[Skill]
    url: str


def _told(badge: BadgeClass, base_url: str) -> Badge:
    return Badge(
        slug=badge.slug,
        name=badge.name,
        description=badge.description,
        criteria=[str(condition_label(condition)) for condition in badge.conditions],
        hours=badge.hours,
        valid_months=badge.valid_months,
        skills=[
            Skill(framework=skill.framework, code=skill.code, name=skill.name, url=skill.url)
            for skill in badge.skills
        ],
        url=f"{base_url}/badges/{badge.slug}",
    )


@blueprint.get("/badges")
@token()
@described(query=ListQuery, answer=Badge, many=True, refusals={400: "cursor_unknown"})
def badges() -> Response:
    """List the badges that can be awarded, by name."""
    settings: Settings = current_app.config["TIERSLIEU"]
    asked = read_query(ListQuery)
    found, following = page_of(list_badges(db.session()), lambda badge: badge.slug, asked)
    return listed([_told(badge, settings.base_url) for badge in found], following)
