"""The languages of the place: French, in which it is written, and English.

A mail is written in the language of whoever reads it, a signed document in its own: there, say so
with :func:`speaking`. What a page speaks is chosen in ``language_choice.py``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import cast

from flask_babel import force_locale, get_locale

MAIN = "fr"
# fr_FR finds our own catalogue (fr) and Flask-Security's, which is named fr_FR.
LOCALES = {"fr": "fr_FR", "en": "en_GB"}
NAMES = {"fr": "Français", "en": "English"}  # each in itself


def current() -> str:
    """``fr`` or ``en``: what is being spoken; French where nobody asked."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LOCALES else MAIN


def speaking(language: str) -> AbstractContextManager[None]:
    """A stretch of work whose words are in ``language``; French where none was chosen."""
    return cast("AbstractContextManager[None]", force_locale(LOCALES.get(language, LOCALES[MAIN])))
