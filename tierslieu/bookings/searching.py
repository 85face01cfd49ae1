"""What one may ask of the agenda: a mode, a path, a room, who it is for, a period.

Anything strange is no filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from flask_babel import gettext as _

from courses.paths.models import Path
from tierslieu.agenda.models import Room, SeatMode
from tierslieu.agenda.queries import Filter
from tierslieu.clock import to_local, to_utc
from tierslieu.people.models import Audience

PERIODS = ("a-venir", "semaine", "mois", "passees")
MODES = {"sur-place": SeatMode.ONSITE, "en-ligne": SeatMode.ONLINE}


@dataclass(frozen=True)
class Asked:
    """The filter, and the words of the address it came from, to be shown again."""

    filter: Filter
    period: str = ""
    mode: str = ""
    path: str = ""
    room: str = ""
    audience: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """What an address carries so that another page of the agenda shows the same sessions."""
        words = {
            "mode": self.mode,
            "parcours": self.path,
            "salle": self.room,
            "public": self.audience,
        }
        return {name: word for name, word in words.items() if word}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but «to come» was asked."""
        return bool(self.kept or self.period not in ("", PERIODS[0]))


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


def asked_filter(
    args: Mapping[str, str], paths: Sequence[Path], rooms: Sequence[Room], now: datetime
) -> Asked:
    """Read the address of the list. Days end at midnight on the wall."""
    period = args.get("periode", "")
    period = period if period in PERIODS else PERIODS[0]
    until: datetime | None = None
    if period in ("semaine", "mois"):
        last = to_local(now).date() + timedelta(days=7 if period == "semaine" else 30)
        until = to_utc(datetime.combine(last, time.min))
    elif period == "passees":
        until = now
    is_past = period == "passees"
    within = Filter(since=None if is_past else now, until=until, latest_first=is_past)
    return replace(asked_within(args, paths, rooms, within), period=period)


def asked_within(
    args: Mapping[str, str], paths: Sequence[Path], rooms: Sequence[Room], within: Filter
) -> Asked:
    """Read an address of any page of the agenda: what it narrows, within that period."""
    mode = args.get("mode", "") if args.get("mode", "") in MODES else ""
    path = next((p for p in paths if p.slug == args.get("parcours")), None)
    room = next((r for r in rooms if str(r.id) == args.get("salle")), None)
    audience = next((a for a in Audience if a.value == args.get("public")), None)
    return Asked(
        replace(
            within,
            mode=MODES.get(mode),
            path_id=path.id if path else None,
            audience=audience,
            audience_paths=tuple(p.id for p in paths if audience and audience.value in p.audiences),
            room_id=room.id if room else None,
        ),
        mode=mode,
        path=path.slug if path else "",
        room=str(room.id) if room else "",
        audience=audience.value if audience else "",
    )
