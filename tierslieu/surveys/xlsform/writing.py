"""An instrument as an XLSForm workbook: pages are groups, grids are table-lists.

What XLSForm has no column for stands in columns and sheets of our own, which other tools leave
alone: ``short`` (the label of the data files), ``aside``, ``alone``, ``decimals``, the sheet
``scales``, and licence, source and scoring among the settings.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from tierslieu.errors import Refused
from tierslieu.surveys.instruments.conditions import Condition, read_condition
from tierslieu.surveys.instruments.items import ItemKind, Questionnaire
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.instruments.wording import languages_of, say
from tierslieu.surveys.xlsform.relevance import Unsaid, exact, write_relevance
from tierslieu.surveys.xlsform.workbooks import check_text, text_cell

SPOKEN = {"fr": "français (fr)", "en": "English (en)"}
OWN = "ours"  # the column that says which of our kinds a question is, where XLSForm has one for two
_TYPES = {
    ItemKind.NUMBER: "integer",
    ItemKind.SLIDER: "range",
    ItemKind.DATE: "date",
    ItemKind.SHORT: "text",
    ItemKind.TEXT: "text",
}
Line = dict[str, Any]


class _Book:
    """The lines of the workbook, while they are made."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content, self.read = content, read_questionnaire(content)
        self.languages = languages_of(content)
        self.page_name = _page_name(self.read)
        self.survey: list[Line] = []
        self.choices: list[Line] = []

    def said(self, column: str, wording: Any) -> Line:
        """The same words in the column of each language."""
        return {f"{column}::{SPOKEN[one]}": say(wording, one) for one in self.languages}

    def when(self, raw: Mapping[str, Any], where: str) -> str:
        """When something is asked. ``where``: how whoever wrote it calls it."""
        condition: Condition | None = read_condition(raw["when"]) if raw.get("when") else None
        try:
            return write_relevance(condition, self.read) if condition else ""
        except Unsaid as what:
            raise unsaid(
                _(
                    "La condition de « %(name)s » ne se dit pas en XLSForm (%(what)s). "
                    "Changez-la, puis exportez de nouveau.",
                    name=where,
                    what=str(what),
                )
            ) from None

    def list_of(self, name: str, options: Any) -> str:
        for option in options:
            self.choices.append(
                {
                    "list_name": name,
                    "name": str(option["value"]),
                    **self.said("label", option["label"]),
                    "alone": "yes" if option.get("alone") else "",
                }
            )
        return name

    def page(self, number: int, page: Mapping[str, Any]) -> None:
        self.survey.append(
            {
                "type": "begin_group",
                "name": f"{self.page_name}_{number}",
                **self.said("label", page["title"]),
                "relevant": self.when(page, say(page["title"], self.languages[0])),
                "appearance": "field-list",
            }
        )
        if page.get("intro"):
            words = self.said("label", page["intro"])
            self.survey.append(
                {"type": "note", "name": f"{self.page_name}_{number}_intro", **words}
            )
        for item in page["items"]:
            self.item(item)
        self.survey.append({"type": "end_group"})

    def item(self, item: Mapping[str, Any]) -> None:
        kind = ItemKind(item["kind"])
        line: Line = {
            "name": item["name"],
            **self.said("label", item["text"]),
            **self.said("short", item["label"]),
            "required": "yes" if item["required"] else "",
            "relevant": self.when(item, item["name"]),
            "aside": "yes" if item.get("may_be_aside") else "",
            OWN: kind.value,
        }
        if kind in (ItemKind.GRID, ItemKind.MATRIX):
            self.rows(item, kind, line)
            return
        line |= self.kind(item, kind)
        self.survey.append(line)

    def rows(self, item: Mapping[str, Any], kind: ItemKind, line: Line) -> None:
        """A group of questions that share their answers."""
        appearance = "table-list" if kind is ItemKind.GRID else "field-list"
        self.survey.append(
            {**line, "type": "begin_group", "required": "", "appearance": appearance}
        )
        name = self.list_of(item["name"], item["options"])
        verb = "select_one" if kind is ItemKind.GRID else "select_multiple"
        for row in item["rows"]:
            self.survey.append(
                {
                    "type": f"{verb} {name}",
                    "name": f"{item['name']}_{row['name']}",
                    **self.said("label", row["text"]),
                    **self.said("short", row.get("label", row["text"])),
                    "required": line["required"],
                }
            )
        self.survey.append({"type": "end_group"})

    def kind(self, item: Mapping[str, Any], kind: ItemKind) -> Line:
        """Type, constraint and look of a question."""
        name = item["name"]
        if kind is ItemKind.CONSENT:
            options = [
                {"value": 1, "label": {"fr": "Oui, j’accepte", "en": "Yes, I agree"}},
                {"value": 0, "label": {"fr": "Non", "en": "No"}},
            ]
            return {"type": f"select_one {self.list_of(name, options)}"}
        if kind in (ItemKind.LIKERT, ItemKind.CHOICE):
            look = {"appearance": "likert"} if kind is ItemKind.LIKERT else {}
            return {"type": f"select_one {self.list_of(name, item['options'])}", **look}
        if kind is ItemKind.SEVERAL:
            most = item.get("maximum")
            bound = {"constraint": f"count-selected(.) <= {most}"} if most else {}
            return {"type": f"select_multiple {self.list_of(name, item['options'])}", **bound}
        if kind is ItemKind.RANKING:
            return {"type": f"rank {self.list_of(name, item['options'])}"}
        line: Line = {"type": _TYPES[kind]}
        if kind is ItemKind.NUMBER:
            low, high = item.get("minimum", 0), item["maximum"]
            line |= {
                "constraint": f". >= {exact(low)} and . <= {exact(high)}",
                **self.said("unit", item.get("unit", "")),
            }
            if item.get("decimals"):
                line |= {"type": "decimal", "decimals": item["decimals"]}
        elif kind is ItemKind.SLIDER:
            step, low = item.get("step", 1), item.get("minimum", 0)
            line["parameters"] = f"start={low} end={item['maximum']} step={step}"
            first, last = item.get("ends", ("", ""))
            line |= {**self.said("low", first), **self.said("high", last)}
        elif kind is ItemKind.DATE:
            bounds = [
                f". {sign} date('{item[key]}')"
                for key, sign in (("earliest", ">="), ("latest", "<="))
                if item.get(key)
            ]
            line["constraint"] = " and ".join(bounds)
        else:
            line["constraint"] = f"string-length(.) <= {item['max_length']}"
            line["appearance"] = "multiline" if kind is ItemKind.TEXT else ""
        return line

    def settings(self) -> Line:
        """What the form is, and where it comes from."""
        content = self.content
        return {
            "form_title": say(content["title"], self.languages[0]),
            "form_id": content["slug"],
            "version": str(content["version"]),
            "default_language": SPOKEN[self.languages[0]],
            **self.said("called", content["title"]),
            "minutes": content["minutes"],
            "licence": content["licence"],
            "licence_url": content.get("licence_url", ""),
            "source": content.get("source", ""),
            "scoring": content.get("scoring", ""),
            "validated_languages": " ".join(content.get("validated_languages", ())),
        }

    def scales(self) -> list[Line]:
        """Each scale, its items by name."""
        return [
            {
                "name": scale["name"],
                **self.said("label", scale["label"]),
                "items": " ".join(scale["items"]),
                "reversed": " ".join(scale.get("reversed", ())),
                "is_sum": "yes" if scale.get("is_sum") else "",
                "least": scale.get("least", len(scale["items"])),
                "between": " ".join(map(exact, scale.get("between") or ())),
            }
            for scale in self.content.get("scales", ())
        ]


