"""The words of one language on a page of the other: what stands there without saying its language.

Told by stop words, which hardly a sentence does without; a name or a single word passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import html


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Without the words that both languages write alike («on», «or», «son», «plus»…).
_FRENCH = _words(
    "le la les des une un et pour avec dans vous sur du aux ce cette qui que par pas au votre vos "
    "nous sa ses leur leurs être faire fait sans sous chaque tout tous toute toutes comment "
    "pourquoi quand où ici mon ma mes ne se il elle ils je été"
)
_ENGLISH = _words(
    "the of and your you is are to with for from by at this not read show was which what"
)
_ELIDED = _words("l d n s j c qu m t")
_WORD = re.compile(r"[a-zà-ÿœ]+(?:’[a-zà-ÿœ]+)?", re.IGNORECASE)
_ACCENT = re.compile(r"[éèêàçùûîôœ]", re.IGNORECASE)
_SAID = ("aria-label", "alt", "title", "placeholder", "label", "data-label")

# What is no sentence in the other language, and needs no mark (WCAG 3.1.2: proper names, technical
# terms, words of no language).
NAMES = (
    "Elements of AI",  # a course keeps its name
    "ESCO principles of artificial intelligence",  # what a framework calls a skill
    "Défenseur des droits",  # French institutions and their addresses
    "Commission nationale de l’informatique et des libertés",
    "Côte d’Ivoire",  # a country of which English says no other name
    "Saint Barthélemy",
    "St. Barthélemy",
)
# Sentences that show how a date is written in French: their examples stand between quotation marks.
_QUOTED = re.compile(r"“[^”]*”")


def is_french(text: str) -> bool:
    """Whether these words are a French sentence, or the larger part of one."""
    words = [word.lower() for word in _WORD.findall(text)]
    accent = bool(_ACCENT.search(text))
    if len(words) < 3:
        return accent and len(words) == 2
    stops = {w for w in words if w in _FRENCH or ("’" in w and w.split("’")[0] in _ELIDED)}
    return len(stops) > 1 or (bool(stops) and accent)


def is_english(text: str) -> bool:
    """Whether these words are an English sentence."""
    found = {word.lower() for word in _WORD.findall(text)}
    return len(found & _ENGLISH) > 1 and not is_french(text)


def said(page: str) -> Iterator[tuple[str, str, str]]:
    """Each text and spoken attribute of a page: its language, where it stands, its words."""
    for element in html.document_fromstring(page).iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "head", "title"):
            continue
        here = _place(element)
        yield _language(element), here, element.text or ""
        parent = element.getparent()
        if parent is not None:
            yield _language(parent), _place(parent), element.tail or ""
        for name in _SAID:
            yield _language(element), f"{here}@{name}", element.get(name) or ""
        if element.tag == "input" and element.get("type", "text") in ("text", "search"):
            yield _language(element), f"{here}@value", element.get("value") or ""


def unmarked(page: str, people: Iterable[str] = ()) -> list[str]:
    """What a page in English says in French without saying so, and what it says in English while
    it calls it French. ``people``: names of persons, which are of no language."""
    names = re.compile("|".join(map(re.escape, sorted((*people, *NAMES), key=len, reverse=True))))
    found = []
    for language, where, text in said(page):
        is_other, note = _OTHER.get(language, (None, ""))
        if is_other is None or not is_other(text):
            continue
        words = names.sub(" ", " ".join(text.split()))
        if is_other(_QUOTED.sub(" ", words)):
            found.append(f"{where}{note}: {words[:90]}")
    return found


_OTHER = {"en": (is_french, ""), "fr": (is_english, ", called French")}


def _language(element: Any) -> str:
    while element is not None:
        if element.get("lang"):
            return str(element.get("lang"))
        element = element.getparent()
    return ""


def _place(element: Any) -> str:
    parts = []
    while element is not None and len(parts) < 3:
        kind = (element.get("class") or "").split()
        parts.append(element.tag + (f".{kind[0]}" if kind else ""))
        element = element.getparent()
    return " < ".join(parts)
