"""The answers of a study as two tables: one row an answer, and one row a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from uuid import UUID

from tierslieu import clock
from tierslieu.evaluation.tables import (
    DAYS_VARIABLE,
    PID_VARIABLE,
    Table,
    Value,
    Variable,
    beside_codes,
    days_since,
)
from tierslieu.surveys.instruments.flow import asked_items
from tierslieu.surveys.instruments.items import (
    COUNT_NAME,
    NAME_LIMIT,
    NO_ANSWER,
    NOT_ASKED,
    ItemKind,
    ItemVariable,
    Questionnaire,
    short_label,
)
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.instruments.scoring import DECIMALS, score
from tierslieu.surveys.models import ResponseSheet, Wave

RANK_VARIABLE = Variable(
    "occurrence",
    "integer",
    "Rang de ce questionnaire pour la personne, dans la vague",
    constraints={"minimum": 1},
)


@dataclass(frozen=True)
class GivenSheet:
    """A submitted sheet with what the study's key tells of it: whose, and when."""

    sheet: ResponseSheet
    pid: str
    at: datetime
    t0: datetime  # the person's day 0

    @property
    def days(self) -> int:
        """Whole days since the person's day 0."""
        return days_since(self.t0, self.at)


@dataclass(frozen=True)
class AnsweredSheet:
    """One submitted sheet: ``rank`` counts a person's sheets of a wave from 1, by date."""

    sheet: ResponseSheet
    wave: Wave
    pid: str
    days: int  # since the person's day 0
    rank: int
    values: Mapping[str, str]
    t0: datetime


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
                one.t0,
            )
        )
    return read


def coded_variables(questionnaire: Questionnaire) -> list[ItemVariable]:
    """The variables whose answers are numbers: free text stays in the house."""
    return [one for one in questionnaire.variables() if one.is_coded]


def coded_values(questionnaire: Questionnaire, one: AnsweredSheet) -> dict[str, int | float]:
    """The code of each variable of a sheet: why there is none, where there is none.

    A day leaves as the number of days since the person's day 0: a date would tell who it is.
    """
    asked = {
        v.name for _page, item in asked_items(questionnaire, one.values) for v in item.variables
    }
    found: dict[str, int | float] = {}
    for variable in coded_variables(questionnaire):
        text = one.values.get(variable.name)
        if text is None:
            found[variable.name] = NO_ANSWER if variable.name in asked else NOT_ASKED
        elif variable.kind is ItemKind.DATE and not text.startswith("-"):
            day = date.fromisoformat(text)
            since = (day - clock.to_local(one.t0).date()).days
            found[variable.name] = beside_codes(since)
        else:
            found[variable.name] = float(text) if "." in text else int(text)
    return found


def long_table(waves: Sequence[Wave], read: Sequence[AnsweredSheet]) -> Table:
    """One row for each coded variable of each sheet."""
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
                name,
                value,
                one.sheet.language,
                one.days,
            )
            for name, value in coded_values(questionnaire, one).items()
        ]
    names = {one.name: one.label for q in asked.values() for one in coded_variables(q)}
    slugs = {q.slug: q.title for q in asked.values()}
    variables = (
        PID_VARIABLE,
        Variable("wave", "string", "Vague", categories={wave.slug: wave.title for wave in waves}),
        RANK_VARIABLE,
        Variable("instrument", "string", "Questionnaire", categories=dict(slugs)),
        Variable("instrument_version", "integer", "Version du questionnaire"),
        Variable("item", "string", "Question", categories=dict(names)),
        Variable("value", "number", "Réponse codée (voir le dictionnaire des variables)"),
        Variable(
            "lang", "string", "Langue de la réponse", categories={"fr": "Français", "en": "Anglais"}
        ),
        DAYS_VARIABLE,
    )
    key = ("pid", "wave", "occurrence", "item")
    return Table("responses_long", "Réponses, une ligne par réponse", variables, tuple(rows), key)


def free_name(wanted: str, taken: Container[str]) -> str:
    """``wanted`` for a column, or where another has it ``wanted_2``, then ``wanted_3``; 32
    characters at most. Who comes first keeps the name: a wave added later renames no column."""
    if wanted not in taken:
        return wanted
    suffixes = (f"_{number}" for number in count(2))
    names = (f"{wanted[: NAME_LIMIT - len(suffix)]}{suffix}" for suffix in suffixes)
    return next(name for name in names if name not in taken)


