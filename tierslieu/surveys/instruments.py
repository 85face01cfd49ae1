"""What a questionnaire is made of, and what an answer to it may be. Pure: no database.

An instrument is a JSON document (``instruments/*.json``): pages of items, each with its whole
wording, a short label (80 characters at most: data files cut longer ones) and, for scales and
choices, a label for every point. A version never changes: its hash says so.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from tierslieu.errors import Refused

FOLDER = Path(__file__).parent / "instruments"
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
LABEL_LIMIT = 80  # characters: what statistical files keep
NOT_ASKED, PREFERS_NOT, NO_ANSWER = -97, -98, -99
REFUSAL_SUFFIX = "__refus"  # the box «je préfère ne pas répondre» beside a number


class ItemKind(Enum):
    """How an item is answered."""

    LIKERT = "likert"  # one point of a labelled scale
    CHOICE = "choice"  # one of a few
    NUMBER = "number"  # a whole number between two bounds
    TEXT = "text"  # free words; never leaves the house by itself


@dataclass(frozen=True)
class Option:
    """A point of a scale or a choice: its code and its label."""

    value: int
    label: str


@dataclass(frozen=True)
class Item:
    """One question."""

    name: str
    kind: ItemKind
    text: str
    label: str
    required: bool
    options: tuple[Option, ...] = ()
    minimum: int = 0
    maximum: int = 0
    unit: str = ""
    max_length: int = 0

    @property
    def is_coded(self) -> bool:
        """Whether its answer is a number in the data (everything but free text)."""
        return self.kind is not ItemKind.TEXT


@dataclass(frozen=True)
class Sheet:
    """One page of a questionnaire: a few items."""

    title: str
    intro: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Questionnaire:
    """An instrument, read."""

    slug: str
    version: int
    title: str
    minutes: int
    pages: tuple[Sheet, ...]

    def items(self) -> Iterator[Item]:
        """Every item, in the order of the pages."""
        for page in self.pages:
            yield from page.items

    def page_of(self, name: str) -> int:
        """The index of the page that asks this item."""
        return next(i for i, p in enumerate(self.pages) if any(x.name == name for x in p.items))


class BadAnswers(Refused):
    """Some answers of a page can't be kept: a sentence for each item."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        name, sentence = next(iter(faults.items()))
        super().__init__(sentence, code="bad_answer", field=name, status=422)
        self.faults = dict(faults)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the instrument in one canonical writing, as 64 hexadecimal digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_shipped() -> list[dict[str, Any]]:
    """The instruments that come with the software, by name of file."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def _read_item(raw: Mapping[str, Any]) -> Item:
    item = Item(
        name=raw["name"],
        kind=ItemKind(raw["kind"]),
        text=raw["text"],
        label=raw["label"],
        required=raw["required"],
        options=tuple(Option(o["value"], o["label"]) for o in raw.get("options", ())),
        minimum=raw.get("minimum", 0),
        maximum=raw.get("maximum", 0),
        unit=raw.get("unit", ""),
        max_length=raw.get("max_length", 0),
    )
    if not NAME.fullmatch(item.name) or item.name.endswith(REFUSAL_SUFFIX):
        raise ValueError(f"{item.name!r} is no name for an item")
    if len(item.label) > LABEL_LIMIT or not item.label:
        raise ValueError(f"{item.name}: a label has 1 to {LABEL_LIMIT} characters")
    if item.kind in (ItemKind.LIKERT, ItemKind.CHOICE) and len(item.options) < 2:
        raise ValueError(f"{item.name}: a choice needs two options")
    if any(not o.label or o.value < 0 for o in item.options):
        raise ValueError(f"{item.name}: every option has a label and a code from 0")
    return item


def read_questionnaire(content: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire in an instrument's ``content``. Raises ValueError, KeyError if ill-made."""
    pages = tuple(
        Sheet(page["title"], page["intro"], tuple(_read_item(raw) for raw in page["items"]))
        for page in content["pages"]
    )
    read = Questionnaire(
        content["slug"], content["version"], content["title"], content["minutes"], pages
    )
    names = [item.name for item in read.items()]
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"{read.slug}: an item stands twice, or there is none")
    return read


def check_answers(
    items: Sequence[Item], values: Mapping[str, str], *, partial: bool = False
) -> dict[str, str | None]:
    """What to keep for each of ``items``: its code or text, None where nothing was answered.

    ``values`` is what was sent, by the name of the item (and ``<name>__refus`` for a number one
    prefers not to give). ``partial`` lets required items wait (going back, finishing later).
    Raises :class:`BadAnswers` with a sentence for each fault: unknown item, impossible code,
    number out of bounds, text too long, required item left empty.
    """
    known = {item.name for item in items} | {item.name + REFUSAL_SUFFIX for item in items}
    faults = {
        name: _("Ce questionnaire ne pose pas cette question. Rechargez la page.")
        for name in values
        if name not in known
    }
    kept: dict[str, str | None] = {}
    for item in items:
        try:
            kept[item.name] = _check(item, values)
        except ValueError as fault:
            faults[item.name] = str(fault)
            continue
        if kept[item.name] is None and item.required and not partial:
            faults[item.name] = _(
                "Choisissez une réponse ; vous pouvez aussi préférer ne pas répondre."
            )
    if faults:
        raise BadAnswers(faults)
    return kept


def _check(item: Item, values: Mapping[str, str]) -> str | None:
    if values.get(item.name + REFUSAL_SUFFIX):
        return str(PREFERS_NOT)
    text = unicodedata.normalize("NFC", values.get(item.name, "")).strip()
    if not text:
        return None
    if item.kind is ItemKind.TEXT:
        return _check_text(item, text)
    if text == str(PREFERS_NOT):
        return text
    if item.kind is ItemKind.NUMBER:
        return _check_number(item, text)
    if text not in {str(option.value) for option in item.options}:
        raise ValueError(_("Choisissez l’une des réponses proposées."))
    return text


def _check_number(item: Item, text: str) -> str:
    bounds = {"low": item.minimum, "high": item.maximum}
    sentence = _("Écrivez un nombre entier, de %(low)d à %(high)d.", **bounds)
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise ValueError(sentence)
    if not item.minimum <= int(digits) <= item.maximum:
        raise ValueError(sentence)
    return str(int(digits))


def _check_text(item: Item, text: str) -> str:
    text = text.replace("\r\n", "\n")
    if len(text) > item.max_length:
        raise ValueError(
            _(
                "Ce texte est trop long : %(count)d caractères, %(most)d au plus.",
                count=len(text),
                most=item.max_length,
            )
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise ValueError(_("Ce texte contient un caractère invisible : effacez-le et réessayez."))
    return text
