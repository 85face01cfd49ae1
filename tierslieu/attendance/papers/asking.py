"""What a person's presences are narrowed to, as an address carries it (``?du=…&au=…``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _

from tierslieu.errors import Refused


@dataclass(frozen=True)
class Asked:
    """A period (both days included), a path by its slug, one session; each may be open.

    What cannot be read narrows to nothing it did not say: the page says so, a paper is refused.
    """

    since: date | None = None
    until: date | None = None
    path: str = ""
    session_id: UUID | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any((self.since, self.until, self.path, self.session_id))

    @property
    def query(self) -> dict[str, str]:
        """The same as arguments of an address."""
        values = {
            "du": self.since.isoformat() if self.since else "",
            "au": self.until.isoformat() if self.until else "",
            "parcours": self.path,
            "seance": str(self.session_id or ""),
        }
        return {name: value for name, value in values.items() if value}


def read_asked(args: Mapping[str, str]) -> Asked:
    """Read what an address asks for. Raises :class:`Refused` with ``bad_period``, and the field
    that is wrong: a paper about another period than the one meant would mislead."""
    since, until = _day(args, "du"), _day(args, "au")
    if since and until and until < since:
        raise Refused(
            _("Cette période finit avant de commencer : échangez les deux dates."),
            code="bad_period",
            field="au",
            status=400,
        )
    session_id = None
    if text := args.get("seance", ""):
        try:
            session_id = UUID(text)
        except ValueError:
            raise Refused(
                _("Cette adresse ne mène à aucune séance : repartez de vos réservations."),
                code="bad_period",
                status=400,
            ) from None
    return Asked(since, until, args.get("parcours", ""), session_id)


def _day(args: Mapping[str, str], name: str) -> date | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(
            _("Cette date ne peut pas être lue : écrivez-la comme 2026-11-26."),
            code="bad_period",
            field=name,
            status=400,
        ) from None
