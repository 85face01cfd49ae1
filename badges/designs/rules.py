"""Making and changing badge classes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.designs.frameworks import Skill
from badges.designs.models import BadgeClass, BadgeCriterion, BadgeSkill, CriterionKind
from badges.designs.pictures import COLOURS, ICONS, SHAPES
from badges.designs.queries import get_badge, list_slugs
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

RESERVED = {"issuer", "creer"}  # addresses of our own under /badges/
MAX_SKILLS = 12


@dataclass(frozen=True)
class Condition:
    """A criterion a machine can check, as a form or a scene states it."""

    kind: CriterionKind
    path_id: UUID | None = None
    step_id: UUID | None = None
    count: int = 1


@dataclass(frozen=True)
class Design:
    """Everything a badge class says. ``hours`` whole hours; ``valid_months`` None is for life."""

    name: str
    description: str
    criteria: str
    hours: int | None
    valid_months: int | None
    shape: str
    colour: str
    icon: str
    skills: Sequence[Skill]
    conditions: Sequence[Condition]


def create_badge(
    db: Session, design: Design, *, now: datetime, actor_id: UUID | None
) -> BadgeClass:
    """A new badge class, at an address made from its name."""
    lock_for_writing(db)
    _check(design)
    badge = BadgeClass(slug=_free_slug(db, design.name), created_at=now, created_by_id=actor_id)
    _write(badge, design)
    db.add(badge)
    db.flush()
    return badge


def update_badge(db: Session, badge_id: UUID, design: Design) -> BadgeClass:
    """Change a badge class that nobody has received yet; its address stays.

    Refused once awarded: each credential holds its own copy of these facts, and what a holder
    shows must stay what the page says.
    """
    lock_for_writing(db)
    badge = _find(db, badge_id)
    if badge.frozen_at is not None:
        raise Refused(
            _(
                "Ce badge a déjà été attribué : ce qu’il atteste ne change plus. "
                "Créez un badge à partir de celui-ci, puis archivez l’ancien."
            ),
            code="badge_awarded",
        )
    _check(design)
    badge.skills.clear()
    badge.conditions.clear()
    db.flush()
    _write(badge, design)
    db.flush()
    return badge


def archive_badge(db: Session, badge_id: UUID, *, now: datetime) -> BadgeClass:
    """Award it no more; those who hold it keep it, and its page stays."""
    lock_for_writing(db)
    badge = _find(db, badge_id)
    badge.archived_at = badge.archived_at or now
    db.flush()
    return badge


def restore_badge(db: Session, badge_id: UUID) -> BadgeClass:
    """Award it again."""
    lock_for_writing(db)
    badge = _find(db, badge_id)
    badge.archived_at = None
    db.flush()
    return badge


def freeze_badge(badge: BadgeClass, *, now: datetime) -> None:
    """Its first award: from now on its facts stay."""
    badge.frozen_at = badge.frozen_at or now


def _find(db: Session, badge_id: UUID) -> BadgeClass:
    badge = get_badge(db, badge_id)
    if badge is None:
        raise NotYours()
    return badge


def _check(design: Design) -> None:
    if not design.conditions:
        raise Refused(
            _(
                "Choisissez au moins un critère vérifiable : un badge n’est attribué qu’à qui le "
                "remplit."
            ),
            code="no_condition",
            field="path",
        )
    if len(design.skills) > MAX_SKILLS:
        raise Refused(
            _(
                "Gardez %(count)s compétences au plus : un badge se lit en dix secondes.",
                count=MAX_SKILLS,
            ),
            code="too_many_skills",
            field="skills",
        )
    if design.shape not in SHAPES or design.colour not in COLOURS or design.icon not in ICONS:
        raise Refused(_("Choisissez une forme, une couleur et un signe."), code="picture")


def _write(badge: BadgeClass, design: Design) -> None:
    badge.name, badge.description = design.name, design.description
    badge.criteria = design.criteria
    badge.hours, badge.valid_months = design.hours, design.valid_months
    badge.shape, badge.colour, badge.icon = design.shape, design.colour, design.icon
    badge.skills = [
        BadgeSkill(
            position=position,
            framework=skill.framework,
            framework_name=skill.framework_name,
            code=skill.code,
            name=skill.name,
            url=skill.url,
        )
        for position, skill in enumerate(design.skills)
    ]
    badge.conditions = [
        BadgeCriterion(
            position=position,
            kind=condition.kind,
            path_id=condition.path_id,
            step_id=condition.step_id,
            count=condition.count,
        )
        for position, condition in enumerate(design.conditions)
    ]


def _free_slug(db: Session, name: str) -> str:
    words = name.lower().replace("’", " ").replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "badge"
    taken = list_slugs(db, stem) | RESERVED
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
