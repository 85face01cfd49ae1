"""What one may ask of the agenda: a mode, a path, a period. Anything strange is no filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask_babel import gettext as _

from courses.paths.models import Path
from tierslieu.agenda.models import SeatMode
from tierslieu.agenda.queries import Filter
from tierslieu.clock import to_local, to_utc

PERIODS = ("a-venir", "semaine", "mois", "passees")
MODES = {"sur-place": SeatMode.ONSITE, "en-ligne": SeatMode.ONLINE}


@dataclass(frozen=True)
class Asked:
    """The filter, and the words of the address it came from, to be shown again."""

    filter: Filter
    period: str
    mode: str
    path: str

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but «to come» was asked."""
        return bool(self.mode or self.path or self.period != PERIODS[0])


def period_words() -> list[tuple[str, str]]:
    """The periods one may choose, in words."""
    return [
        ("a-venir", _("À venir")),
        ("semaine", _("Les 7 prochains jours")),
        ("mois", _("Les 30 prochains jours")),
        ("passees", _("Passées")),
    ]


def mode_words() -> list[tuple[str, str]]:
    """The modes one may choose, in words."""
    return [("", _("Toutes")), ("sur-place", _("Sur place")), ("en-ligne", _("En ligne"))]


def asked_filter(args: Mapping[str, str], paths: Sequence[Path], now: datetime) -> Asked:
    """Read an address. Days end at midnight on the wall."""
    period = args.get("periode", "")
    period = period if period in PERIODS else PERIODS[0]
    mode = args.get("mode", "") if args.get("mode", "") in MODES else ""
    path = next((p for p in paths if p.slug == args.get("parcours")), None)
    until: datetime | None = None
    if period in ("semaine", "mois"):
        last = to_local(now).date() + timedelta(days=7 if period == "semaine" else 30)
        until = to_utc(datetime.combine(last, time.min))
    elif period == "passees":
        until = now
    return Asked(
        Filter(
            since=None if period == "passees" else now,
            until=until,
            mode=MODES.get(mode),
            path_id=path.id if path else None,
            latest_first=period == "passees",
        ),
        period,
        mode,
        path.slug if path else "",
    )
