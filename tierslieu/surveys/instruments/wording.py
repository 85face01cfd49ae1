"""What is said, in one language or in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

LANGUAGES = ("fr", "en")  # of the questionnaires; the first where nothing is said
Wording = str | Mapping[str, str]


def say(wording: Wording, language: str) -> str:
    """The words in ``language``; where they were not written, in the first that was."""
    if isinstance(wording, str):
        return wording
    for one in (language, *LANGUAGES):
        if wording.get(one):
            return wording[one]
    return ""


def languages_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages in which the whole of an instrument is written, its own first."""
    own: str = content.get("language", LANGUAGES[0])
    found = content.get("languages") or [own]
    return (own, *(one for one in LANGUAGES if one in found and one != own))


def check_wording(wording: Wording, languages: Sequence[str], where: str) -> None:
    """Raise ValueError when words are missing in one of ``languages``: a text written once is for
    an instrument of one language."""
    if isinstance(wording, str):
        missing = [] if wording and len(languages) == 1 else list(languages[1:] or languages)
    else:
        missing = [one for one in languages if not wording.get(one, "").strip()]
    if missing:
        said = _("les mots manquent (%(languages)s).", languages=", ".join(missing))
        raise ValueError(f"{where}\u00a0: {said}")
