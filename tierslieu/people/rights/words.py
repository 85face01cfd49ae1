"""What is held on a person, said so that they can read it: the file's keys and codes in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from flask_babel import gettext as _

from tierslieu.people.rights.codes import codes
from tierslieu.people.rights.labels import labels
from tierslieu.web.formats import hour, long_day
from tierslieu.web.languages import MAIN
from tierslieu.web.written import Ours, Theirs, written

#: Of use to programs alone.
UNSAID = frozenset({"template"})
LONGEST = 600  # characters of a text on the page; the file has all of it
MOST = 200  # lines of a list on the page; the file has all of them
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WORD = re.compile(r"[^\W\d_]{3}")
_MARK = re.compile(r"[@_/\\\d]|\w[:.]\w")  # in an address, a name of a file, an identifier
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True)
class Told:
    """A value to show: a ``text``, or ``rows`` (what it is, the value), or ``items``; one of them.

    ``is_cut``: the text is longer in the file; ``left_out``: so many items more are in the file.
    ``is_kept``: it stands as it is kept, in the words of whoever wrote it, in their ``language``;
    where a day, a yes, a code or our own words are said in the reader's, and a number or an address
    is of none.
    """

    text: str = ""
    rows: Sequence[tuple[object, Told]] = ()
    items: Sequence[Told] = ()
    is_cut: bool = False
    left_out: int = 0
    is_kept: bool = False
    language: str = MAIN

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.rows or self.items or self.left_out)


def tell(value: Any, key: str = "") -> Told:
    """``value``, as a feature exports it, to read. What is empty is left out."""
    if isinstance(value, Mapping):
        told = [
            (label(name), tell(held, name)) for name, held in value.items() if name not in UNSAID
        ]
        return Told(rows=[(name, one) for name, one in told if not one.is_empty])
    if isinstance(value, (list, tuple, set, frozenset)):
        first = list(islice(value, MOST))
        items = [tell(held, key) for held in first]
        return Told(
            items=[one for one in items if not one.is_empty], left_out=len(value) - len(first)
        )
    text, is_kept = _text(value, key)
    language = value.language if isinstance(value, Theirs) else MAIN
    if len(text) > LONGEST:
        return Told(text[:LONGEST] + "…", is_cut=True, is_kept=is_kept, language=language)
    return Told(text, is_kept=is_kept, language=language)


def label(key: str) -> object:
    """What a key of the file means; the key itself, spaced, where nobody has said it: the columns
    of a table keep their names, whoever reads it."""
    return str(labels()[key]) if key in labels() else written(key.replace("_", " "))


def _text(value: Any, key: str) -> tuple[str, bool]:
    """What it says, and whether in the words of whoever wrote it."""
    value = getattr(value, "value", value)  # of an enum
    if value is None:
        return "", False
    if isinstance(value, bool):
        return str(_("oui") if value else _("non")), False
    if isinstance(value, (datetime, date)):
        value = value.isoformat()
    text = str(value)
    if _INSTANT.match(text):
        at = datetime.fromisoformat(text)
        return str(_("%(day)s à %(hour)s", day=long_day(at), hour=hour(at))), False
    if _DAY.fullmatch(text):
        return long_day(date.fromisoformat(text)), False
    if text in codes(key):
        return str(codes(key)[text]), False
    return text, not isinstance(value, Ours) and _has_words(text)


def _has_words(text: str) -> bool:
    """Whether a language is spoken in it: none is in a number, an address, a mark of programs, nor
    in what they wrote for each other (JSON)."""
    if text.startswith(("{", "[")):
        return False
    return any(_WORD.search(piece) for piece in text.split() if not _MARK.search(piece))
