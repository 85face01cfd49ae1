"""What the place says of itself, read from a version over what the settings say. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tierslieu.place import colours
from tierslieu.settings import Settings
from tierslieu.web import languages


class Section(enum.Enum):
    """What is changed, taken back and told apart as one."""

    IDENTITY = "identity"
    SITES = "sites"
    HOURS = "hours"
    PARTS = "parts"
    COLOURS = "colours"
    LOGO = "logo"


@dataclass(frozen=True)
class Site:
    """Where the place can be found. ``access``: how to get there and in."""

    name: str
    address: str
    access: str


@dataclass(frozen=True)
class Closure:
    """Days, the first and the last included, on which the whole place is closed."""

    first: date
    last: date
    why: str


@dataclass(frozen=True)
class Picture:
    """A picture of the place, named by the digest of its content: ``svg`` or ``png``; pixels."""

    digest: str
    suffix: str
    width: int
    height: int


@dataclass(frozen=True)
class Logo:
    """The sign of the place. ``dark``: for dark pages, if it has another there. ``alone``: it says
    the name itself, which then does not stand beside it."""

    light: Picture
    dark: Picture | None
    alone: bool

    @property
    def is_square(self) -> bool:
        """Whether it still shows something in the small square of a tab."""
        return 0.8 <= self.light.width / self.light.height <= 1.25


@dataclass(frozen=True)
class Place:
    """What the place says of itself. ``number``: of the version, 0 while nothing was changed.

    ``name``: in French, as what is signed bears it. ``off``: the parts switched off
    (``parts.py``). ``accent``: the colour it chose, ``#rrggbb``; empty: the house's own.
    ``opening``: by day of the week, as ``agenda.hours.Week`` keeps it.
    """

    number: int
    name: str
    name_en: str
    about: str
    about_en: str
    contact: str
    phone: str
    sites: Sequence[Site]
    opening: Mapping[str, Any]
    closures: Sequence[Closure]
    off: frozenset[str]
    accent: str
    logo: Logo | None

    @property
    def name_here(self) -> str:
        """Its name in the language that is being spoken."""
        return self.name_in(languages.current())

    @property
    def about_here(self) -> str:
        """Its presentation in the language that is being spoken."""
        return (languages.current() == "en" and self.about_en) or self.about

    @property
    def tones(self) -> str:
        """What names the stylesheet of its colour; empty while it has the house's own."""
        return colours.digest(self.accent) if self.accent else ""

    def theme(self, scheme: str) -> str:
        """The colour of the browser around its pages: a ground of its colour, or their paper."""
        if not self.accent:
            return colours.house_tokens()[scheme]["paper"]
        return colours.tones(self.accent, scheme).wash

    def name_in(self, language: str) -> str:
        """Its name in that language; the French one where it has no other."""
        return (language == "en" and self.name_en) or self.name

    @property
    def dialled(self) -> str:
        """Its telephone number as a phone dials it."""
        return "".join(c for c in self.phone if c.isdigit() or c == "+")

    def closures_from(self, day: date) -> list[Closure]:
        """The closures that are not over on that day, the next first."""
        return [one for one in self.closures if one.last >= day]


def place_of(number: int, said: Mapping[str, Any], settings: Settings) -> Place:
    """What this version says; the settings where it says nothing."""
    identity = said.get(Section.IDENTITY.value, {})
    hours = said.get(Section.HOURS.value, {})
    return Place(
        number=number,
        name=identity.get("name") or settings.place_name,
        name_en=identity.get("name_en", ""),
        about=identity.get("about", ""),
        about_en=identity.get("about_en", ""),
        contact=identity.get("contact") or settings.contact,
        phone=identity.get("phone", ""),
        sites=[Site(**one) for one in said.get(Section.SITES.value, [])],
        opening=hours.get("week", {}),
        closures=closures_of(said),
        off=frozenset(said.get(Section.PARTS.value, [])),
        accent=said.get(Section.COLOURS.value) or "",
        logo=_logo_of(said.get(Section.LOGO.value)),
    )


def closures_of(said: Mapping[str, Any]) -> list[Closure]:
    """The closures that this version says, in order."""
    closures = [
        Closure(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]), one["why"])
        for one in said.get(Section.HOURS.value, {}).get("closed", [])
    ]
    return sorted(closures, key=lambda one: (one.first, one.last))


def _logo_of(kept: Mapping[str, Any] | None) -> Logo | None:
    if not kept:
        return None
    dark = kept["dark"]
    return Logo(Picture(**kept["light"]), Picture(**dark) if dark else None, kept["alone"])