def item_column(
    variable: ItemVariable, questionnaire: Questionnaire, wave: Wave, taken: Container[str]
) -> Variable:
    """The column ``<variable>_<wave>`` of the wide table, with every code and its label. Where
    another column has that name (:func:`free_name`), its wording says whose it is."""
    categories: dict[Value, str] | None = None
    constraints: dict[str, Value] = {}
    label = variable.label
    if variable.options:
        categories = {option.value: option.label for option in variable.options}
    elif variable.kind is ItemKind.DATE:
        label = short_label(f"{variable.label} (jours depuis le jour 0)")
    else:
        constraints = {"minimum": variable.minimum, "maximum": variable.maximum}
    wanted = f"{variable.name}_{wave.slug}"
    name, wording = free_name(wanted, taken), variable.wording
    if name != wanted:
        wording += f" (question {variable.name}, vague {wave.slug})"
    return Variable(
        name,
        "number" if variable.decimals else "integer",
        label,
        wording=wording,
        instrument=f"{questionnaire.slug} v{questionnaire.version}",
        categories=categories,
        is_ordered=variable.is_ordered,
        constraints=constraints,
    )


def scores_table(waves: Sequence[Wave], read: Sequence[AnsweredSheet]) -> Table | None:
    """One row for each scale of each sheet; None where no questionnaire has a scale."""
    asked = {wave.id: read_questionnaire(wave.instrument.content) for wave in waves}
    scales = {scale.name: scale.label for q in asked.values() for scale in q.scales}
    if not scales:
        return None
    rows: list[tuple[Value, ...]] = []
    for one in read:
        questionnaire = asked[one.wave.id]
        for scale in questionnaire.scales:
            found = score(questionnaire, scale, one.values)
            rows.append(
                (
                    one.pid,
                    one.wave.slug,
                    one.rank,
                    questionnaire.slug,
                    questionnaire.version,
                    scale.name,
                    NO_ANSWER if found.value is None else found.value,
                    found.answered,
                    one.days,
                )
            )
    variables = (
        PID_VARIABLE,
        Variable("wave", "string", "Vague", categories={wave.slug: wave.title for wave in waves}),
        RANK_VARIABLE,
        Variable(
            "instrument",
            "string",
            "Questionnaire",
            categories={q.slug: q.title for q in asked.values()},
        ),
        Variable("instrument_version", "integer", "Version du questionnaire"),
        Variable("scale", "string", "Échelle", categories=dict(scales)),
        Variable("score", "number", f"Score, à {DECIMALS} décimales"),
        Variable(
            "n_answered",
            "integer",
            "Nombre de réponses dont vient le score",
            constraints={"minimum": 0},
        ),
        DAYS_VARIABLE,
    )
    key = ("pid", "wave", "occurrence", "scale")
    return Table("scores", "Scores, une ligne par échelle", variables, tuple(rows), key)


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
    taken = {PID_VARIABLE.name}
    for wave in waves:
        questionnaire = read_questionnaire(wave.instrument.content)
        coded = coded_variables(questionnaire)
        variables.append(
            Variable(
                free_name(f"{COUNT_NAME}_{wave.slug}", taken),
                "integer",
                "Nombre de questionnaires remis dans la vague",
                wording=wave.title,
                constraints={"minimum": 0},
            )
        )
        taken.add(variables[-1].name)
        for variable in coded:
            variables.append(item_column(variable, questionnaire, wave, taken))
            taken.add(variables[-1].name)
        for pid in pids:
            one = last.get((wave.id, pid))
            nothing = NO_ANSWER if pid in invited.get(wave.id, ()) else NOT_ASKED
            rows[pid].append(one.rank if one else 0)
            values = coded_values(questionnaire, one) if one else {}
            rows[pid] += [values.get(variable.name, nothing) for variable in coded]
    return Table(
        "responses_wide",
        "Réponses, une ligne par personne",
        tuple(variables),
        tuple(tuple(rows[pid]) for pid in pids),
        ("pid",),
    )
