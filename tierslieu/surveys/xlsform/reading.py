"""An XLSForm workbook as an instrument, with what could not be taken along.

pyxform reads the file as the tools of the ODK family do, and refuses what they would; what is of no
use here (places, media, calculations, repeats) is left out and said. A condition that is not
understood stops the import: asked of the wrong people, a question is worth nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from tierslieu.surveys.instruments.items import LABEL_LIMIT, ItemKind
from tierslieu.surveys.instruments.reading import MOST_WORDS, read_questionnaire
from tierslieu.surveys.instruments.wording import LANGUAGES
from tierslieu.surveys.xlsform.relevance import Names, NotUnderstood, read_relevance
from tierslieu.surveys.xlsform.workbooks import open_workbook, refusal, straighten, unreadable
from tierslieu.surveys.xlsform.writing import OWN

_MADE = re.compile(r"generated_table_list_label_\d+|reserved_name_for_field_list_labels_\d+")
_KINDS = {
    "select one": ItemKind.CHOICE,
    "select all that apply": ItemKind.SEVERAL,
    "rank": ItemKind.RANKING,
    "integer": ItemKind.NUMBER,
    "decimal": ItemKind.NUMBER,
    "range": ItemKind.SLIDER,
    "date": ItemKind.DATE,
    "text": ItemKind.TEXT,
    "acknowledge": ItemKind.CONSENT,
}
_BOUND = re.compile(r"\.\s*(>=|<=|>|<)\s*(?:date\('(\d{4}-\d\d-\d\d)'\)|(-?\d+(?:\.\d+)?))")
_LENGTH = re.compile(r"string-length\(\s*\.\s*\)\s*<=\s*(\d+)")
_COUNT = re.compile(r"count-selected\(\s*\.\s*\)\s*<=\s*(\d+)")


@dataclass
class Imported:
    """The document, and what of the file is not in it, in sentences."""

    content: dict[str, Any]
    left_out: list[str] = field(default_factory=list)


def read_xlsform(data: bytes) -> Imported:
    """The instrument in a workbook. Raises :class:`Refused` ``bad_xlsform`` beside ``file``."""
    book = open_workbook(data)
    try:
        convert(book.data, file_type=".xlsx", validate=False)
        form = workbook_to_json(get_xlsform(book.data, file_type=".xlsx"), form_name="data")
    except PyXFormError as wrong:
        said = " ".join(str(wrong).split())[:300]
        raise refusal(_("Ce fichier n’est pas un XLSForm valable : %(why)s", why=said)) from None
    except Exception:  # columns named after its own parts, among others, make pyxform stumble
        raise unreadable() from None
    reader = _Reader(form, book.typed)
    try:
        content = reader.content(book.scales)
        read_questionnaire(content)
    except NotUnderstood as what:
        raise refusal(
            _(
                "La condition de « %(name)s » va plus loin que ce qui se lit ici (%(what)s) : "
                "simplifiez-la, puis importez de nouveau.",
                name=reader.at,
                what=str(what)[:60],
            )
        ) from None
    except (ValueError, KeyError, TypeError) as fault:
        raise refusal(str(fault)[:300] or _("Ce fichier ne se lit pas.")) from None
    return Imported(content, reader.left_out)


class _Reader:
    """What was met while the form is read."""

    def __init__(self, form: Mapping[str, Any], typed: Mapping[str, str]) -> None:
        self.form, self.typed, self.at = form, typed, ""
        self.left_out: list[str] = []
        self.languages = self._languages()
        self.names: dict[str, str] = {}
        self.codes: dict[str, dict[str, int]] = {}
        self.several: set[str] = set()

    def _languages(self) -> list[str]:
        """The languages of ours that the form's labels speak, its own first."""
        spoken: dict[str, None] = {}
        for node in _walk(self.form):
            if isinstance(node.get("label"), dict):
                spoken |= dict.fromkeys(_code(name) for name in node["label"])
        found = [one for one in spoken if one in LANGUAGES]
        own = _code(str(self.form.get("default_language", "")))
        found.sort(key=lambda one: (one != own, LANGUAGES.index(one)))
        return found or [own if own in LANGUAGES else LANGUAGES[0]]

    def say(self, words: Any) -> dict[str, str]:
        """Words in each of our languages."""
        if isinstance(words, Mapping):
            by_code = {_code(name): self.as_typed(text) for name, text in words.items()}
            return {one: by_code.get(one, "") for one in self.languages}
        return dict.fromkeys(self.languages, self.as_typed(words))

    def as_typed(self, words: Any) -> str:
        """Words with the apostrophes and spaces of the file."""
        text = str(words or "")
        return self.typed.get(straighten(text), text)

    def content(self, scales: list[dict[str, str]]) -> dict[str, Any]:
        """The whole document, of which slug and version are still to be given."""
        form = self.form
        title = self.say(form.get("title"))
        if isinstance(form.get("called"), Mapping):
            title |= {one: words for one, words in self.say(form["called"]).items() if words}
        return {
            "slug": "import",
            "version": 1,
            "title": title,
            "language": self.languages[0],
            "languages": self.languages,
            "validated_languages": str(form.get("validated_languages") or "").split(),
            "licence": self.as_typed(form.get("licence")) or _("à préciser"),
            "licence_url": str(form.get("licence_url") or ""),
            "source": self.as_typed(form.get("source")),
            "scoring": self.as_typed(form.get("scoring")),
            "minutes": _whole(form.get("minutes"), 5),
            "pages": self.pages(),
            "scales": [self.scale(line) for line in scales],
        }

    def pages(self) -> list[dict[str, Any]]:
        """Groups are pages; questions outside of any are gathered on pages of their own."""
        found: list[dict[str, Any]] = []
        loose: dict[str, Any] | None = None
        for node in self.form["children"]:
            if node.get("type") == "group" and not _is_grid(node):
                if node["name"] == "meta":
                    continue
                loose = None
                found.append(self.page(node))
                continue
            if loose is None:
                loose = {"title": self.say(self.form.get("title")), "intro": "", "items": []}
                found.append(loose)
            self.add(loose, node)
        return [page for page in found if page["items"] or page["intro"]]

    def page(self, node: Mapping[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = {
            "title": self.say(node.get("label") or node["name"]),
            "intro": "",
            "items": [],
        }
        when = self.when(node)
        if when:
            page["when"] = when
        for child in node.get("children", ()):
            self.add(page, child)
        return page

    def add(self, page: dict[str, Any], node: Mapping[str, Any]) -> None:
        """One question onto a page; what is none is said."""
        self.at = str(node.get("name", ""))
        kind = str(node.get("type", ""))
        if _MADE.fullmatch(self.at):
            return
        if kind == "note" and not page["items"] and not page["intro"]:
            page["intro"] = self.say(node.get("label"))
        elif kind == "group" and _is_grid(node):
            page["items"].append(self.rows(node))
        elif kind == "group":
            for child in node.get("children", ()):
                inner = self.when(node)
                before = len(page["items"])
                self.add(page, child)
                for item in page["items"][before:]:
                    if inner:
                        item["when"] = {"all": [inner, item["when"]]} if "when" in item else inner
        elif kind in _KINDS:
            page["items"].append(self.item(node, _KINDS[kind]))
        else:
            self.left_out.append(_("« %(name)s » (%(kind)s)", name=self.at, kind=kind or "?"))

    def name(self, node: Mapping[str, Any]) -> str:
        """A name that files accept, made of the file's own."""
        raw = str(node["name"])
        stem = re.sub(r"[^a-z0-9_]+", "_", raw.lower()).strip("_")[:20] or "question"
        stem = stem if stem[0].isalpha() else f"q_{stem}"[:20]
        name, number = stem, 2
        while name in self.names.values():
            name, number = f"{stem[:17]}_{number}", number + 1
        self.names[raw] = name
        return name

    def options(self, node: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The choices, by the code their name is, or numbered where names are words."""
        raw = [str(one["name"]) for one in node.get("choices", ())]
        plain = all(re.fullmatch(r"\d{1,4}", one) for one in raw)
        codes = {one: int(one) if plain else place for place, one in enumerate(raw, start=1)}
        self.codes[str(node["name"])] = codes
        return [
            {
                "value": codes[str(one["name"])],
                "label": self.say(one.get("label") or one["name"]),
                **({"alone": True} if one.get("alone") == "yes" else {}),
            }
            for one in node.get("choices", ())
        ]

    def when(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        text = str((node.get("bind") or {}).get("relevant") or "").strip()
        if not text:
            return None
        self.at = str(node.get("name", ""))
        return read_relevance(text, Names(self.names, self.codes, frozenset(self.several)))

    def common(self, node: Mapping[str, Any], kind: ItemKind) -> dict[str, Any]:
        """What every question has."""
        bind = node.get("bind") or {}
        text = self.say(node.get("label") or node["name"])
        short = self.say(node["short"]) if node.get("short") else text
        when = self.when(node)
        item: dict[str, Any] = {
            "name": self.name(node),
            "kind": kind.value,
            "text": text,
            "label": {one: words[:LABEL_LIMIT] for one, words in short.items()},
            "required": str(bind.get("required", "")).startswith(("yes", "true")),
        }
        if when:
            item["when"] = when
        if node.get("aside") == "yes":
            item["may_be_aside"] = True
        return item

    def item(self, node: Mapping[str, Any], kind: ItemKind) -> dict[str, Any]:
        """One question."""
        look = str((node.get("control") or {}).get("appearance") or "")
        own = str(node.get(OWN) or "")
        if own in {one.value for one in ItemKind} - {"grid", "matrix"}:
            kind = ItemKind(own)
        elif kind is ItemKind.CHOICE and "likert" in look:
            kind = ItemKind.LIKERT
        elif kind is ItemKind.TEXT and "multiline" not in look:
            kind = ItemKind.SHORT
        item = self.common(node, kind)
        constraint = str((node.get("bind") or {}).get("constraint") or "")
        if kind in (ItemKind.CHOICE, ItemKind.LIKERT, ItemKind.SEVERAL, ItemKind.RANKING):
            item["options"] = self.options(node)
        elif kind is ItemKind.CONSENT:
            self.codes[str(node["name"])] = {"1": 1, "0": 0, "OK": 1}
        if kind is ItemKind.SEVERAL:
            self.several.add(str(node["name"]))
            if found := _COUNT.search(constraint):
                item["maximum"] = int(found[1])
        return item | self.bounds(node, kind, constraint)

    def bounds(self, node: Mapping[str, Any], kind: ItemKind, constraint: str) -> dict[str, Any]:
        """Between what an answer lies."""
        low, high = _bounds(constraint)
        if kind is ItemKind.NUMBER:
            found: dict[str, Any] = {
                "minimum": max(int(float(low or 0)), 0),
                "maximum": int(float(high or 999_999)),
            }
            if node["type"] == "decimal":
                found["decimals"] = _whole(node.get("decimals"), 2)
            if node.get("unit"):
                found["unit"] = self.say(node["unit"])
            return found
        if kind is ItemKind.SLIDER:
            given = node.get("parameters") or {}
            return {
                "minimum": _whole(given.get("start"), 0),
                "maximum": _whole(given.get("end"), 10),
                "step": _whole(given.get("step"), 1),
                "ends": [self.say(node.get("low", "")), self.say(node.get("high", ""))],
            }
        if kind is ItemKind.DATE:
            return {key: day for key, day in (("earliest", low), ("latest", high)) if day}
        if kind in (ItemKind.SHORT, ItemKind.TEXT):
            length = _LENGTH.search(constraint)
            most = int(length[1]) if length else 200 if kind is ItemKind.SHORT else 2000
            return {"max_length": min(most, MOST_WORDS)}
        return {}

    def rows(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """A table-list, or a group of ours: a grid, or a matrix."""
        children = [one for one in node["children"] if not _MADE.fullmatch(str(one["name"]))]
        labels = [one for one in node["children"] if str(one["name"]).startswith("generated_table")]
        kind = ItemKind.GRID if children[0]["type"] == "select one" else ItemKind.MATRIX
        label = node.get("label") or (labels[0].get("label") if labels else None)
        item = self.common({**node, "label": label}, kind)
        item["required"] = any(
            str((one.get("bind") or {}).get("required", "")).startswith("yes") for one in children
        )
        item["options"] = self.options(children[0])
        item["rows"] = [self.row(node, item, one, kind) for one in children]
        return item

    def row(
        self, node: Mapping[str, Any], item: dict[str, Any], one: Mapping[str, Any], kind: ItemKind
    ) -> dict[str, Any]:
        raw = str(one["name"])
        part = raw.removeprefix(f"{node['name']}_")
        name = re.sub(r"[^a-z0-9_]+", "_", part.lower()).strip("_")[:12] or "ligne"
        self.names[raw] = f"{item['name']}_{name}"
        self.codes[raw] = self.codes[str(next(iter(node_children(node)))["name"])]
        if kind is ItemKind.MATRIX:
            self.several.add(raw)
        text = self.say(one.get("label"))
        short = self.say(one["short"]) if one.get("short") else text
        return {
            "name": name,
            "text": text,
            "label": {key: words[:LABEL_LIMIT] for key, words in short.items()},
        }

    def scale(self, line: Mapping[str, str]) -> dict[str, Any]:
        """One line of our own sheet of scales."""
        label = dict.fromkeys(self.languages, "")
        for column, text in line.items():
            if column.startswith("label::") and _code(column[7:]) in label:
                label[_code(column[7:])] = text
        bounds = [float(one) for one in line.get("between", "").split()]
        items = line.get("items", "").split()
        scale: dict[str, Any] = {
            "name": line["name"],
            "label": label,
            "items": items,
            "reversed": line.get("reversed", "").split(),
            "is_sum": line.get("is_sum") == "yes",
            "least": _whole(line.get("least"), len(items)),
        }
        if len(bounds) == 2:
            scale["between"] = [int(one) if one.is_integer() else one for one in bounds]
        return scale


def node_children(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The questions of a grid, without those that pyxform makes for its head."""
    return (one for one in node["children"] if not _MADE.fullmatch(str(one["name"])))


def _walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in (*node.get("children", ()), *node.get("choices", ())):
        if isinstance(child, Mapping):
            yield from _walk(child)


def _is_grid(node: Mapping[str, Any]) -> bool:
    """Whether every question of a group is chosen from the same list."""
    if node.get(OWN) not in (None, "", "grid", "matrix"):
        return False
    children = list(node_children(node))
    made = any(str(one["name"]).startswith("generated_table") for one in node.get("children", ()))
    lists = {(one.get("type"), one.get("list_name") or one.get("itemset")) for one in children}
    same = len(lists) == 1 and next(iter(lists))[0] in ("select one", "select all that apply")
    return same and (made or node.get(OWN) in ("grid", "matrix"))


def _code(name: str) -> str:
    """``fr`` for «français (fr)», «fr», «French»."""
    found = re.search(r"\(([a-z]{2})[)-]", name.lower())
    if found:
        return found[1]
    plain = name.strip().lower()
    known = {"fr": ("fr", "français", "francais", "french"), "en": ("en", "english", "anglais")}
    return next((code for code, names in known.items() if plain in names), plain[:2] or "fr")


def _whole(value: Any, otherwise: int) -> int:
    try:
        return int(float(str(value)))
    except ValueError:
        return otherwise


def _bounds(constraint: str) -> tuple[str | None, str | None]:
    low = high = None
    for sign, day, number in _BOUND.findall(constraint):
        value = day or number
        if sign.startswith(">"):
            low = value
        else:
            high = value
    return low, high
