"""What people answered, as numbers: whose, when, and for each variable its code or why there is
none. Sheets are read in slices and kept as codes alone: a million answers take a few megabytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tierslieu import clock
from tierslieu.evaluation.queries import SLICE, SheetHead
from tierslieu.evaluation.tables import days_since
from tierslieu.surveys.instruments.flow import asked_items
from tierslieu.surveys.instruments.items import (
    NO_ANSWER,
    NOT_ASKED,
    ItemKind,
    ItemVariable,
    Questionnaire,
    beside_codes,
)
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.instruments.scoring import score
from tierslieu.surveys.models import Wave

Number = int | float


@dataclass(frozen=True)
class GivenSheet:
    """A submitted sheet with what the study's key tells of it: whose, and when."""

    sheet: SheetHead
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

    wave: Wave
    pid: str
    days: int  # since the person's day 0
    rank: int
    language: str
    values: Mapping[str, str]
    t0: datetime


def read_sheets(
    waves: Sequence[Wave],
    given: Sequence[GivenSheet],
    find_values: Callable[[Sequence[str]], Mapping[str, Mapping[str, str]]],
) -> Iterator[AnsweredSheet]:
    """The sheets by wave, person and date, each with its rank; ``find_values``: what the sheets
    under these keys hold (:func:`~tierslieu.evaluation.queries.list_values`), asked for in slices.
    """
    by_id = {wave.id: wave for wave in waves}
    ranks: dict[tuple[UUID, str], int] = defaultdict(int)
    ordered = sorted(
        given, key=lambda g: (by_id[g.sheet.wave_id].position, g.pid, g.at, str(g.sheet.id))
    )
    for start in range(0, len(ordered), SLICE):
        part = ordered[start : start + SLICE]
        values = find_values([one.sheet.sheet_key for one in part])
        for one in part:
            sheet = one.sheet
            ranks[sheet.wave_id, one.pid] += 1
            yield AnsweredSheet(
                by_id[sheet.wave_id],
                one.pid,
                one.days,
                ranks[sheet.wave_id, one.pid],
                sheet.language,
                values.get(sheet.sheet_key, {}),
                one.t0,
            )


def coded_variables(questionnaire: Questionnaire) -> list[ItemVariable]:
    """The variables whose answers are numbers: free text stays in the house."""
    return [one for one in questionnaire.variables() if one.is_coded]


class CodedSheet(NamedTuple):
    """A sheet as the data hold it: a code for each coded variable of its questionnaire, in their
    order, and (score or -99, how many answers it comes from) for each scale."""

    wave: Wave
    pid: str
    days: int
    rank: int
    language: str
    codes: tuple[Number, ...]
    scores: tuple[tuple[Number, int], ...]


class Coding:
    """How the answers to the questionnaire of a wave become codes."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.variables = coded_variables(questionnaire)
        conditions = [page.when for page in questionnaire.pages]
        conditions += [item.when for item in questionnaire.items()]
        # What is asked depends on these answers alone.
        self._decisive = sorted({name for one in conditions if one for name in one.names()})
        self._absent: dict[tuple[str | None, ...], tuple[int, ...]] = {}
        self._numbers: dict[str, Number] = {}  # by their text: each number is kept once

    def code(self, one: AnsweredSheet) -> CodedSheet:
        """The code of each variable of a sheet: why there is none, where there is none.

        A day leaves as the number of days since the person's day 0: a date would tell who it is.
        """
        codes: list[Number] = []
        for variable, nothing in zip(self.variables, self._reasons(one.values), strict=True):
            text = one.values.get(variable.name)
            if text is None:
                codes.append(nothing)
            elif variable.kind is ItemKind.DATE and not text.startswith("-"):
                day = date.fromisoformat(text)
                codes.append(beside_codes((day - clock.to_local(one.t0).date()).days))
            else:
                codes.append(self._number(text))
        scores = []
        for scale in self.questionnaire.scales:
            found = score(self.questionnaire, scale, one.values)
            scores.append((NO_ANSWER if found.value is None else found.value, found.answered))
        return CodedSheet(
            one.wave, one.pid, one.days, one.rank, one.language, tuple(codes), tuple(scores)
        )

    def _number(self, text: str) -> Number:
        number = self._numbers.get(text)
        if number is None:
            number = float(text) if "." in text else int(text)
            self._numbers[text] = number
        return number

    def _reasons(self, values: Mapping[str, str]) -> tuple[int, ...]:
        """For each variable why it would have no answer: not asked, or not answered."""
        decisive = tuple(values.get(name) for name in self._decisive)
        if decisive not in self._absent:
            asked = {
                v.name
                for _page, item in asked_items(self.questionnaire, values)
                for v in item.variables
            }
            self._absent[decisive] = tuple(
                NO_ANSWER if variable.name in asked else NOT_ASKED for variable in self.variables
            )
        return self._absent[decisive]


Codings = Mapping[UUID, Coding]


def make_codings(waves: Sequence[Wave]) -> Codings:
    """The coding of each wave's questionnaire, by the wave's id."""
    return {wave.id: Coding(read_questionnaire(wave.instrument.content)) for wave in waves}
