"""French texts keep their spaces: what must not be left alone at a line's end is bound."""

from __future__ import annotations

import re
from dataclasses import astuple
from pathlib import Path

from babel.messages.pofile import read_po

from badges.awards.certificate_words import LANGUAGES, words_in

CATALOGUE = Path(__file__).parents[2] / "tierslieu/translations/fr/LC_MESSAGES/messages.po"


def texts() -> list[str]:
    """Every sentence shown to people."""
    with CATALOGUE.open("rb") as file:
        found = [message.id for message in read_po(file) if message.id]
    return [text for one in found for text in (one if isinstance(one, tuple) else (one,))]


def test_high_punctuation_is_bound_to_its_word() -> None:
    """Narrow no-break space before ; ! ? and inside « », no-break space before the colon."""
    loose = [t for t in texts() if re.search(r" [:;!?»]|« |[a-zà-ÿ][;!?»]|«[A-Za-zà-ÿ]", t)]
    assert not loose


def test_a_version_stays_with_its_name() -> None:
    """On pages and on paper, in both languages."""
    on_paper = [str(value) for words in map(words_in, LANGUAGES) for value in astuple(words)]
    assert not [t for t in [*texts(), *on_paper] if re.search(r"Open Badges [0-9]", t)]


def test_nobody_is_shouted_at() -> None:
    assert not [t for t in texts() if "!" in t]


def test_apostrophes_are_typographic() -> None:
    assert not [t for t in texts() if re.search(r"[a-zà-ÿ]'[a-zà-ÿ]", t, re.I)]


def test_nothing_is_written_with_three_dots() -> None:
    assert not [t for t in texts() if "..." in t]
