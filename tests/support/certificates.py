"""Awards that were never in a database, to draw certificates of; and looks at what was drawn."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from badges.awards.models import Award, Sharing
from badges.designs.frameworks import Skill, find_skill
from badges.designs.models import BadgeClass, BadgeSkill

WHEN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ENGLISH = {
    "name_en": "Teaching with Python",
    "description_en": "Can lead a programming lesson in upper secondary school.",
    "criteria_en": "Finished the path.",
}


def skills(*keys: str) -> list[BadgeSkill]:
    """Skills of public frameworks."""
    found = [find_skill(key) for key in keys]
    return [_skill(skill, place) for place, skill in enumerate(found) if skill is not None]


def _skill(skill: Skill, position: int) -> BadgeSkill:
    return BadgeSkill(
        position=position,
        framework=skill.framework,
        framework_name=skill.framework_name,
        code=skill.code,
        name=skill.name,
        url=skill.url,
    )


def loose_award(
    *,
    holder: str = "Ada Lovelace",
    grounds: Sequence[str] = ("a terminé le parcours « SNT »",),
    shared: bool = False,
    credential: str = '{"id": "urn:uuid:1", "issuer": {"name": "Tiers-lieu d’essai"}}',
    valid_until: datetime | None = None,
    **changes: Any,
) -> Award:
    """An award with believable words; ``changes`` are the badge's."""
    facts: dict[str, Any] = {
        "slug": "enseigner-snt-python",
        "name": "Enseigner SNT\u00a0: Python",
        "description": "Sait conduire une séance de programmation en Seconde.",
        "criteria": "Avoir terminé le parcours.",
        "name_en": "",
        "description_en": "",
        "criteria_en": "",
        "hours": 12,
        "valid_months": None,
        "shape": "hexagon",
        "colour": "mer",
        "icon": "code",
        "ground": "",
        "mark": "",
        "text": "",
        "skills": skills("CRCN:3.4"),
        **changes,
    }
    return Award(
        id=uuid.UUID(int=7),
        badge=BadgeClass(**facts),
        holder_name=holder,
        is_named=True,
        grounds=list(grounds),
        credential=credential,
        sharing=Sharing.LINK if shared else Sharing.PRIVATE,
        awarded_at=WHEN,
        valid_until=valid_until,
    )


def words_of(pdf: bytes, folder: Path) -> str:
    """The text as poppler reads it."""
    paper = folder / "paper.pdf"
    paper.write_bytes(pdf)
    made = subprocess.run(
        ["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True
    )
    return made.stdout


def picture_of(pdf: bytes, folder: Path, dpi: int = 150) -> Image.Image:
    """The sheet in pixels, as poppler draws it."""
    (folder / "paper.pdf").write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-png", "-singlefile", "-r", str(dpi), folder / "paper.pdf", folder / "paper"],
        check=True,
    )
    with Image.open(folder / "paper.png") as opened:
        opened.load()
        return opened
