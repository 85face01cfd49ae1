"""What a file says, in our languages, with its own apostrophes and spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from tierslieu.surveys.instruments.wording import LANGUAGES
from tierslieu.surveys.xlsform.workbooks import refusal, straighten

_DEFAULT = "default"  # how pyxform calls the language of a column that names none
_KNOWN = {"fr": ("fr", "français", "francais", "french"), "en": ("en", "english", "anglais")}


class Words:
    """The languages of a form that are ours, and its words in each.

    ``unspoken``: its other languages, by the name the file gives them.
    """

    def __init__(self, form: Mapping[str, Any], typed: Mapping[str, str]) -> None:
        self.typed = typed
        labels = [one["label"] for one in walk(form) if isinstance(one.get("label"), Mapping)]
        named = list(dict.fromkeys(str(name) for label in labels for name in label))
        own = _code(str(form.get("default_language") or _DEFAULT))
        explicit = {_code(name) for name in named}
        # Words of no language are those of the form's own; of ours, where it says nothing of it.
        nameless = own if own in LANGUAGES else LANGUAGES[0]
        self.nameless = nameless if nameless not in explicit else ""
        codes = {name: self._language(name) for name in named}
        self.unspoken = [name for name, code in codes.items() if code not in LANGUAGES]
        found = {code for code in codes.values() if code in LANGUAGES}
        if named and not found:
            raise refusal(
                _(
                    "Les questionnaires sont en français ou en anglais : ce fichier n’est écrit "
                    "qu’en %(languages)s. Ajoutez-y l’une de ces langues, par exemple "
                    "« label::français (fr) ».",
                    languages=", ".join(self.unspoken)[:80],
                )
            )
        self.languages = sorted(
            found or {nameless}, key=lambda one: (one != own, LANGUAGES.index(one))
        )

    def _language(self, name: str) -> str:
        return self.nameless if name == _DEFAULT else _code(name)

    def say(self, words: Any) -> dict[str, str]:
        """Words in each of our languages."""
        if isinstance(words, Mapping):
            by_code = {self._language(str(name)): self.one(text) for name, text in words.items()}
            return {one: by_code.get(one, "") for one in self.languages}
        return dict.fromkeys(self.languages, self.one(words))

    def line(self, words: Any) -> dict[str, str]:
        """The same, each on one line: what a form asks on one line, and a mail's subject."""
        return {language: one_line(text) for language, text in self.say(words).items()}

    def one(self, words: Any) -> str:
        """Words as the file has them."""
        text = "" if words is None else str(words)
        return self.typed.get(straighten(text), text).strip()

    def columns(self, name: str, line: Mapping[str, str]) -> dict[str, str]:
        """The cells of a line of our own sheet, of which each language has a column."""
        found = dict.fromkeys(self.languages, "")
        for column, text in line.items():
            code = self._language(column.removeprefix(f"{name}::"))
            if column.startswith(f"{name}::") and code in found:
                found[code] = one_line(text)
        return found


def one_line(text: str) -> str:
    """Without line breaks; unbreakable spaces stay."""
    return " ".join(part.strip() for part in text.replace("\t", " ").splitlines() if part.strip())


def walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A node of the form, and what is under it."""
    yield node
    for child in (*node.get("children", ()), *node.get("choices", ())):
        if isinstance(child, Mapping):
            yield from walk(child)


def _code(name: str) -> str:
    """``fr`` for «français (fr)», «fr-CA», «French»; the name itself for one nobody knows."""
    plain = name.strip().lower()
    found = re.search(r"\(([a-z]{2})[)_-]", plain) or re.fullmatch(r"([a-z]{2})(?:[_-].*)?", plain)
    if found:
        return found[1]
    return next((code for code, names in _KNOWN.items() if plain in names), plain)
