"""A badge class as Open Badges 3.0 knows it: the *Achievement*."""

from __future__ import annotations

from typing import Any

from badges.designs.models import BadgeClass
from badges.engine.credentials import (
    BADGES_CONTEXT,
    CREDENTIALS_CONTEXT,
    Achievement,
    Alignment,
    Image,
)


def achievement_of(badge: BadgeClass, base_url: str) -> Achievement:
    """What every credential of this badge says was achieved."""
    address = f"{base_url}/badges/{badge.slug}"
    return Achievement(
        id=address,
        name=badge.name,
        description=badge.description,
        criteria=badge.criteria,
        criteria_url=address,
        achievement_type="Badge",
        alignments=[
            Alignment(name=s.name, url=s.url, framework=s.framework_name, code=s.code)
            for s in badge.skills
        ],
        image=Image(f"{address}.png", badge.name),
        hours=badge.hours,
        language="fr",
    )


def achievement_document(badge: BadgeClass, base_url: str) -> dict[str, Any]:
    """The Achievement alone, as published at its own address."""
    return {
        "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT],
        **achievement_of(badge, base_url).to_json(),
    }
