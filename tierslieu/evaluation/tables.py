"""The tables of a research package: rows under pseudonyms, days instead of dates; free texts
apart, those alone that were read and let out."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from tierslieu.evaluation.anonymity import K
from tierslieu.house import Column
from tierslieu.people.models import AgeBand, Gender
from tierslieu.surveys.instruments.items import (
    LABEL_LIMIT,
    NAME,
    NO_ANSWER,
    NOT_ASKED,
    NOT_CONCERNED,
    PREFERS_NOT,
    beside_codes,
)

# What the codes stand for, in every table. Empty: not said, or hidden to protect people.
MISSING = {
    "": "Non renseigné, ou masqué pour protéger les personnes",
    str(NOT_CONCERNED): "Ne concerne pas la personne",
    str(NOT_ASKED): "Question non posée",
    str(PREFERS_NOT): "Préfère ne pas répondre",
    str(NO_ANSWER): "Sans réponse",
}
PID = r"p[a-z2-7]{16}"
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
# What participants.csv holds, protected; no other table may hold it again.
TRAITS = {"audience", "cohort", "gender", "gender_described", "age_band", "age", "town", "country"}
TRAIT_CODES = ({one.value for one in Gender}, {one.value for one in AgeBand})
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Variable:
    """A column: its name, its type in the sense of Frictionless, its label, what its codes mean."""

    name: str
    type: str
    label: str
    wording: str = ""  # the whole question, for the codebook
    instrument: str = ""  # slug and version, for answers
    categories: Mapping[Any, str] | None = None
    is_ordered: bool = False
    constraints: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name for a column")
        if not 0 < len(self.label) <= LABEL_LIMIT:
            raise ValueError(f"{self.name}: a label has 1 to {LABEL_LIMIT} characters")


class Rows(Protocol):
    """Rows that can be counted and gone through again; a tuple is one such."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        """Each, in a fixed order."""


@dataclass(frozen=True)
class Table:
    """A file of the package: rows of plain values, in a fixed order. ``is_words``: people's own
    words, which stand apart from everything else, without a pseudonym."""

    name: str
    label: str
    variables: tuple[Variable, ...]
    rows: Rows
    primary_key: tuple[str, ...] = ()
    is_words: bool = False

    @property
    def path(self) -> str:
        """Where the file lies in the package."""
        if self.is_words:
            return f"data/free-text/{self.name.removeprefix('free-text-')}.csv"
        return f"data/{self.name}.csv"

    @property
    def says_nothing(self) -> bool:
        """Whether no column is left beside the person and the day."""
        return {variable.name for variable in self.variables} <= {"pid", "days_since_t0"}

    def write_csv(self, path: Path) -> None:
        """The table as UTF-8 CSV with LF line ends: the same rows give the same bytes."""
        says_yes_or_no = any(variable.type == "boolean" for variable in self.variables)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([variable.name for variable in self.variables])
            # All but yes and no is written by ``csv`` as ``_text`` says it.
            writer.writerows(
                ([_text(value) for value in row] for row in self.rows)
                if says_yes_or_no
                else self.rows
            )


def _text(value: Value) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


PID_VARIABLE = Variable(
    "pid", "string", "Pseudonyme de la personne dans cette étude", constraints={"pattern": PID}
)
DAYS_VARIABLE = Variable(
    "days_since_t0", "integer", "Jours écoulés depuis le jour 0 de la personne"
)


def days_since(t0: datetime, at: datetime) -> int:
    """Whole days from a person's day 0 to an instant; negative before."""
    return beside_codes((at - t0).days)


def _is_trait(column: Column) -> bool:
    """Whether a column says again what the participants' table protects, without protecting it."""
    codes = set(column.categories or ())
    return column.name in TRAITS or any(codes and codes <= known for known in TRAIT_CODES)


def _is_announced(column: Column) -> bool:
    """Whether every value of the column is known beforehand: a number, yes or no, a category."""
    return column.type != "string" or column.categories is not None


def _shared_names(
    index: int, rows: Sequence[tuple[UUID, datetime, Sequence[Any]]], k: int = K
) -> set[str]:
    """The values of a text column that may leave: names of things, shared by ``k`` people at least.

    A column of texts without categories may hold anything, words a person typed included. What is
    written like an identifier and stands beside five people or more is nobody's own words.
    """
    people: dict[str, set[UUID]] = defaultdict(set)
    for user_id, _at, values in rows:
        if isinstance(values[index], str) and IDENTIFIER.fullmatch(values[index]):
            people[values[index]].add(user_id)
    return {value for value, those in people.items() if len(those) >= k}


def offered_table(
    name: str,
    label: str,
    columns: Sequence[Column],
    rows: Iterable[tuple[UUID, datetime, Sequence[Any]]],
    pids: Mapping[UUID, str],
    t0: Mapping[UUID, datetime],
) -> Table:
    """A feature's table under pseudonyms, free text left out, sorted by pseudonym and day.

    Traits that could single a person out stay out too: they stand in the participants' table alone.

    Rows of people without a pseudonym (no consent) are dropped. Raises ValueError for a value that
    its column does not announce: a mistake of the feature, better told than exported.
    """
    known = [row for row in rows if row[0] in pids]
    names = {i: _shared_names(i, known) for i, c in enumerate(columns) if not _is_announced(c)}
    kept = [i for i in range(len(columns)) if i not in names or names[i]]
    kept = [i for i in kept if not _is_trait(columns[i])]
    made = [
        (
            pids[user_id],
            days_since(t0[user_id], at),
            *(_checked(columns[i], values[i], names.get(i)) for i in kept),
        )
        for user_id, at, values in known
    ]
    made.sort(key=lambda row: (row[0], row[1], [_text(value) for value in row[2:]]))
    variables = tuple(
        Variable(
            columns[i].name,
            columns[i].type,
            columns[i].label,
            categories=dict(columns[i].categories or {}) or None,
        )
        for i in kept
    )
    return Table(name, label, (PID_VARIABLE, DAYS_VARIABLE, *variables), tuple(made))


def _checked(column: Column, value: Any, names: set[str] | None) -> Value:
    if value is None or value == "" or (names is not None and value not in names):
        return None
    if isinstance(value, float):
        # Two decimals: a duration to the second would tell when.
        value = int(value) if value.is_integer() else round(value, 2)
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }[column.type]
    if not fits or (column.categories is not None and value not in column.categories):
        raise ValueError(f"column {column.name} holds a value it does not announce")
    return value  # type: ignore[no-any-return]
