"""The figures of a report, as anybody may see them: fixed tables, small numbers hidden, the others
rounded. What is made here once is all that page, PDF and file show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.dashboard.costs import find_cost
from tierslieu.evaluation.disclosure import (
    PUBLIC,
    Hiding,
    publish_count,
    publish_share,
    publish_table,
    round_count,
)
from tierslieu.evaluation.rules import AUDIENCES, GENDERS
from tierslieu.evaluation.yearly.changes import measure_year
from tierslieu.evaluation.yearly.queries import (
    count_begun,
    count_present,
    find_report,
    list_people,
    list_profiles_of,
)
from tierslieu.house import Figure, House, Indicator
from tierslieu.people.models import AgeBand, Profile
from tierslieu.surveys.queries import find_study_by_slug
from tierslieu.surveys.studies.opening import STUDY_SLUG
from tierslieu.web.languages import MAIN, speaking

Told = dict[str, Any]


def span_of_year(year: int) -> tuple[datetime, datetime]:
    """The calendar year in Paris, as [since, until)."""
    first = datetime(year, 1, 1)  # noqa: DTZ001 - wall time
    return clock.to_utc(first), clock.to_utc(first.replace(year=year + 1))


def make_snapshot(
    db: Session,
    house: House,
    year: int,
    targets: Mapping[str, str],
    key: bytes | None,
    *,
    now: datetime,
) -> Told:
    """Every figure of the year until ``now``, and of the year before as its baseline.

    ``key``: that of the place's study, without which nothing is said of what changed. Its words
    are French, whichever language the person reads who asks for it.
    """
    with speaking(MAIN):
        return _make_snapshot(db, house, year, targets, key, now)


def _make_snapshot(
    db: Session,
    house: House,
    year: int,
    targets: Mapping[str, str],
    key: bytes | None,
    now: datetime,
) -> Told:
    since, until = span_of_year(year)
    until = min(until, now)
    before, last = span_of_year(year - 1), find_report(db, year - 1)
    # What was published of the year before is said again, not counted again.
    told = last.snapshot["indicators"] if last is not None and last.snapshot is not None else []
    published = {one["key"]: one["figure"] for one in told}
    indicators = [
        {
            "key": one.key,
            "label": str(one.label),
            "definition": str(one.definition),
            "target": targets.get(one.key, ""),
            "figure": _tell(one.compute(db, since, until), about_people=one.about_people),
            "baseline": published.get(one.key)
            or _tell(one.compute(db, *before), about_people=one.about_people),
        }
        for one in house.all(Indicator)
    ]
    return {
        "year": year,
        "until": until.isoformat(),
        "is_whole": until >= span_of_year(year)[1],
        "indicators": indicators,
        "tables": _tables(db, since, until),
        "changes": _changes(db, key, since, until),
        "cost": _cost(db, year),
    }


def _changes(db: Session, key: bytes | None, since: datetime, until: datetime) -> list[Told]:
    study = find_study_by_slug(db, STUDY_SLUG)
    return measure_year(db, study, key, since, until) if study is not None and key else []


def _cost(db: Session, year: int) -> Told | None:
    found = find_cost(db, year)
    if found is None:
        return None
    cost, held = found
    people = publish_count(held.people)
    euros, hours = round(cost.cents / 100), round_count(round(held.hours))
    return {
        "euros": euros,
        "note": cost.note,
        # Of rounded people and hours: nothing more can be worked out from the quotient.
        "per_person": round(euros / people) if people else None,
        "per_hour": round(euros / hours) if people and hours else None,
        "why": (Hiding.SMALL_CELL if people is None else Hiding.NOTHING).value,
    }


def _tell(figure: Figure, *, about_people: bool) -> Told:
    """A figure as JSON: its value (a percentage where there is a denominator), numerator and
    denominator, and why something is hidden."""
    if figure.made_of is not None:
        few = publish_count(figure.made_of) in (None, 0)
        value = None if few else figure.numerator
        return _told(value, value, None, Hiding.SMALL_CELL if few else Hiding.NOTHING)
    if figure.denominator is None:
        shown = publish_count(figure.numerator) if about_people else figure.numerator
        return _told(shown, shown, None, Hiding.SMALL_CELL if shown is None else Hiding.NOTHING)
    if not about_people:
        share = 100 * figure.numerator / figure.denominator if figure.denominator else None
        return _told(share, figure.numerator, figure.denominator, Hiding.NOTHING)
    share_of = publish_share(figure.numerator, figure.denominator)
    return _told(share_of.percent, share_of.part, share_of.whole, share_of.why)


def _told(value: float | None, part: int | None, whole: int | None, why: Hiding) -> Told:
    rounded = round(value) if isinstance(value, float) else value
    return {"value": rounded, "numerator": part, "denominator": whole, "why": why.value}


def _tables(db: Session, since: datetime, until: datetime) -> list[Told]:
    people = list_people(db, since, until)
    profiles = list_profiles_of(db, people)

    def by(
        read: Callable[[Profile], str], labels: Mapping[str, str]
    ) -> tuple[list[str], list[int]]:
        counted = Counter(read(profiles[one]) if one in profiles else "" for one in people)
        cells = [counted.pop(key, 0) for key in labels]
        return [*labels.values(), str(_("Non dit"))], [*cells, sum(counted.values())]

    bands = {band.value: band_words(band.value) for band in AgeBand}
    begun = count_begun(db, since, until)
    sessions = roll_up(count_present(db, since, until))
    once = str(_("Chaque personne compte une fois."))
    return [
        _table(
            "audience",
            str(_("D’où viennent les personnes")),
            once,
            *by(lambda one: one.audience.value, AUDIENCES),
        ),
        _table(
            "gender",
            str(_("Femmes et hommes")),
            str(_("Dire son genre est facultatif. %(once)s", once=once)),
            *by(lambda one: one.gender.value if one.gender else "", GENDERS),
        ),
        _table(
            "age",
            str(_("Âges")),
            once,
            *by(lambda one: one.age_band.value if one.age_band else "", bands),
        ),
        _table(
            "paths",
            str(_("Parcours commencés")),
            str(_("Une personne qui en commence deux compte dans les deux.")),
            list(begun),
            list(begun.values()),
        ),
        _table(
            "sessions",
            str(_("Séances")),
            str(
                _(
                    "Personnes venues au moins une fois. Les séances de moins de %(least)s "
                    "personnes sont comptées avec leur série, ou ensemble.",
                    least=PUBLIC.cell,
                )
            ),
            [label for label, _count in sessions],
            [count for _label, count in sessions],
        ),
    ]


def band_words(band: str) -> str:
    """An age band in words."""
    return str(_("55 ans et plus")) if band == "55+" else str(_("%(band)s ans", band=band))


def roll_up(present: Mapping[tuple[str, str], int]) -> list[tuple[str, int]]:
    """Counts by (series, title) as lines large enough to be public: a title that is too small goes
    with the rest of its series; what is still too small goes together, last."""
    lines: list[tuple[str, int]] = []
    left = 0
    series: dict[str, list[tuple[str, int]]] = {}
    for (group, title), count in present.items():
        series.setdefault(group or title, []).append((title, count))
    for members in series.values():
        large = [one for one in members if one[1] >= PUBLIC.cell]
        small = [one for one in members if one[1] < PUBLIC.cell]
        together = sum(count for _title, count in small)
        if small and together < PUBLIC.cell and large:
            # With the smallest of the large ones, or the rest could be worked out.
            large.sort(key=lambda one: one[1])
            small.append(large.pop(0))
            together = sum(count for _title, count in small)
        lines += large
        if together >= PUBLIC.cell:
            lines.append((str(_("%(title)s et autres de la série", title=small[-1][0])), together))
        else:
            left += together
    lines.sort(key=lambda one: (-one[1], one[0]))
    return [*lines, (str(_("Autres séances")), left)] if left else lines


def _table(
    key: str, title: str, definition: str, labels: Sequence[str], counts: Sequence[int]
) -> Told:
    shown = publish_table(counts)
    return {
        "key": key,
        "title": title,
        "definition": definition,
        "total": shown.total,
        "rows": [
            {"label": label, "value": value, "why": why.value}
            for label, value, why in zip(labels, shown.cells, shown.why, strict=True)
        ],
        "why": [why.value for why in shown.reasons],
    }