def unsaid(sentence: str) -> Refused:
    """Why a questionnaire does not leave as a workbook."""
    return Refused(sentence, code="not_xlsform", status=422)


def _page_name(read: Questionnaire) -> str:
    """What groups are called, unlike every question."""
    name = "page"
    while any(re.fullmatch(rf"{name}_\d+(_intro)?", item.name) for item in read.items()):
        name += "_"
    return name


def write_xlsform(content: Mapping[str, Any]) -> bytes:
    """The workbook (.xlsx) of an instrument, that pyxform takes.

    Raises :class:`Refused` ``not_xlsform`` for what it could not say.
    """
    book = _Book(content)
    for number, page in enumerate(content["pages"], start=1):
        book.page(number, page)
    sheets = {
        "survey": book.survey,
        "choices": book.choices,
        "settings": [book.settings()],
        "scales": book.scales(),
    }
    for line in (one for lines in sheets.values() for one in lines):
        _check_words(line)
    workbook = Workbook(write_only=True)
    for title, lines in sheets.items():
        sheet = workbook.create_sheet(title)
        columns = list(dict.fromkeys(column for line in lines for column in line))
        sheet.append(columns)
        for line in lines:
            sheet.append([text_cell(sheet, line.get(column, "")) for column in columns])
    out = io.BytesIO()
    workbook.save(out)
    _check(out.getvalue())
    return out.getvalue()


def _check_words(line: Line) -> None:
    """In the words of a form, what looks like the name of a question would be one."""
    for column, words in line.items():
        check_text(words)
        if column not in ("relevant", "constraint") and "${" in str(words):
            raise unsaid(
                _(
                    "« %(words)s » : XLSForm prendrait « ${ » pour le début d’un nom de question. "
                    "Écrivez ces mots autrement, puis exportez de nouveau.",
                    words=" ".join(str(words).split())[:60],
                )
            )


def _check(data: bytes) -> None:
    """A form that other tools would refuse does not leave."""
    try:
        convert(data, file_type=".xlsx", validate=False)
    except PyXFormError as wrong:
        why = " ".join(str(wrong).split())[:300]
        raise unsaid(_("XLSForm ne sait pas dire ce questionnaire : %(why)s", why=why)) from None
