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

from badges.designs.asking import Condition, Group, check_groups, write_groups
from badges.designs.frameworks import Skill
from badges.designs.models import BadgeClass, BadgeSkill
from badges.designs.pictures import COLOURS, ICONS, SHAPES
from badges.designs.queries import get_badge, list_slugs
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

RESERVED = {"issuer", "creer", "propositions"}  # addresses of our own under /badges/
MAX_SKILLS = 12

__all__ = ["Condition", "Design", "Group", "create_badge", "update_badge"]


@dataclass(frozen=True)
class Design:
    """Everything a badge class says. ``hours`` whole hours; ``valid_months`` None is for life.

    It asks ``groups``, or else all of ``conditions``.
    """

    name: str
    description: str
    criteria: str
    hours: int | None
    valid_months: int | None
    shape: str
    colour: str
    icon: str
    skills: Sequence[Skill]
    conditions: Sequence[Condition] = ()
    groups: Sequence[Group] = ()
    automatic: bool = False

    @property
    def asked(self) -> Sequence[Group]:
        """What must hold."""
        return self.groups or ([Group(self.conditions)] if self.conditions else [])


def create_badge(
    db: Session, design: Design, *, now: datetime, actor_id: UUID | None
) -> BadgeClass:
    """A new badge class, at an address made from its name."""
    lock_for_writing(db)
    _check(db, design, None)
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
    _check(db, design, badge.id)
    badge.skills.clear()
    badge.groups.clear()
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


def _check(db: Session, design: Design, badge_id: UUID | None) -> None:
    check_groups(db, design.asked, automatic=design.automatic, badge_id=badge_id)
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
    badge.automatic = design.automatic
    write_groups(badge, design.asked)


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
