"""The demonstration's place says what it is, where it is and when it is open."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.admin.place.rules import save_section
from tierslieu.agenda.hours import Week
from tierslieu.clock import to_local
from tierslieu.house import Stage
from tierslieu.place.said import Section

MORNING, AFTERNOON = (time(9), time(12, 30)), (time(13, 30), time(18))
OPEN = Week(((AFTERNOON,), *((MORNING, AFTERNOON),) * 4, ((time(9), time(13)),), ()))
IDENTITY = {
    "name_en": "",
    "about": "On y apprend l’informatique et l’IA, seul ou avec d’autres, à son rythme.\n"
    "On peut y venir travailler sans rendez-vous aux heures d’ouverture.",
    "about_en": "A place to learn computing and AI, alone or with others, at your own pace.\n"
    "Drop in to work during opening hours; no appointment needed.",
    "contact": "",
    "phone": "04 65 71 12 00",  # of those that are kept for fiction (ARCEP)
}
SITE = {
    "name": "",
    "address": "12 rue des Imprimeurs, 06560 Valbonne",
    "access": "Bus 1, arrêt Les Imprimeurs. Entrée sans marche ; ascenseur au fond du hall.",
}


def play(db: Session, stage: Stage) -> None:
    """Three changes, by who administers the demonstration."""
    author: UUID = stage.props["people"]["admin@example.org"]
    away = to_local(stage.today).date() + timedelta(days=26)
    closed = {
        "first": away.isoformat(),
        "last": (away + timedelta(days=8)).isoformat(),
        "why": "congés de l’équipe",
    }
    changes = [
        (Section.IDENTITY, {"name": stage.settings.place_name, **IDENTITY}),
        (Section.SITES, [SITE]),
        (Section.HOURS, {"week": OPEN.kept(), "closed": [closed]}),
    ]
    for number, (section, value) in enumerate(changes):
        at = stage.today - timedelta(days=100 - number)
        save_section(db, section, value, seen=number, author_id=author, now=at)
