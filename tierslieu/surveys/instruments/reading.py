"""Reading an instrument's document: whole, well made, in one language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tierslieu.surveys.instruments.conditions import Condition, read_condition
from tierslieu.surveys.instruments.items import (
    ASIDE_SUFFIX,
    LABEL_LIMIT,
    NAME,
    REFUSAL_SUFFIX,
    SCALES,
    TEXTS,
    Item,
    ItemKind,
    Option,
    Questionnaire,
    Row,
    Scale,
    Sheet,
)
from tierslieu.surveys.instruments.wording import check_wording, languages_of, say

FOLDER = Path(__file__).parents[1] / "shipped"
MOST_WORDS = 10_000  # characters of an answer in free words
_WITH_OPTIONS = (
    ItemKind.LIKERT,
    ItemKind.CHOICE,
    ItemKind.SEVERAL,
    ItemKind.GRID,
    ItemKind.MATRIX,
    ItemKind.RANKING,
)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the instrument in one canonical writing, as 64 hexadecimal digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_shipped() -> list[dict[str, Any]]:
    """The instruments that come with the software, by name of file."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def read_questionnaire(content: Mapping[str, Any], language: str = "") -> Questionnaire:
    """The questionnaire in an instrument's ``content``, in ``language`` where it speaks it, else in
    its own. Raises ValueError, KeyError, TypeError if ill-made."""
    languages = languages_of(content)
    spoken = language if language in languages else languages[0]
    read = Questionnaire(
        content["slug"],
        content["version"],
        say(content["title"], spoken),
        content["minutes"],
        tuple(_read_page(page, spoken) for page in content["pages"]),
        tuple(_read_scale(scale, spoken) for scale in content.get("scales", ())),
        spoken,
        languages,
    )
    _check_names(read)
    _check_scales(read)
    return read


def check_languages(content: Mapping[str, Any]) -> None:
    """Raise ValueError, saying where, when words are missing in one of the languages."""
    languages = languages_of(content)
    for where, wording in _wordings(content):
        check_wording(wording, languages, where)


