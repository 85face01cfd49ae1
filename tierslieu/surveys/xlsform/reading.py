"""An XLSForm workbook as an instrument, with what could not be taken along.

pyxform reads the file as the tools of the ODK family do, and refuses what they would; what is of no
use here (places, media, calculations, repeats) or has no place in ours (hints, some constraints) is
left out and said. A condition that is not understood stops the import: asked of the wrong people, a
question is worth nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from tierslieu.surveys.editing.fitting import check_fits
from tierslieu.surveys.editing.limits import MOST_LINES
from tierslieu.surveys.instruments.items import LABEL_LIMIT, NAME, ItemKind
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.instruments.wording import LANGUAGES
from tierslieu.surveys.xlsform.constraints import read_bounds
from tierslieu.surveys.xlsform.leaving import is_required, lost, said
from tierslieu.surveys.xlsform.naming import LONGEST, codes_of, number, unique_name, whole
from tierslieu.surveys.xlsform.relevance import Names, NotUnderstood, read_relevance
from tierslieu.surveys.xlsform.words import Words
from tierslieu.surveys.xlsform.workbooks import open_workbook, refusal, unreadable
from tierslieu.surveys.xlsform.writing import OWN

_MADE = re.compile(r"generated_table_list_label_\d+|reserved_name_for_field_list_labels_\d+")
#: The kinds that a type of XLSForm may be; the first, where the file does not say which.
_KINDS = {
    "select one": (ItemKind.CHOICE, ItemKind.LIKERT, ItemKind.CONSENT),
    "select all that apply": (ItemKind.SEVERAL,),
    "rank": (ItemKind.RANKING,),
    "integer": (ItemKind.NUMBER,),
    "decimal": (ItemKind.NUMBER,),
    "range": (ItemKind.SLIDER,),
    "date": (ItemKind.DATE,),
    "text": (ItemKind.TEXT, ItemKind.SHORT),
    "acknowledge": (ItemKind.CONSENT,),
}


@dataclass
class Imported:
    """The document; what of the file is not in it; whose choices have other codes than there."""

    content: dict[str, Any]
    left_out: list[str] = field(default_factory=list)
    recoded: list[str] = field(default_factory=list)


def read_xlsform(data: bytes) -> Imported:
    """The instrument in a workbook. Raises :class:`Refused` ``bad_xlsform`` beside ``file``."""
    book = open_workbook(data)
    try:
        convert(book.data, file_type=".xlsx", validate=False)
        form = workbook_to_json(get_xlsform(book.data, file_type=".xlsx"), form_name="data")
    except PyXFormError as wrong:
        why = " ".join(str(wrong).split())[:300]
        raise refusal(_("Ce fichier n’est pas un XLSForm valable : %(why)s", why=why)) from None
    except Exception:  # columns named after its own parts, among others, make pyxform stumble
        raise unreadable() from None
    reader = _Reader(form, Words(form, book.typed))
    try:
        content = reader.content(book.scales)
        read_questionnaire(content)
        check_fits(content)
    except NotUnderstood as what:
        raise refusal(
            _(
                "La condition de « %(name)s » va plus loin que ce qui se lit ici (%(what)s) : "
                "simplifiez-la, puis importez de nouveau.",
                name=reader.at,
                what=str(what)[:60],
            )
        ) from None
    except ValueError as fault:
        raise refusal(str(fault)[:300]) from None
    except (KeyError, TypeError, AttributeError):
        raise unreadable() from None
    if not any(page["items"] for page in content["pages"]):
        raise refusal(_("Ce fichier n’a aucune question qui puisse être reprise ici."))
    return Imported(content, reader.left_out, reader.recoded)


class _Reader:
    """What was met while the form is read."""

    def __init__(self, form: Mapping[str, Any], words: Words) -> None:
        self.form, self.words, self.at = form, words, ""
        self.left_out = [str(_("la langue « %(name)s »", name=one[:40])) for one in words.unspoken]
        self.recoded: list[str] = []
        self.names: dict[str, str] = {}
        self.codes: dict[str, dict[str, int]] = {}
        self.several: set[str] = set()
        self.ranks: set[str] = set()
        self.tables: dict[str, str] = {}

    def content(self, scales: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """The whole document, of which slug and version are still to be given."""
        form, words = self.form, self.words
        title = words.line(form.get("title"))
        if isinstance(form.get("called"), Mapping):
            title |= {one: text for one, text in words.line(form["called"]).items() if text}
        validated = str(form.get("validated_languages") or "").split()
        return {
            "slug": "import",
            "version": 1,
            "title": title,
            "language": words.languages[0],
            "languages": words.languages,
            "validated_languages": [one for one in validated if one in LANGUAGES],
            "licence": words.one(form.get("licence")) or _("à préciser"),
            "licence_url": str(form.get("licence_url") or ""),
            "source": words.one(form.get("source")),
            "scoring": words.one(form.get("scoring")),
            "minutes": whole(form.get("minutes"), 5, "minutes"),
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
                title = self.words.line(self.form.get("title"))
                loose = {"title": title, "intro": "", "items": []}
                found.append(loose)
            self.add(loose, node)
        return [page for page in found if page["items"] or page["intro"]]

    def page(self, node: Mapping[str, Any]) -> dict[str, Any]:
        self.left_out += lost(node)
        page: dict[str, Any] = {
            "title": self.words.line(node.get("label") or node["name"]),
            "intro": "",
            "items": [],
        }
        when = self.when(node)
        if when:
            page["when"] = when
        for child in node.get("children", ()):
            self.add(page, child)
        return page

    def add(
        self, page: dict[str, Any], node: Mapping[str, Any], inner: dict[str, Any] | None = None
    ) -> None:
        """One question onto a page; what is none is said. ``inner``: when the group is asked that
        it stands in, within the page."""
        self.at = str(node.get("name", ""))
        kind = str(node.get("type", ""))
        if _MADE.fullmatch(self.at):
            return
        if kind == "note" and self.is_intro(page, node) and not inner:
            page["intro"] = self.words.say(node.get("label"))
            self.left_out += lost(node)
        elif kind == "group" and not _is_grid(node):
            self.group(page, node, inner)
        elif kind in _KINDS or kind == "group":
            item = self.rows(node) if kind == "group" else self.item(node)
            if inner:
                item["when"] = {"all": [inner, item["when"]]} if "when" in item else inner
            page["items"].append(item)
        else:
            self.left_out.append(said(node, kind or "?"))

    def is_intro(self, page: Mapping[str, Any], node: Mapping[str, Any]) -> bool:
        """Whether a note is the first words of a page: they are said to everybody."""
        is_always = not str((node.get("bind") or {}).get("relevant") or "").strip()
        return is_always and not page["items"] and not page["intro"]

    def group(
        self, page: dict[str, Any], node: Mapping[str, Any], outer: dict[str, Any] | None
    ) -> None:
        """The questions of a group on a page: asked when it is; its title has no place."""
        when = self.when(node)
        inner = {"all": [outer, when]} if outer and when else outer or when
        self.left_out += [said(node, "begin_group")] if node.get("label") else []
        for child in node.get("children", ()):
            self.add(page, child, inner)

    def name(self, node: Mapping[str, Any]) -> str:
        """A name that files accept, made of the file's own."""
        raw = str(node["name"])
        is_ours = bool(node.get(OWN) and NAME.fullmatch(raw))
        stem = raw if raw[:1].isascii() and raw[:1].isalpha() else f"q_{raw}"
        most = len(raw) if is_ours else LONGEST
        name = unique_name(stem, self.names.values(), most, "question")
        self.names[raw] = name
        return name

    def options(self, node: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The choices, by the code their name is, or numbered where it is none of ours."""
        lists = self.form.get("choices") or {}  # where the order is at random, a question has none
        choices = node.get("choices") or lists.get(str(node.get("itemset")), ())
        codes = codes_of([str(one["name"]) for one in choices])
        self.codes[str(node["name"])] = codes
        changed = [f"{raw} → {code}" for raw, code in codes.items() if raw != str(code)]
        self.recoded += [said(node, ", ".join(changed))] if changed else []
        return [
            {
                "value": codes[str(one["name"])],
                "label": self.words.line(one.get("label") or one["name"]),
                **({"alone": True} if one.get("alone") == "yes" else {}),
            }
            for one in choices
        ]

    def when(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        text = str((node.get("bind") or {}).get("relevant") or "").strip()
        if not text:
            return None
        self.at = str(node.get("name", ""))
        several, ranks = frozenset(self.several), frozenset(self.ranks)
        return read_relevance(text, Names(self.names, self.codes, several, ranks, self.tables))

    def common(self, node: Mapping[str, Any], kind: ItemKind) -> dict[str, Any]:
        """What every question has."""
        text = self.words.say(node.get("label") or node["name"])
        short = self.words.line(node.get("short") or node.get("label") or node["name"])
        when = self.when(node)
        self.left_out += lost(node)
        item: dict[str, Any] = {
            "name": self.name(node),
            "kind": kind.value,
            "text": text,
            "label": {one: words[:LABEL_LIMIT].strip() for one, words in short.items()},
            "required": is_required(node),
        }
        if when:
            item["when"] = when
        if node.get("aside") == "yes":
            item["may_be_aside"] = True
        return item

    def item(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """One question."""
        look = str((node.get("control") or {}).get("appearance") or "")
        kinds = _KINDS[str(node["type"])]
        own = next((one for one in kinds if one.value == node.get(OWN)), None)
        kind = own or kinds[0]
        if own is None and kind is ItemKind.CHOICE and "likert" in look:
            kind = ItemKind.LIKERT
        elif own is None and kind is ItemKind.TEXT and "multiline" not in look:
            kind = ItemKind.SHORT
        item, name = self.common(node, kind), str(node["name"])
        if kind in (ItemKind.CHOICE, ItemKind.LIKERT, ItemKind.SEVERAL, ItemKind.RANKING):
            item["options"] = self.options(node)
        elif kind is ItemKind.CONSENT:
            is_box = node["type"] == "acknowledge"
            self.codes[name] = {"OK": 1} if is_box else {"1": 1, "0": 0}
        if kind is ItemKind.SEVERAL:
            self.several.add(name)
        elif kind is ItemKind.RANKING:
            self.ranks.add(name)
        return item | self.bounds(node, kind)

    def bounds(self, node: Mapping[str, Any], kind: ItemKind) -> dict[str, Any]:
        """Between what an answer lies."""
        name = str(node["name"])
        found = read_bounds(_constraint(node), kind, is_decimal=node["type"] == "decimal")
        self.left_out += [said(node, clause[:60]) for clause in found.dropped]
        facts = found.facts
        if kind is ItemKind.SEVERAL and facts.get("maximum", 0) > MOST_LINES:
            return {}  # there are no more answers than that
        if kind is ItemKind.SLIDER:
            return self.between(node, name)
        if kind is ItemKind.NUMBER and node["type"] == "decimal":
            facts["decimals"] = whole(node.get("decimals"), 3, name)
        if kind is ItemKind.NUMBER and node.get("unit"):
            facts["unit"] = self.words.line(node["unit"])
        return facts

    def between(self, node: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The ends of a slider, whole numbers."""
        given = node.get("parameters") or {}
        low, high, step = (number(given.get(key, 1), name) for key in ("start", "end", "step"))
        if any(one != int(one) for one in (low, high, step)):
            self.left_out.append(said(node, "parameters"))
        return {
            "minimum": math.floor(low),
            "maximum": math.ceil(high),
            "step": max(math.floor(step), 1) if step > 0 else 0,
            "ends": [self.words.line(node.get("low", "")), self.words.line(node.get("high", ""))],
        }

    def rows(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """A table-list, or a group of ours: a grid, or a matrix."""
        children = list(_questions(node))
        labels = [one for one in node["children"] if str(one["name"]).startswith("generated_table")]
        kind = ItemKind.GRID if children[0]["type"] == "select one" else ItemKind.MATRIX
        label = node.get("label") or (labels[0].get("label") if labels else None)
        item = self.common({**node, "label": label}, kind)
        required = {is_required(one) for one in children}
        item["required"] = True in required
        if len(required) > 1:  # of ours, a line is no less required than another
            self.left_out.append(said(node, "required"))
        item["options"] = self.options(children[0])
        taken: set[str] = set()
        item["rows"] = [self.row(node, item, one, taken) for one in children]
        return item

    def row(
        self,
        node: Mapping[str, Any],
        item: dict[str, Any],
        one: Mapping[str, Any],
        taken: set[str],
    ) -> dict[str, Any]:
        """A line: named by what distinguishes it from the others, however long the file's names."""
        raw = str(one["name"])
        codes = self.codes[raw] = self.codes[str(next(_questions(node))["name"])]
        is_matrix = item["kind"] == ItemKind.MATRIX.value
        room = 32 - len(item["name"]) - 1
        room -= max(len(str(code)) + 1 for code in codes.values()) if is_matrix else 0
        most = room if node.get(OWN) else min(room, 12)
        name = unique_name(raw.removeprefix(f"{node['name']}_"), taken, max(most, 3), "ligne")
        taken.add(name)
        self.names[raw] = f"{item['name']}_{name}"
        if is_matrix:
            self.several.add(raw)
            self.tables[raw] = str(node["name"])
        self.left_out += lost({**one, "choices": ()})
        self.left_out += [said(one, _constraint(one)[:60])] if _constraint(one) else []
        text = self.words.line(one.get("label") or raw)
        short = self.words.line(one["short"]) if one.get("short") else text
        label = {key: words[:LABEL_LIMIT] for key, words in short.items()}
        return {"name": name, "text": text, **({"label": label} if short != text else {})}

    def scale(self, line: Mapping[str, str]) -> dict[str, Any]:
        """One line of our own sheet of scales."""
        name = line.get("name", "")
        bounds = [number(one, name) for one in line.get("between", "").split()]
        items = line.get("items", "").split()
        scale: dict[str, Any] = {
            "name": name,
            "label": self.words.columns("label", line),
            "items": items,
            "reversed": line.get("reversed", "").split(),
            "is_sum": line.get("is_sum") == "yes",
            "least": whole(line.get("least"), len(items), name),
        }
        if len(bounds) == 2:
            scale["between"] = [int(one) if one == int(one) else float(one) for one in bounds]
        return scale


def _constraint(node: Mapping[str, Any]) -> str:
    return str((node.get("bind") or {}).get("constraint") or "").strip()


def _questions(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The questions of a grid, without those that pyxform makes for its head."""
    return (one for one in node["children"] if not _MADE.fullmatch(str(one["name"])))


def _is_grid(node: Mapping[str, Any]) -> bool:
    """Whether every question of a group is chosen from the same list, and asked with the others."""
    if node.get(OWN) not in (None, "", "grid", "matrix"):
        return False
    children = list(_questions(node))
    made = any(str(one["name"]).startswith("generated_table") for one in node.get("children", ()))
    lists = {(one.get("type"), one.get("list_name") or one.get("itemset")) for one in children}
    same = len(lists) == 1 and next(iter(lists))[0] in ("select one", "select all that apply")
    if any((one.get("bind") or {}).get("relevant") for one in children):
        return False
    return same and (made or node.get(OWN) in ("grid", "matrix"))
