"""Whether a document of elsewhere could have been written on our pages, and be kept there again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from tierslieu.surveys.editing.limits import (
    MOST_END,
    MOST_IN_LINES,
    MOST_INTRO,
    MOST_LINES,
    MOST_MINUTES,
    MOST_STEP,
    MOST_TEXT,
    MOST_TITLE,
    MOST_UNIT,
)
from tierslieu.surveys.editing.lines import write_options, write_rows
from tierslieu.surveys.instruments.wording import languages_of


def check_fits(content: Mapping[str, Any]) -> None:
    """Raise ValueError, saying where, for what the forms of our pages would not keep."""
    for where, wording, most in _wordings(content):
        texts = [wording] if isinstance(wording, str) else wording.values()
        if any(_length(text) > most for text in texts):
            raise _wrong(where, _("ces mots sont trop longs : %(most)s caractères.", most=most))
    if not 1 <= content["minutes"] <= MOST_MINUTES:
        raise _wrong("minutes", _("donnez un nombre de 1 à %(most)s.", most=MOST_MINUTES))
    languages = languages_of(content)
    for item in _items(content):
        options, rows = item.get("options", ()), item.get("rows", ())
        if max(len(options), len(rows)) > MOST_LINES:
            raise _wrong(item["name"], _("%(most)s réponses ou lignes au plus.", most=MOST_LINES))
        written = (write_options(options, languages), write_rows(rows, languages))
        if max(map(_length, written)) > MOST_IN_LINES:
            raise _wrong(
                item["name"],
                _("ses réponses sont trop longues : %(most)s caractères.", most=MOST_IN_LINES),
            )
        if item.get("step", 1) > MOST_STEP:
            raise _wrong(item["name"], _("le pas est de %(most)s au plus.", most=MOST_STEP))


def _length(text: str) -> int:
    """In characters, as a browser sends them: two for the end of a line."""
    return len(text) + text.count("\n")


def _items(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for page in content["pages"]:
        yield from page["items"]


def _wordings(content: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Where words stand, the words, and how many characters they have at most."""
    yield str(_("titre")), content["title"], MOST_TITLE
    yield str(_("licence")), content["licence"], MOST_TITLE
    yield str(_("source")), content.get("source", ""), MOST_INTRO
    yield str(_("calcul")), content.get("scoring", ""), MOST_INTRO
    for number, page in enumerate(content["pages"], start=1):
        where = str(_("page %(number)s", number=number))
        yield where, page["title"], MOST_TITLE
        yield where, page.get("intro", ""), MOST_INTRO
    for item in _items(content):
        yield item["name"], item["text"], MOST_TEXT
        yield item["name"], item.get("unit", ""), MOST_UNIT
        yield from ((item["name"], end, MOST_END) for end in item.get("ends", ()))


def _wrong(where: str, sentence: str) -> ValueError:
    return ValueError(f"{where}\u00a0: {sentence}")
