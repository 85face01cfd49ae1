"""The answers of a study as tables: one row an answer, one row a person, one row a scale."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import count
from uuid import UUID

from tierslieu.evaluation.answers import (
    AnsweredSheet,
    CodedSheet,
    Codings,
    coded_variables,
    make_codings,
)
from tierslieu.evaluation.tables import DAYS_VARIABLE, PID_VARIABLE, Table, Value, Variable
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
from tierslieu.surveys.instruments.scoring import DECIMALS
from tierslieu.surveys.models import Wave

RANK_VARIABLE = Variable(
    "occurrence",
    "integer",
    "Rang de ce questionnaire pour la personne, dans la vague",
    constraints={"minimum": 1},
)


def response_tables(
    waves: Sequence[Wave],
    read: Iterable[AnsweredSheet],
    invited: Mapping[UUID, set[str]],
    pids: Sequence[str],
) -> list[Table]:
    """The long table, the wide one, and the scores where a questionnaire has a scale.

    ``read``: gone through once; ``invited``: by wave, the pids that were asked.
    """
    codings = make_codings(waves)
    sheets = [codings[one.wave.id].code(one) for one in read]
    found = [
        _long_table(waves, codings, sheets),
        _wide_table(waves, codings, sheets, invited, pids),
    ]
    if any(coding.questionnaire.scales for coding in codings.values()):
        found.append(_scores_table(waves, codings, sheets))
    return found


class _LongRows:
    """The rows of the long table, made when they are asked for: a million would fill the memory."""

    def __init__(self, codings: Codings, sheets: Sequence[CodedSheet]) -> None:
        self._codings, self._sheets = codings, sheets

    def __len__(self) -> int:
        return sum(len(one.codes) for one in self._sheets)

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        for one in self._sheets:
            coding = self._codings[one.wave.id]
            slug, version = coding.questionnaire.slug, coding.questionnaire.version
            pid, wave, rank, language, days = (
                one.pid,
                one.wave.slug,
                one.rank,
                one.language,
                one.days,
            )
            for variable, value in zip(coding.variables, one.codes, strict=True):
                yield pid, wave, rank, slug, version, variable.name, value, language, days


def _long_table(waves: Sequence[Wave], codings: Codings, sheets: Sequence[CodedSheet]) -> Table:
    """One row for each coded variable of each sheet."""
    asked = [coding.questionnaire for coding in codings.values()]
    names = {one.name: one.label for q in asked for one in coded_variables(q)}
    slugs = {q.slug: q.title for q in asked}
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
    return Table(
        "responses_long",
        "Réponses, une ligne par réponse",
        variables,
        _LongRows(codings, sheets),
        key,
    )


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


def _scores_table(waves: Sequence[Wave], codings: Codings, sheets: Sequence[CodedSheet]) -> Table:
    """One row for each scale of each sheet."""
    asked = [coding.questionnaire for coding in codings.values()]
    scales = {scale.name: scale.label for q in asked for scale in q.scales}
    rows = tuple(
        (
            one.pid,
            one.wave.slug,
            one.rank,
            questionnaire.slug,
            questionnaire.version,
            scale.name,
            value,
            answered,
            one.days,
        )
        for one in sheets
        for questionnaire in [codings[one.wave.id].questionnaire]
        for scale, (value, answered) in zip(questionnaire.scales, one.scores, strict=True)
    )
    variables = (
        PID_VARIABLE,
        Variable("wave", "string", "Vague", categories={wave.slug: wave.title for wave in waves}),
        RANK_VARIABLE,
        Variable(
            "instrument",
            "string",
            "Questionnaire",
            categories={q.slug: q.title for q in asked},
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
    return Table("scores", "Scores, une ligne par échelle", variables, rows, key)


def _wide_table(
    waves: Sequence[Wave],
    codings: Codings,
    sheets: Sequence[CodedSheet],
    invited: Mapping[UUID, set[str]],
    pids: Sequence[str],
) -> Table:
    """One row a person: the last answer to each item of each wave, and how many sheets there were.

    ``invited``: by wave, the pids that were asked. Not asked is -97, asked without an answer -99.
    """
    variables: list[Variable] = [PID_VARIABLE]
    last = {(one.wave.id, one.pid): one for one in sheets}
    rows: dict[str, list[Value]] = {pid: [pid] for pid in pids}
    taken = {PID_VARIABLE.name}
    for wave in waves:
        questionnaire, coded = codings[wave.id].questionnaire, codings[wave.id].variables
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
            rows[pid] += one.codes if one else [nothing] * len(coded)
    return Table(
        "responses_wide",
        "Réponses, une ligne par personne",
        tuple(variables),
        tuple(tuple(rows[pid]) for pid in pids),
        ("pid",),
    )
