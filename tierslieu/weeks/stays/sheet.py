"""The boarding school's sheet: beds a night, and for each meal how many eat what; no name.

Frozen at the cut-off as a row of counts; what is told later is told as what changed since.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.mail.rules import Attachment
from tierslieu.people.models import fold
from tierslieu.web.formats import day
from tierslieu.web.sheets import BOM, DELIMITER, harmless
from tierslieu.weeks import notices
from tierslieu.weeks.applications.models import Diet, StayNeeds
from tierslieu.weeks.applications.queries import count_sleepers, list_eaters
from tierslieu.weeks.models import BoardingSheet, Meal, Week
from tierslieu.weeks.queries import list_sheets
from tierslieu.weeks.rules import lock_week
from tierslieu.weeks.words import allergen_words, diet_words, meal_words, night_words


@dataclass(frozen=True)
class Line:
    """One count: of a night, of a meal, or of what some who eat it need (``detail``)."""

    on: str  # ISO date
    what: str  # night, or a meal
    detail: str  # "" for the whole, else a diet, an allergen, or other:<food>
    count: int


def count_stay(db: Session, week: Week) -> dict[str, int]:
    """Every count of the sheet by its key ``date|what|detail``; what is nought is left out, but for
    the nights and meals that the week offers."""
    counts: Counter[str] = Counter()
    for night in week.nights:
        counts[_key(night, "night")] = 0
    for meal in week.meals:
        counts[_key(meal.day, meal.meal.value)] = 0
    for night, count in count_sleepers(db, week.id).items():
        counts[_key(night, "night")] = count
    for on, what, needs in list_eaters(db, week.id):
        counts[_key(on, what.value)] += 1
        for detail in _details(needs):
            counts[_key(on, what.value, detail)] += 1
    return dict(counts)


def list_lines(counts: Mapping[str, Any]) -> list[Line]:
    """The counts in order: day by day; the meals before the night; the whole before its details."""
    order = [*(meal.value for meal in Meal), "night"]
    lines = []
    for key, count in counts.items():
        on, what, detail = key.split("|", 2)
        lines.append(Line(on, what, detail, int(count)))
    ranks = {detail: n for n, detail in enumerate(detail_words())}
    return sorted(
        lines,
        key=lambda one: (
            one.on,
            order.index(one.what),
            one.detail != "",
            ranks.get(one.detail, len(ranks)),
            one.detail,
        ),
    )


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed between two sheets, in sentences, in the order of the sheet."""
    keys = {key for key in {*before, *after} if before.get(key, 0) != after.get(key, 0)}
    return [
        str(
            _(
                "%(what)s : %(after)s au lieu de %(before)s",
                what=say(line),
                after=after.get(_key_of(line), 0),
                before=before.get(_key_of(line), 0),
            )
        )
        for line in list_lines(dict.fromkeys(keys, 0))
    ]


def say(line: Line) -> str:
    """``déjeuner du mardi 2 mars, végétarien``; ``nuit du lundi 1er au mardi 2 mars``."""
    on = date.fromisoformat(line.on)
    if line.what == "night":
        return night_words(on)
    whole = str(_("%(meal)s du %(day)s", meal=meal_words()[Meal(line.what)], day=day(on)))
    return f"{whole}, {say_detail(line.detail)}" if line.detail else whole


def detail_words() -> dict[str, str]:
    """Diets, then allergens, by the key a count has."""
    return {
        **{diet.value: str(words) for diet, words in diet_words().items()},
        **{
            name: str(_("sans %(food)s (allergie)", food=words))
            for name, words in allergen_words().items()
        },
    }


def say_detail(detail: str) -> str:
    """A diet or an allergy in words."""
    if detail.startswith("other:"):
        return str(_("sans %(food)s (allergie)", food=detail.removeprefix("other:")))
    return detail_words().get(detail, detail)


def write_csv(counts: Mapping[str, Any]) -> str:
    """The sheet as a French spreadsheet reads it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n")
    # In the language of the words below them.
    writer.writerow([_("date"), _("quoi"), _("detail"), _("combien")])
    for line in list_lines(counts):
        what = _("nuit") if line.what == "night" else meal_words()[Meal(line.what)]
        detail = say_detail(line.detail) if line.detail else ""
        writer.writerow([line.on, what, harmless(detail), line.count])
    return BOM + buffer.getvalue()


def tell_if_changed(
    db: Session, week_id: UUID, *, now: datetime, pdf: bytes, counted: Mapping[str, Any]
) -> bool:
    """Freeze the sheet at the cut-off, or tell what changed since it was last told; nothing when
    nothing changed. ``pdf`` was drawn of ``counted``: if the counts have moved since, it is left to
    the next run. Returns whether something was told."""
    week = lock_week(db, week_id)
    counts = count_stay(db, week)
    told = list_sheets(db, week.id)
    if counts != counted or (told and told[-1].counts == counts):
        return False
    sheet = BoardingSheet(week_id=week.id, number=len(told) + 1, made_at=now, counts=counts)
    db.add(sheet)
    db.flush()
    lines = (
        list_changes(told[-1].counts, counts)
        if told
        else [f"{say(line)} : {line.count}" for line in list_lines(counts)]
    )
    notices.tell_boarding(
        db,
        week,
        now,
        number=sheet.number,
        lines=lines,
        attachments=[
            Attachment("internat.pdf", "application/pdf", pdf),
            Attachment("internat.csv", "text/csv", write_csv(counts).encode()),
        ],
    )
    return True


@dataclass(frozen=True)
class Eaten:
    """A meal on the sheet: how many, and of these how many eat how."""

    name: str
    count: int
    details: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Day:
    """A day of the sheet. ``beds`` of the night that begins on it; None where nobody sleeps."""

    day: str
    meals: Sequence[Eaten]
    night: str
    beds: int | None


@dataclass(frozen=True)
class Sheet:
    """What the page and the paper say."""

    title: str
    days: str
    house: str
    state: str
    rows: Sequence[Day]


def compose(week: Week, counts: Mapping[str, Any], days: str, state: str) -> Sheet:
    """The sheet, day by day."""
    rows = []
    lines = list_lines(counts)
    for on in sorted({line.on for line in lines}):
        of_day = [line for line in lines if line.on == on]
        meals = [
            Eaten(
                str(meal_words()[Meal(whole.what)]),
                whole.count,
                [
                    (say_detail(line.detail), line.count)
                    for line in of_day
                    if line.what == whole.what and line.detail
                ],
            )
            for whole in of_day
            if whole.what != "night" and not whole.detail
        ]
        beds = next((line.count for line in of_day if line.what == "night"), None)
        when = date.fromisoformat(on)
        rows.append(Day(day(when), meals, night_words(when), beds))
    house = week.house.name if week.house is not None else ""
    return Sheet(week.title, days, house, state, rows)


def _details(needs: StayNeeds | None) -> list[str]:
    if needs is None:
        return []
    other = " ".join(fold(needs.other_allergy).split())
    diet: list[Diet] = [needs.diet] if needs.diet is not None else []
    return [
        *(one.value for one in diet),
        *needs.allergies,
        *([f"other:{other}"] if other else []),
    ]


def _key(on: date, what: str, detail: str = "") -> str:
    return f"{on.isoformat()}|{what}|{detail}"


def _key_of(line: Line) -> str:
    return f"{line.on}|{line.what}|{line.detail}"
