"""Answers and rows as one writes them: a line each, its parts between bars.

``2 | Première | Year 12`` is the code, the words in French, the words in English; the code may be
left out, and comes then from the place. A last part «seule» marks the answer that excludes the
others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from tierslieu.surveys.editing.rules import make_name
from tierslieu.surveys.instruments.wording import say

ALONE = "seule"
MOST_LINES = 40


def _cut(text: str) -> list[list[str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise ValueError(_("%(most)s lignes au plus.", most=MOST_LINES))
    return [[part.strip() for part in line.split("|")] for line in lines]


def _words(parts: Sequence[str], languages: Sequence[str], line: int) -> dict[str, str]:
    if len(parts) != len(languages) or not all(parts):
        shape = " | ".join(["…"] * len(languages))
        raise ValueError(
            _("Ligne %(line)s : écrivez les mots ainsi, %(shape)s.", line=line, shape=shape)
        )
    return dict(zip(languages, parts, strict=True))


def read_options(text: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """The answers written in ``text``. Raises ValueError with a sentence."""
    found: list[dict[str, Any]] = []
    for line, parts in enumerate(_cut(text), start=1):
        alone = len(parts) > 1 and parts[-1].casefold() == ALONE
        rest = parts[:-1] if alone else parts
        code = str(len(found) + 1)
        if len(rest) > len(languages):
            code, *rest = rest
        if not (code.isascii() and code.isdigit() and len(code) < 5):
            raise ValueError(_("Ligne %(line)s : le code est un nombre, de 0 à 9999.", line=line))
        option: dict[str, Any] = {"value": int(code), "label": _words(rest, languages, line)}
        found.append({**option, "alone": True} if alone else option)
    return found


def write_options(options: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> str:
    """As :func:`read_options` reads them."""
    return "\n".join(
        " | ".join(
            [
                str(one["value"]),
                *(say(one["label"], language) for language in languages),
                *([ALONE] if one.get("alone") else []),
            ]
        )
        for one in options
    )


def read_rows(text: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """The rows written in ``text``. Raises ValueError with a sentence."""
    found: list[dict[str, Any]] = []
    taken: set[str] = set()
    for line, parts in enumerate(_cut(text), start=1):
        name, rest = "", parts
        if len(parts) > len(languages):
            name, *rest = parts
        words = _words(rest, languages, line)
        name = make_name(name or words[languages[0]], "_", 12) or "ligne"
        if name in taken:
            name = f"{name[:9]}_{line}"
        taken.add(name)
        found.append({"name": name, "text": words})
    return found


def write_rows(rows: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> str:
    """As :func:`read_rows` reads them."""
    return "\n".join(
        " | ".join([row["name"], *(say(row["text"], language) for language in languages)])
        for row in rows
    )
