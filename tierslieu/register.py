"""Why each column exists: what a table says of itself, beside its model.

A model states ``__kept__``, a plain table ``info={"kept": …}``, with one of three words:
:func:`kept` for what is held on people, :func:`by_team` for what the place itself is made of, where
only who of the team did it is personal, :func:`of_nobody` for what says nothing of anybody. Each
lists *every* column of its table: a new one fails a test until it is said what it is for.

How long, on what basis and for what purpose are said once, by the ``PersonalData`` offers that the
declaration names (``house_kept.py``); they also say to which :class:`Treatment` they belong.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Boolean, Column, Date, DateTime, Enum, MetaData, Numeric, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

PEOPLE = "user_account"
TEAM_WORK = "team_work"  # the offer that answers for every table declared with by_team()


class Whose(enum.Enum):
    """Categories of people (GDPR, article 30.1.c)."""

    MEMBERS = "members"
    TEAM = "team"
    GUESTS = "guests"
    PARTNERS = "partners"

    @property
    def label(self) -> str:
        """The category, in words."""
        return str(_WHOSE[self])


_WHOSE = {
    Whose.MEMBERS: _("Personnes qui ont un compte"),
    Whose.TEAM: _("Membres de l’équipe"),
    Whose.GUESTS: _("Personnes sans compte (venues sans s’inscrire, invitées par mail)"),
    Whose.PARTNERS: _("Contacts chez des partenaires"),
}


class Basis(enum.Enum):
    """Legal bases (GDPR, articles 6.1 and 9.2)."""

    CONSENT = "6.1.a"
    CONTRACT = "6.1.b"
    LEGAL_DUTY = "6.1.c"
    PUBLIC_TASK = "6.1.e"
    LEGITIMATE = "6.1.f"
    EXPLICIT = "9.2.a"

    @property
    def label(self) -> str:
        """The basis and its article, in words."""
        return str(_BASES[self])


_BASES = {
    Basis.CONSENT: _("Consentement (RGPD, article 6.1.a)"),
    Basis.CONTRACT: _("Exécution du service demandé (RGPD, article 6.1.b)"),
    Basis.LEGAL_DUTY: _("Obligation légale (RGPD, article 6.1.c)"),
    Basis.PUBLIC_TASK: _("Mission d’intérêt public (RGPD, article 6.1.e)"),
    Basis.LEGITIMATE: _("Intérêt légitime (RGPD, article 6.1.f)"),
    Basis.EXPLICIT: _("Consentement explicite, données de santé (RGPD, article 9.2.a)"),
}


@dataclass(frozen=True)
class Declaration:
    """What a table says of its columns.

    ``offers``: names of the ``PersonalData`` offers that hold it, none if it says nothing of
    anybody. ``plain``: columns whose kind says why they exist. ``says``: those that hold what
    somebody wrote or what tells who they are, with a sentence each. ``about``: what the table is.
    ``stays``: what may still name somebody whose account is closed, why and for how long.
    """

    offers: Sequence[str]
    whose: Sequence[Whose]
    plain: Sequence[str]
    says: Mapping[str, Any] = field(default_factory=dict)
    about: Any = ""
    stays: Any = ""

    @property
    def is_personal(self) -> bool:
        """Whether anything here is about anybody."""
        return bool(self.offers)

    def why(self, column: Column[Any]) -> str:
        """Why this column exists."""
        if column.name in self.says:
            return str(self.says[column.name])
        if not self.offers or (TEAM_WORK in self.offers and not points_to_person(column)):
            return str(self.about)
        return str(_kind_of(column))


def kept(
    *offers: str,
    plain: str,
    says: Mapping[str, Any] | None = None,
    whose: Sequence[Whose] = (Whose.MEMBERS,),
    stays: Any = "",
) -> Declaration:
    """What is held on people, under these offers' terms. Columns that hold text need a sentence
    in ``says``; ``plain`` names the others, separated by spaces."""
    return Declaration(offers, whose, plain.split(), says or {}, stays=stays)


def by_team(
    about: Any,
    plain: str,
    says: Mapping[str, Any] | None = None,
    whose: Sequence[Whose] = (Whose.TEAM,),
) -> Declaration:
    """What the place is made of: personal only in that it says who of the team made it, or whom
    to turn to (``says``)."""
    return Declaration((TEAM_WORK,), whose, plain.split(), says or {}, about)


def of_nobody(about: Any, plain: str) -> Declaration:
    """What says nothing of anybody."""
    return Declaration((), (), plain.split(), {}, about)


def declarations(metadata: MetaData, classes: Mapping[str, type]) -> dict[str, Declaration]:
    """The declaration of each table that has one, by name. ``classes``: models by table."""
    found = {}
    for name, table in sorted(metadata.tables.items()):
        model = classes.get(name)
        said = vars(model).get("__kept__") if model else table.info.get("kept")
        if isinstance(said, Declaration):
            found[name] = said
    return found


def points_to_person(column: Column[Any]) -> bool:
    """Whether this column names an account."""
    return any(key.column.table.name == PEOPLE for key in column.foreign_keys)


def list_gaps(table: Table, said: Declaration | None) -> list[str]:
    """What this table fails to say of itself, as sentences for who adds a column."""
    if said is None:
        return [f"{table.name}: no declaration (__kept__); see tierslieu/register.py"]
    named = [*said.plain, *said.says]
    gaps = [
        f"{table.name}.{column.name}: not declared"
        for column in table.columns
        if column.name not in named
    ]
    gaps += [
        f"{table.name}.{name}: declared, and is no column"
        for name in named
        if name not in table.columns
    ]
    gaps += [f"{table.name}.{name}: declared twice" for name in set(named) if named.count(name) > 1]
    people = [column.name for column in table.columns if points_to_person(column)]
    if people and not said.is_personal:
        gaps.append(f"{table.name}: says it is of nobody, and names people in {people}")
    if said.is_personal and TEAM_WORK not in said.offers:
        gaps += [
            f"{table.name}.{column.name}: holds text, and has no sentence of its own"
            for column in table.columns
            if column.name in said.plain and _holds_text(column)
        ]
    return gaps


def _holds_text(column: Column[Any]) -> bool:
    short: tuple[type[TypeEngine[Any]], ...] = (Enum, Boolean, Date, DateTime, Numeric)
    return (
        not column.foreign_keys
        and not isinstance(column.type, short)
        and _python_type(column) in (str, bytes, dict, list)
    )


def _python_type(column: Column[Any]) -> type:
    kind = column.type
    while isinstance(kind, TypeDecorator):  # an instant of ours stands on one of the database's
        kind = kind.impl_instance
    try:
        return kind.python_type
    except NotImplementedError:
        return object


def _kind_of(column: Column[Any]) -> Any:
    kind = _python_type(column)
    if points_to_person(column):
        return _KINDS["person"]
    if column.foreign_keys:
        return _KINDS["link"]
    if column.primary_key:
        return _KINDS["key"]
    if isinstance(column.type, Enum):
        return _KINDS["state"]
    if kind is bool:
        return _KINDS["flag"]
    if kind.__name__ in ("datetime", "date"):
        return _KINDS["date"]
    return _KINDS["number"]


_KINDS = {
    "person": _("La personne concernée, ou qui a agi"),
    "link": _("Rattacher cette ligne à ce dont elle parle"),
    "key": _("Reconnaître la ligne"),
    "state": _("L’état, le choix ou le genre, parmi quelques valeurs"),
    "flag": _("Oui ou non : un choix ou un état"),
    "date": _("Savoir quand, et quand effacer"),
    "number": _("Ordre, nombre ou version"),
}
