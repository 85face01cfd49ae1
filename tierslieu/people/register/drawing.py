"""The register, drawn from the declarations of tables and the offers of features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tierslieu.base import Base
from tierslieu.house import House
from tierslieu.house_kept import PersonalData, Treatment
from tierslieu.register import Declaration, declarations


@dataclass(frozen=True)
class Place:
    """A table and its columns, each with why it exists."""

    table: str
    columns: Sequence[tuple[str, str]]
    stays: str


@dataclass(frozen=True)
class Entry:
    """A treatment, whole: what is held for it, on whom, on what bases, where."""

    treatment: Treatment
    held: Sequence[PersonalData]
    people: Sequence[str]
    grounds: Sequence[str]
    places: Sequence[Place]


def declared() -> dict[str, Declaration]:
    """The declaration of every table of the house, by name."""
    classes = {str(one.local_table): one.class_ for one in Base.registry.mappers}
    return declarations(Base.metadata, classes)


def draw_register(house: House) -> list[Entry]:
    """Every treatment of the place, in order."""
    return [_draw(one, house.all(PersonalData), declared()) for one in house.all(Treatment)]


def tables_of(house: House, treatment: str) -> list[str]:
    """The tables that hold data of this treatment."""
    names = {offer.name for offer in house.all(PersonalData) if offer.treatment == treatment}
    return [table for table, said in declared().items() if names.intersection(said.offers)]


def _draw(
    treatment: Treatment, offers: Sequence[PersonalData], said: dict[str, Declaration]
) -> Entry:
    held = [offer for offer in offers if offer.treatment == treatment.key]
    names = {offer.name for offer in held}
    mine = {table: one for table, one in said.items() if names.intersection(one.offers)}
    people = dict.fromkeys(whose for one in mine.values() for whose in one.whose)
    grounds = dict.fromkeys(basis for offer in held for basis in offer.grounds)
    return Entry(
        treatment,
        held,
        [whose.label for whose in people],
        [basis.label for basis in grounds],
        [
            Place(
                table,
                [(c.name, one.why(c)) for c in Base.metadata.tables[table].columns],
                str(one.stays),
            )
            for table, one in mine.items()
        ],
    )
