"""Answers and rows as one writes them: a line each, its parts between bars.

``2 | Première | Year 12`` is the code, the words in French, the words in English; the code may be
left out, and comes then from the place. A last part «seule» marks the answer that excludes the
others. A bar among the words is written ``\\|``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from tierslieu.surveys.editing.limits import MOST_LINES
from tierslieu.surveys.editing.rules import make_name
from tierslieu.surveys.instruments.items import LABEL_LIMIT

ALONE = "seule"
_BAR = re.compile(r"(\\*)\|")  # after an odd number of backslashes, it is one of the words


def _cut(text: str) -> list[list[str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise ValueError(_("%(most)s lignes au plus.", most=MOST_LINES))
    return [_parts(line) for line in lines]


def _parts(line: str) -> list[str]:
    parts, at = [""], 0
    for bar in _BAR.finditer(line):
        half, is_words = divmod(len(bar[1]), 2)
        parts[-1] += line[at : bar.start()] + "\\" * half + ("|" if is_words else "")
        at = bar.end()
        if not is_words:
            parts.append("")
    parts[-1] += line[at:]
    return [part.strip() for part in parts]


def _joined(parts: Sequence[str]) -> str:
    """As :func:`_parts` cuts it."""
    return " | ".join(_BAR.sub(r"\1\1\\|", part) for part in parts)


def _said(wording: Any, language: str) -> str:
    """The words in this language and no other: what is not translated is not shown as if it were,
    and kept."""
    return wording if isinstance(wording, str) else str(wording.get(language, ""))


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
        # «1 | Seule» is an answer with its code, and excludes nothing.
        is_whole = len(parts) == len(languages) + 1 and _is_code(parts[0])
        alone = len(parts) > 1 and parts[-1].casefold() == ALONE and not is_whole
        rest = parts[:-1] if alone else parts
        code = str(len(found) + 1)
        if len(rest) > len(languages):
            code, *rest = rest
        if not _is_code(code):
            raise ValueError(_("Ligne %(line)s : le code est un nombre, de 0 à 9999.", line=line))
        option: dict[str, Any] = {"value": int(code), "label": _words(rest, languages, line)}
        found.append({**option, "alone": True} if alone else option)
    return found


def _is_code(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def write_options(options: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> str:
    """As :func:`read_options` reads them."""
    return "\n".join(
        _joined(
            [
                str(one["value"]),
                *(_said(one["label"], language) for language in languages),
                *([ALONE] if one.get("alone") else []),
            ]
        )
        for one in options
    )


def read_rows(
    text: str, languages: Sequence[str], before: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The rows written in ``text``. ``before``: those there were, whose names and short labels
    stay. Raises ValueError with a sentence."""
    known = {one["name"]: one for one in before}
    lines = [_named(parts, languages) for parts in _cut(text)]
    given = [name if name in known else make_name(name, "_", 12) for name, _rest in lines]
    taken = {name for name in given if name in known}
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for line, (name, (_name, rest)) in enumerate(zip(given, lines, strict=True), start=1):
        words = _words(rest, languages, line)
        if name not in known or name in seen:
            name = _unlike(name or make_name(words[languages[0]], "_", 12) or "ligne", taken, line)
        taken.add(name)
        seen.add(name)
        found.append({"name": name, "text": words, **_label(known.get(name), words, languages)})
    return found


def _named(parts: list[str], languages: Sequence[str]) -> tuple[str, list[str]]:
    """The name of a row, if it was written, and its words."""
    return (parts[0], parts[1:]) if len(parts) > len(languages) else ("", parts)


def _unlike(name: str, taken: set[str], number: int) -> str:
    stem = name[:9]
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name


def _label(
    old: Mapping[str, Any] | None, words: Mapping[str, str], languages: Sequence[str]
) -> dict[str, Any]:
    """The short label of a row that had one; where that was the row itself, it follows it."""
    if old is None or "label" not in old:
        return {}
    was = [(_said(old["label"], one), _said(old["text"], one)) for one in languages]
    same = all(text == words[one] for one, (_short, text) in zip(languages, was, strict=True))
    if not same and all(text[:LABEL_LIMIT] == short for short, text in was):
        return {}
    return {"label": old["label"]}


def write_rows(rows: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> str:
    """As :func:`read_rows` reads them."""
    return "\n".join(
        _joined([row["name"], *(_said(row["text"], language) for language in languages)])
        for row in rows
    )