def _wordings(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "title", content["title"]
    for number, page in enumerate(content["pages"], start=1):
        yield f"page {number}", page["title"]
        if page.get("intro"):
            yield f"page {number}", page["intro"]
        for item in page["items"]:
            name = item["name"]
            yield name, item["text"]
            yield name, item["label"]
            yield from ((f"{name} {one['value']}", one["label"]) for one in item.get("options", ()))
            for row in item.get("rows", ()):
                yield f"{name}_{row['name']}", row["text"]
            yield from ((name, one) for one in item.get("ends", ()))
    yield from ((scale["name"], scale["label"]) for scale in content.get("scales", ()))


def _read_page(page: Mapping[str, Any], language: str) -> Sheet:
    return Sheet(
        say(page["title"], language),
        say(page.get("intro", ""), language),
        tuple(_read_item(raw, language) for raw in page["items"]),
        _when(page),
    )


def _when(raw: Mapping[str, Any]) -> Condition | None:
    return read_condition(raw["when"]) if raw.get("when") else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _read_item(raw: Mapping[str, Any], language: str) -> Item:
    low, high = (say(one, language) for one in raw.get("ends", ("", "")))
    item = Item(
        name=raw["name"],
        kind=ItemKind(raw["kind"]),
        text=say(raw["text"], language),
        label=say(raw["label"], language),
        required=raw["required"],
        options=tuple(
            Option(one["value"], say(one["label"], language), one.get("alone", False))
            for one in raw.get("options", ())
        ),
        rows=tuple(
            Row(
                one["name"],
                say(one["text"], language),
                say(one.get("label", one["text"]), language),
            )
            for one in raw.get("rows", ())
        ),
        minimum=raw.get("minimum", 0),
        maximum=raw.get("maximum", 0),
        decimals=raw.get("decimals", 0),
        step=raw.get("step", 1),
        ends=(low, high),
        earliest=_day(raw.get("earliest")),
        latest=_day(raw.get("latest")),
        unit=say(raw.get("unit", ""), language),
        max_length=raw.get("max_length", 0),
        when=_when(raw),
        may_be_aside=raw.get("may_be_aside", False),
    )
    _check_item(item)
    return item


def _check_item(item: Item) -> None:
    if not NAME.fullmatch(item.name) or item.name.endswith((REFUSAL_SUFFIX, ASIDE_SUFFIX)):
        raise ValueError(f"{item.name!r} is no name for an item")
    if len(item.label) > LABEL_LIMIT or not item.label:
        raise ValueError(f"{item.name}: a label has 1 to {LABEL_LIMIT} characters")
    if item.kind in _WITH_OPTIONS and len(item.options) < 2:
        raise ValueError(f"{item.name}: a choice needs two options")
    if any(not one.label or one.value < 0 for one in item.options):
        raise ValueError(f"{item.name}: every option has a label and a code from 0")
    if len({one.value for one in item.options}) < len(item.options):
        raise ValueError(f"{item.name}: a code stands twice")
    if item.kind in (ItemKind.GRID, ItemKind.MATRIX) and not item.rows:
        raise ValueError(f"{item.name}: a grid needs rows")
    if len({row.name for row in item.rows}) < len(item.rows):
        raise ValueError(f"{item.name}: a row stands twice")
    _check_bounds(item)


def _check_bounds(item: Item) -> None:
    if item.kind in (ItemKind.NUMBER, ItemKind.SLIDER):
        # Below zero stand the reasons why there is no answer.
        if not 0 <= item.minimum < item.maximum <= 999_999_999:
            raise ValueError(f"{item.name}: the bounds go from 0 to 999,999,999, the lower first")
        if item.decimals not in range(4) or (item.decimals and item.kind is ItemKind.SLIDER):
            raise ValueError(f"{item.name}: a number has 0 to 3 decimals, a slider none")
        if item.step < 1:
            raise ValueError(f"{item.name}: a step is 1 or more")
    if item.kind in TEXTS and not 0 < item.max_length <= MOST_WORDS:
        raise ValueError(f"{item.name}: a text has a length, {MOST_WORDS} at most")
    if item.earliest and item.latest and item.earliest > item.latest:
        raise ValueError(f"{item.name}: the earliest day is after the latest")


def _check_names(read: Questionnaire) -> None:
    """Every name once, and a condition looks only at what was asked before."""
    names: set[str] = set()
    groups: set[str] = set()
    for page in read.pages:
        _check_condition(page.when, names, page.title)
        for item in page.items:
            _check_condition(item.when, names, item.name)
            own = {one.name for one in item.variables}
            # An item of several variables gives its name to its boxes of refusal.
            if own & (names | groups) or item.name in (names | groups):
                raise ValueError(f"{read.slug}: {item.name} stands twice")
            if wrong := [one for one in own if not NAME.fullmatch(one)]:
                raise ValueError(f"{wrong[0]!r} is no name for an item")
            names |= own
            groups.add(item.name)
    if not names:
        raise ValueError(f"{read.slug}: there is no item")


def _check_condition(condition: Condition | None, names: set[str], where: str) -> None:
    unknown = set(condition.names()) - names if condition else set()
    if unknown:
        raise ValueError(f"{where}: {sorted(unknown)[0]} is not asked before")


def _read_scale(raw: Mapping[str, Any], language: str) -> Scale:
    between = raw.get("between")
    return Scale(
        raw["name"],
        say(raw["label"], language),
        tuple(raw["items"]),
        frozenset(raw.get("reversed", ())),
        raw.get("is_sum", False),
        raw.get("least", len(raw["items"])),
        (between[0], between[1]) if between else None,
    )


def _check_scales(read: Questionnaire) -> None:
    known = {one.name: one for one in read.variables()}
    taken: set[str] = set(known)
    for scale in read.scales:
        if not NAME.fullmatch(scale.name) or scale.name in taken:
            raise ValueError(f"{scale.name!r} is no name for a scale, or stands twice")
        taken.add(scale.name)
        if len(scale.label) > LABEL_LIMIT or not scale.label:
            raise ValueError(f"{scale.name}: a label has 1 to {LABEL_LIMIT} characters")
        if not scale.items or len(set(scale.items)) < len(scale.items):
            raise ValueError(f"{scale.name}: a scale has items, each once")
        _check_scale_items(scale, [known.get(name) for name in scale.items])
        if not scale.reversed_items <= set(scale.items):
            raise ValueError(f"{scale.name}: what is reversed is an item of the scale")
        if not 0 < scale.least <= len(scale.items):
            raise ValueError(f"{scale.name}: at least one item answered, at most all")
        if scale.between and not scale.between[0] < scale.between[1]:
            raise ValueError(f"{scale.name}: a score goes from less to more")


def _check_scale_items(scale: Scale, items: Sequence[Any]) -> None:
    for one in items:
        kinds = (*SCALES, ItemKind.GRID, ItemKind.SLIDER, ItemKind.NUMBER)
        if one is None or one.kind not in kinds:
            raise ValueError(f"{scale.name}: a scale is made of scales, choices and numbers")
