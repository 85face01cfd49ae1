"""The dashboard of one year in one view: the same facts for the page and for the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.paths.queries import list_paths
from tierslieu.evaluation.dashboard.columns import (
    Dimension,
    Followed,
    Slice,
    Table,
    make_table,
)
from tierslieu.evaluation.dashboard.costs import ShownHeld, YearCost, compute_costs
from tierslieu.evaluation.dashboard.demand import ShownDemand, find_demand
from tierslieu.evaluation.dashboard.funnel import (
    ShownFunnel,
    find_reached,
    place_people,
    show_funnel,
)
from tierslieu.evaluation.dashboard.periods import SchoolYear, school_year_of
from tierslieu.evaluation.dashboard.queries import find_beginning, find_traits
from tierslieu.evaluation.dashboard.women import ShownWomen, place_by_gender, show_women
from tierslieu.evaluation.dashboard.words import NOBODY_SAID, public_names
from tierslieu.house import House
from tierslieu.house_reach import ENROLLED, UnmetDemand
from tierslieu.web.written import Theirs


@dataclass(frozen=True)
class View:
    """Everybody (``dimension`` None), or those of one path or public."""

    dimension: Dimension | None
    key: str
    label: str

    @property
    def kind(self) -> int:
        """0 for everybody, 1 for a path, 2 for a public: the order in which they are listed."""
        return 0 if self.dimension is None else 1 + list(Dimension).index(self.dimension)

    @property
    def address(self) -> str:
        """How an address says it: ``parcours:nsi``, empty for everybody."""
        return f"{self.dimension.value}:{self.key}" if self.dimension else ""


@dataclass(frozen=True)
class Dashboard:
    """What the page and the paper show. ``together``: by figure, the names of those told of
    together because one alone is too few; empty where it is told of alone."""

    year: SchoolYear
    view: View
    years: Sequence[SchoolYear]
    views: Sequence[View]
    funnel: ShownFunnel
    women: ShownWomen
    demand: ShownDemand
    costs: Sequence[YearCost]
    together: Mapping[str, Sequence[str]]


def list_years(db: Session, now: datetime) -> list[SchoolYear]:
    """The school years since anything began, the present one first."""
    present = school_year_of(now).first
    beginning = find_beginning(db)
    first = min(present, school_year_of(beginning).first) if beginning else present
    return [SchoolYear(year) for year in range(present, first - 1, -1)]


def list_views(db: Session) -> list[View]:
    """Everybody, then each path, then each public."""
    paths = [View(Dimension.PATH, one.slug, Theirs(one.short_title)) for one in _paths(db)]
    paths.append(View(Dimension.PATH, NOBODY_SAID, _("Sans parcours")))
    publics = [View(Dimension.PUBLIC, key, name) for key, name in public_names().items()]
    return [View(None, "", _("Tout le monde")), *paths, *publics]


def _paths(db: Session) -> list[Path]:
    return list_paths(db, with_retired=True)


def find_view(views: Sequence[View], address: str) -> View | None:
    """The view that an address names, None if there is none."""
    return next((view for view in views if view.address == address), None)


class Crowd:
    """People on paths, told apart by path and by public."""

    def __init__(self, db: Session, people: Set[Followed]) -> None:
        traits = find_traits(db, {user_id for user_id, _path_id in people})
        slugs: dict[UUID | None, str] = {one.id: one.slug for one in _paths(db)}
        by_path: dict[str, set[Followed]] = {slug: set() for slug in slugs.values()}
        by_path[NOBODY_SAID] = set()
        by_public: dict[str, set[Followed]] = {key: set() for key in public_names()}
        for one in people:
            by_path[slugs.get(one[1], NOBODY_SAID)].add(one)
            trait = traits.get(one[0])
            by_public[trait[0].value if trait else NOBODY_SAID].add(one)
        self.of = {Dimension.PATH: by_path, Dimension.PUBLIC: by_public}
        self.gender = {user_id: gender for user_id, (_audience, gender) in traits.items()}


@dataclass(frozen=True)
class Tables:
    """The figures of a year, each a whole table protected once, of which a view is a slice."""

    funnel: Table
    women: Table
    demand: Table


def make_tables(db: Session, house: House, year: SchoolYear) -> Tables:
    """The tables of a year: everybody who followed a path in it is weighed."""
    reached = find_reached(db, house, year)
    crowd = Crowd(db, reached[ENROLLED])
    asked = find_demand(db, house, year)
    return Tables(
        make_table(place_people(reached), crowd.of),
        make_table(place_by_gender(reached[ENROLLED], crowd.gender), crowd.of),
        make_table(asked, Crowd(db, set[Followed]().union(*asked)).of),
    )


def compose(
    db: Session,
    house: House,
    year: SchoolYear,
    view: View,
    now: datetime,
    tables: Tables | None = None,
    held: Mapping[int, ShownHeld] | None = None,
) -> Dashboard:
    """The dashboard of a year in a view (one of ``list_views``); of ``tables`` and ``held`` where
    they were made before (``nightly``)."""
    tables = tables or make_tables(db, house, year)
    views = list_views(db)
    where = (view.dimension, view.key)
    funnel, women = tables.funnel.slice(*where), tables.women.slice(*where)
    demand = tables.demand.slice(*where)
    return Dashboard(
        year=year,
        view=view,
        years=list_years(db, now),
        views=views,
        funnel=show_funnel(funnel),
        women=show_women(women),
        demand=ShownDemand(house.all(UnmetDemand), demand),
        costs=compute_costs(db, held),
        together={
            "funnel": _together(funnel, view, views),
            "women": _together(women, view, views),
            "demand": _together(demand, view, views),
        },
    )


def _together(shown: Slice, view: View, views: Sequence[View]) -> list[str]:
    """The names of all that a slice tells of; none where it is of one."""
    if len(shown.keys) < 2:
        return []
    return [one.label for one in views if one.dimension is view.dimension and one.key in shown.keys]
