"""A badge class as Open Badges 3.0 knows it: the *Achievement*.

The standard gives an Achievement one language (``inLanguage``) and plain strings. So each language
is an edition with an address of its own, and each names the other in ``related``, which is there
for «alternate language editions or previous versions» (Open Badges 3.0, section B.1.1). What is
awarded, and signed, is the French edition.

The level is what ``resultDescription`` is for: the scale with its rungs, and ``requiredLevel``,
the rung that every holder reached. ``specialization`` and ``fieldOfStudy`` name subjects, and a
``tag`` is a bare word; it is there as well, for readers that show nothing else.

An endorsement names the one id it is about: it stands in the French edition alone.
"""

from __future__ import annotations

import json
from typing import Any

from badges.designs.models import BadgeClass, Level
from badges.designs.words import LEVEL_NAMES, LEVEL_SENTENCES
from badges.engine.credentials import (
    BADGES_CONTEXT,
    CREDENTIALS_CONTEXT,
    Achievement,
    Alignment,
    Image,
    Related,
    Rung,
    Scale,
)
from tierslieu import clock

MAIN, OTHER = "fr", "en"
_SCALE_NAMES = {"fr": "Niveau", "en": "Level"}


def has_english(badge: BadgeClass) -> bool:
    """Whether the badge can be read in English too."""
    return bool(badge.name_en)


def achievement_of(badge: BadgeClass, base_url: str, language: str = MAIN) -> Achievement:
    """What every credential of this badge says was achieved; its edition in ``language``."""
    address = f"{base_url}/badges/{badge.slug}"
    english = language == OTHER
    own = f"{address}/{OTHER}" if english else address
    name = badge.name_en if english else badge.name
    return Achievement(
        id=own,
        name=name,
        description=badge.description_en if english else badge.description,
        criteria=badge.criteria_en if english else badge.criteria,
        criteria_url=own,
        achievement_type="Badge",
        alignments=[
            Alignment(name=s.name, url=s.url, framework=s.framework_name, code=s.code)
            for s in badge.skills
        ],
        tags=[LEVEL_NAMES[badge.level][language]] if badge.level else (),
        image=Image(f"{address}.png", name),
        hours=badge.hours,
        language=language,
        version=str(badge.version),
        related=_related(badge, base_url, language),
        scale=_scale(badge.level, own, language) if badge.level else None,
        endorsements=() if english else _endorsements(badge),
    )


def _endorsements(badge: BadgeClass) -> list[dict[str, Any]]:
    """What partners say of this badge and still stands: what is over is not signed anew."""
    now = clock.now()
    return [
        json.loads(one.credential)
        for one in badge.endorsements
        if one.valid_until is None or one.valid_until > now
    ]


def _related(badge: BadgeClass, base_url: str, language: str) -> list[Related]:
    """The other language of this version, and the version before in this language."""
    address, number = f"{base_url}/badges/{badge.slug}", str(badge.version)
    found = []
    if language == OTHER:
        found.append(Related(address, MAIN, number))
    elif has_english(badge):
        found.append(Related(f"{address}/{OTHER}", OTHER, number))
    before = badge.previous
    if before is not None and (language == MAIN or has_english(before)):
        tail = "" if language == MAIN else f"/{OTHER}"
        place = f"{base_url}/badges/{before.slug}{tail}"
        found.append(Related(place, language, str(before.version)))
    return found


def _scale(level: Level, address: str, language: str) -> Scale:
    rungs = [
        Rung(
            f"{address}#niveau-{one.value}",
            LEVEL_NAMES[one][language],
            rank,
            LEVEL_SENTENCES[one][language],
        )
        for rank, one in enumerate(Level, start=1)
    ]
    return Scale(
        f"{address}#niveau",
        _SCALE_NAMES[language],
        rungs,
        required=f"{address}#niveau-{level.value}",
    )


def achievement_document(badge: BadgeClass, base_url: str, language: str = MAIN) -> dict[str, Any]:
    """The Achievement alone, as published at its own address."""
    return {
        "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT],
        **achievement_of(badge, base_url, language).to_json(),
    }
