"""Making and changing badge classes."""

from __future__ import annotations

import math
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
from badges.designs.lettering import MAX_LETTERS, SMALLEST, unknown_letters
from badges.designs.models import BadgeClass, BadgePicture, BadgeSkill, Level
from badges.designs.own_pictures import OwnPicture
from badges.designs.pictures import ICONS, NO_ICON, OWN, SHAPES, Drawing, letter
from badges.designs.queries import get_badge, has_published_successor, list_slugs
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.web import contrast

# Addresses of our own under /badges/.
RESERVED = {
    "issuer", "keys", "creer", "propositions", "apercu", "competences", "dessin", "revoked",
}  # fmt: skip
MAX_SKILLS = 12

__all__ = ["Condition", "Design", "Group", "create_badge", "update_badge"]


@dataclass(frozen=True)
class Design:
    """Everything a badge class says. ``hours`` whole hours; ``valid_months`` None is for life.

    It asks ``groups``, or else all of ``conditions``. The English texts are all given or none.
    ``ground`` and ``mark`` count when ``colour`` is OWN; ``own`` is shown instead of what is drawn.
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
    suspendable: bool = False
    level: Level | None = None
    name_en: str = ""
    description_en: str = ""
    criteria_en: str = ""
    text: str = ""
    ground: str = ""
    mark: str = ""
    own: OwnPicture | None = None

    @property
    def asked(self) -> Sequence[Group]:
        """What must hold."""
        return self.groups or ([Group(self.conditions)] if self.conditions else [])

    @property
    def drawing(self) -> Drawing:
        """What its picture is drawn from."""
        return Drawing(self.shape, self.colour, self.icon, self.text, self.ground, self.mark)


def create_badge(
    db: Session, design: Design, *, now: datetime, actor_id: UUID | None
) -> BadgeClass:
    """A new badge class, at an address made from its name; it can be awarded at once."""
    lock_for_writing(db)
    check(db, design, None)
    badge = BadgeClass(
        slug=free_slug(db, stem_of(design.name)),
        version=1,
        created_at=now,
        published_at=now,
        created_by_id=actor_id,
    )
    _write(badge, design)
    db.add(badge)
    db.flush()
    about = {"badge": str(badge.id), "title": badge.name}
    note(db, Act.BADGE_PUBLISHED, now=now, about=about, actor_id=actor_id)
    return badge


def update_badge(db: Session, badge_id: UUID, design: Design) -> BadgeClass:
    """Change a version that nobody has received yet; its address stays.

    Refused once awarded: each credential holds its own copy of these facts, and what a holder
    shows must stay what the page says.
    """
    lock_for_writing(db)
    badge = _find(db, badge_id, locked=True)
    if badge.frozen_at is not None:
        raise Refused(
            _(
                "Ce badge a été attribué, ou un partenaire le soutient : ce qu’il atteste ne "
                "change plus. Gardez ce que vous avez écrit, et préparez-en une nouvelle version."
            ),
            code="badge_awarded",
        )
    check(db, design, badge.id)
    badge.skills.clear()
    badge.groups.clear()
    badge.own_picture = None
    db.flush()
    _write(badge, design)
    db.flush()
    return badge


def archive_badge(db: Session, badge_id: UUID, *, now: datetime) -> BadgeClass:
    """Award it no more; those who hold it keep it, and its page stays."""
    lock_for_writing(db)
    badge = _find(db, badge_id)
    if badge.published_at is None:
        raise Refused(
            _("Un brouillon ne s’archive pas : publiez-le ou abandonnez-le."), code="draft"
        )
    badge.archived_at = badge.archived_at or now
    db.flush()
    return badge


def restore_badge(db: Session, badge_id: UUID) -> BadgeClass:
    """Award it again, unless a newer version took its place."""
    lock_for_writing(db)
    badge = _find(db, badge_id, locked=True)
    if has_published_successor(db, badge.id):
        raise Refused(
            _("Une version plus récente a pris la place de celle-ci : attribuez la plus récente."),
            code="version_replaced",
        )
    badge.archived_at = None
    db.flush()
    return badge


def freeze_badge(badge: BadgeClass, *, now: datetime) -> None:
    """Its first award: from now on its facts stay. A draft is published by it."""
    badge.frozen_at = badge.frozen_at or now
    if badge.published_at is None:
        publish(badge, now=now)


def publish(badge: BadgeClass, *, now: datetime) -> None:
    """This version is the one awarded from now on; the one it replaces no longer is."""
    badge.published_at = now
    if badge.previous is not None:
        badge.previous.archived_at = badge.previous.archived_at or now


def _find(db: Session, badge_id: UUID, *, locked: bool = False) -> BadgeClass:
    badge = get_badge(db, badge_id, locked=locked)
    if badge is None:
        raise NotYours()
    return badge


def check(db: Session, design: Design, badge_id: UUID | None) -> None:
    """What a badge says can be awarded and read. Raises :class:`Refused` beside the field.

    ``badge_id``: the badge that would say it, None while it has no row.
    """
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
    _check_english(design)
    if design.own is None:
        check_drawing(design.drawing)


def _check_english(design: Design) -> None:
    texts = {
        "name_en": design.name_en,
        "description_en": design.description_en,
        "criteria_en": design.criteria_en,
    }
    missing = [field for field, text in texts.items() if not text]
    if missing and len(missing) < len(texts):
        raise Refused(
            _("En anglais, écrivez le nom, la phrase et les critères, ou rien des trois."),
            code="english_incomplete",
            field=missing[0],
        )


def check_drawing(drawing: Drawing) -> None:
    """A picture whose sign and text can be read. Raises :class:`Refused` beside the field.

    Codes: ``picture``, ``text_missing``, ``text_too_long``, ``text_unknown``,
    ``text_too_small``, ``contrast_low`` (WCAG 2.2: 4.5 for a text, 3 for a sign).
    """
    if drawing.shape not in SHAPES or drawing.icon not in {*ICONS, NO_ICON}:
        raise _unknown()
    try:
        palette = drawing.palette
    except KeyError:
        raise _unknown() from None
    _check_text(drawing)
    least = contrast.TEXT if drawing.text else contrast.CONTROL
    found = contrast.contrast(palette.deep, palette.light)
    if drawing.colour == OWN and found < least:
        raise Refused(
            _(
                "Sur ce fond, le dessin se lit mal : le contraste est de %(found)s pour 1, il en "
                "faut au moins %(least)s. Foncez l’une des deux couleurs ou éclaircissez l’autre.",
                # Cut, not rounded: what falls short by a hair must not read as enough.
                found=_number(math.floor(found * 100) / 100),
                least=_number(least),
            ),
            code="contrast_low",
            field="mark",
        )


def _unknown() -> Refused:
    return Refused(_("Choisissez une forme, des couleurs et un signe."), code="picture")


def _check_text(drawing: Drawing) -> None:
    if drawing.icon == NO_ICON and not drawing.text:
        raise _wrong_text(
            _("Sans signe, il faut un texte : écrivez-en un, ou choisissez un signe."), "missing"
        )
    if len(drawing.text) > MAX_LETTERS:
        raise _wrong_text(
            _("Ce texte est trop long : %(count)s caractères au plus.", count=MAX_LETTERS),
            "too_long",
        )
    unknown = unknown_letters(drawing.text)
    if unknown:
        raise _wrong_text(
            _(
                "Notre police ne sait pas dessiner « %(letters)s ». Écrivez ce texte autrement.",
                letters=" ".join(unknown),
            ),
            "unknown",
        )
    if drawing.text and letter(drawing).size < SMALLEST:
        raise _wrong_text(
            _(
                "Ce texte serait trop petit pour être lu : raccourcissez-le, ou coupez-le en "
                "plusieurs mots."
            ),
            "too_small",
        )


def _wrong_text(message: str, what: str) -> Refused:
    return Refused(message, code=f"text_{what}", field="text", status=422)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _write(badge: BadgeClass, design: Design) -> None:
    badge.name, badge.description = design.name, design.description
    badge.criteria = design.criteria
    badge.hours, badge.valid_months = design.hours, design.valid_months
    badge.level = design.level
    badge.name_en, badge.description_en = design.name_en, design.description_en
    badge.criteria_en = design.criteria_en
    badge.shape, badge.colour, badge.icon = design.shape, design.colour, design.icon
    badge.text = design.text
    is_free = design.colour == OWN
    badge.ground, badge.mark = (design.ground, design.mark) if is_free else ("", "")
    own = design.own
    badge.own_picture = BadgePicture(svg=own.svg, png=own.png) if own else None
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
    badge.suspendable = design.suspendable
    write_groups(badge, design.asked)


def stem_of(name: str) -> str:
    """A name as an address has it."""
    words = name.lower().replace("’", " ").replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "badge"


def free_slug(db: Session, stem: str) -> str:
    """This address, or the first one like it that nobody has."""
    taken = list_slugs(db, stem) | RESERVED
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
