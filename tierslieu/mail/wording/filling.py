"""The words in braces: which may be written, and what is put in their stead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.mail.letters.kinds import Blank, Kind

BRACES = re.compile(r"\{([^{}]*)\}")
# Words people know from other programs, and that are another one here.
KNOWN_ELSEWHERE = {"prenom": "nom", "titre": "séance", "date": "jour", "firstname": "name"}


@dataclass(frozen=True)
class Own:
    """What an administrator wrote, filled in for one reader; empty: the mail as it is made."""

    subject: str = ""
    opening: str = ""
    closing: str = ""


def _plain(word: str) -> str:
    """A word without accents and capitals: {Seance} is {séance}."""
    apart = unicodedata.normalize("NFKD", word.strip().casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _known(kind: Kind) -> dict[str, Blank]:
    return {_plain(word): one for one in kind.words for word in (one.french, one.english)}


def check_text(text: str, kind: Kind, field: str) -> None:
    """Refuse what no mail of this kind could fill. Raises :class:`Refused` ``unknown_word`` (with
    the nearest known one) or ``open_brace``, beside this field."""
    known = _known(kind)
    for word in BRACES.findall(text):
        if _plain(word) in known:
            continue
        elsewhere = _plain(KNOWN_ELSEWHERE.get(_plain(word), ""))
        close = [elsewhere] if elsewhere in known else get_close_matches(_plain(word), known, 1, 0)
        near = known[close[0]]
        shown = near.english if close[0] == _plain(near.english) else near.french
        raise Refused(
            _(
                "Ce mail ne connaît pas {%(word)s}. Le mot le plus proche est {%(near)s} : "
                "%(meaning)s.",
                word=word[:40],
                near=shown,
                meaning=near.meaning,
            ),
            code="unknown_word",
            field=field,
            status=422,
        )
    if set(BRACES.sub("", text)) & set("{}"):
        raise Refused(
            _("Une accolade est seule : un mot à remplir s’écrit entre deux, comme {lieu}."),
            code="open_brace",
            field=field,
            status=422,
        )


def _value(where: str, context: Mapping[str, Any]) -> str:
    """What the mail holds there, on one line; empty where it holds nothing."""
    found: Any = context
    for part in where.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return " ".join(str(found).split()) if isinstance(found, str | int) else ""


def fill(text: str, kind: Kind, context: Mapping[str, Any]) -> str:
    """The text with its words filled in; empty where one of them has nothing to say, for a
    sentence with a hole in it is worse than none."""
    known, filled, start = _known(kind), [], 0
    for found in BRACES.finditer(text):
        blank = known.get(_plain(found[1]))
        value = _value(blank.where, context) if blank is not None else ""
        if not value:
            return ""
        filled += [text[start : found.start()], value]
        start = found.end()
    return "".join([*filled, text[start:]])
