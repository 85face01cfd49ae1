"""The answers of a study as two tables: one row an answer, and one row a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tierslieu.evaluation.tables import DAYS_VARIABLE, PID_VARIABLE, Table, Value, Variable
from tierslieu.surveys.instruments import (
    NO_ANSWER,
    NOT_ASKED,
    Item,
    ItemKind,
    Questionnaire,
    read_questionnaire,
)
from tierslieu.surveys.models import ResponseSheet, Wave


@dataclass(frozen=True)
class GivenSheet:
    """A submitted sheet with what the study's key tells of it: whose, and when."""

    sheet: ResponseSheet
    pid: str
    at: datetime
    days: int  # since the person's day 0


@dataclass(frozen=True)
class AnsweredSheet:
    """One submitted sheet: ``rank`` counts a person's sheets of a wave from 1, by date."""

    sheet: ResponseSheet
    wave: Wave
    pid: str
    days: int  # since the person's day 0
    rank: int
    values: Mapping[str, str]


def read_sheets(waves: Sequence[Wave], given: Sequence[GivenSheet]) -> list[AnsweredSheet]:
    """The sheets by wave, person and date, each with its rank."""
    by_id = {wave.id: wave for wave in waves}
    ranks: dict[tuple[UUID, str], int] = defaultdict(int)
    read = []
    ordered = sorted(
        given, key=lambda g: (by_id[g.sheet.wave_id].position, g.pid, g.at, str(g.sheet.id))
    )
    for one in ordered:
        sheet = one.sheet
        ranks[sheet.wave_id, one.pid] += 1
        read.append(
            AnsweredSheet(
                sheet,
                by_id[sheet.wave_id],
                one.pid,
                one.days,
                ranks[sheet.wave_id, one.pid],
                {answer.item: answer.value for answer in sheet.answers},
            )
        )
    return read


def coded_items(questionnaire: Questionnaire) -> list[Item]:
    """The items whose answers are numbers: free text stays in the house."""
    return [item for item in questionnaire.items() if item.is_coded]


def _code(values: Mapping[str, str], item: Item) -> int:
    return int(values[item.name]) if item.name in values else NO_ANSWER


def long_table(waves: Sequence[Wave], read: Sequence[AnsweredSheet]) -> Table:
    """One row for each coded item of each sheet."""
    asked = {wave.id: read_questionnaire(wave.instrument.content) for wave in waves}
    rows: list[tuple[Value, ...]] = []
    for one in read:
        questionnaire = asked[one.wave.id]
        rows += [
            (
                one.pid,
                one.wave.slug,
                one.rank,
                questionnaire.slug,
                questionnaire.version,
                item.name,
                _code(one.values, item),
                one.sheet.language,
                one.days,
            )
            for item in coded_items(questionnaire)
        ]
    names = {item.name: item.label for q in asked.values() for item in coded_items(q)}
    slugs = {q.slug: q.title for q in asked.values()}
    variables = (
        PID_VARIABLE,
        Variable("wave", "string", "Vague", categories={wave.slug: wave.title for wave in waves}),
        Variable(
            "occurrence",
            "integer",
            "Rang de ce questionnaire pour la personne, dans la vague",
            constraints={"minimum": 1},
        ),
        Variable("instrument", "string", "Questionnaire", categories=dict(slugs)),
        Variable("instrument_version", "integer", "Version du questionnaire"),
        Variable("item", "string", "Question", categories=dict(names)),
        Variable("value", "integer", "Réponse codée (voir le dictionnaire des variables)"),
        Variable("lang", "string", "Langue de la réponse", categories={"fr": "Français"}),
        DAYS_VARIABLE,
    )
    key = ("pid", "wave", "occurrence", "item")
    return Table("responses_long", "Réponses, une ligne par réponse", variables, tuple(rows), key)


def item_variable(item: Item, questionnaire: Questionnaire, wave: Wave) -> Variable:
    """The column ``<item>_<wave>`` of the wide table, with every code and its label."""
    categories: dict[Value, str] | None = None
    constraints: dict[str, Value] = {}
    if item.kind is ItemKind.NUMBER:
        constraints = {"minimum": item.minimum, "maximum": item.maximum}
    else:
        categories = {option.value: option.label for option in item.options}
    return Variable(
        f"{item.name}_{wave.slug}",
        "integer",
        item.label,
        wording=item.text,
        instrument=f"{questionnaire.slug} v{questionnaire.version}",
        categories=categories,
        is_ordered=item.kind is ItemKind.LIKERT,
        constraints=constraints,
    )


def wide_table(
    waves: Sequence[Wave],
    read: Sequence[AnsweredSheet],
    invited: Mapping[UUID, set[str]],
    pids: Sequence[str],
) -> Table:
    """One row a person: the last answer to each item of each wave, and how many sheets there were.

    ``invited``: by wave, the pids that were asked. Not asked is -97, asked without an answer -99.
    """
    variables: list[Variable] = [PID_VARIABLE]
    last: dict[tuple[UUID, str], AnsweredSheet] = {(o.wave.id, o.pid): o for o in read}
    rows: dict[str, list[Value]] = {pid: [pid] for pid in pids}
    for wave in waves:
        questionnaire = read_questionnaire(wave.instrument.content)
        items = coded_items(questionnaire)
        variables.append(
            Variable(
                f"n_{wave.slug}",
                "integer",
                "Nombre de questionnaires remis dans la vague",
                wording=wave.title,
                constraints={"minimum": 0},
            )
        )
        variables += [item_variable(item, questionnaire, wave) for item in items]
        for pid in pids:
            one = last.get((wave.id, pid))
            nothing = NO_ANSWER if pid in invited.get(wave.id, ()) else NOT_ASKED
            rows[pid].append(one.rank if one else 0)
            rows[pid] += [_code(one.values, item) if one else nothing for item in items]
    return Table(
        "responses_wide",
        "Réponses, une ligne par personne",
        tuple(variables),
        tuple(tuple(rows[pid]) for pid in pids),
        ("pid",),
    )
