"""Two rooms, six weeks of sessions around today, one series that goes together. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from courses.paths.models import StepKind
from courses.paths.queries import current_version, find_path
from tierslieu.agenda.hours import Week
from tierslieu.agenda.models import Room
from tierslieu.agenda.places.rules import close_room, save_room
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import plan_session
from tierslieu.agenda.series.rules import Every, list_days, plan_series
from tierslieu.clock import days, to_local
from tierslieu.errors import Refused
from tierslieu.house import Stage

# Working days until the evening, Saturday until the afternoon.
OPEN = Week((((time(8, 30), time(21)),),) * 5 + (((time(9), time(18)),), ()))
LINK = "https://visio.example.org/tiers-lieu"
ADA, GRACE, ONLINE = "salle Ada", "salle Grace", "en ligne"
ADDRESS = "12 rue des Imprimeurs, 06560 Valbonne"


@dataclass(frozen=True)
class Kind:
    """A kind of session: what it is, where, how many seats, for the step of which path."""

    title: str
    description: str
    room: str
    onsite: int | None = None
    online: int | None = None
    bring: str = ""
    path: str = ""


PYTHON = Kind(
    "Initiation à Python",
    "Premiers programmes, à deux devant un écran : variables, boucles, fonctions.\n\n"
    "On part d’une activité de classe et on la fait vraiment, jusqu’au bout.",
    ADA,
    12,
    bring="un ordinateur si vous en avez un",
    path="snt",
)
ROBOTS = Kind(
    "Robots Thymio en classe",
    "Programmer un robot sans écran puis avec, et voir ce qu’en font les élèves.",
    GRACE,
    8,
)
WEB = Kind(
    "Le Web par l’enquête",
    "Suivre une page de son serveur à l’écran, et démonter ce qui se passe entre les deux.",
    ADA,
    12,
    path="snt",
)
NSI = Kind(
    "Structures de données à la main",
    "Listes, piles, arbres : d’abord avec du papier et des ficelles, ensuite en Python.",
    GRACE,
    8,
    4,
    bring="un ordinateur, si possible avec Python",
    path="nsi",
)
IA = Kind(
    "IA : ouvrir la boîte",
    "Entraîner un petit modèle, le tromper, comprendre pourquoi il se trompe.",
    ADA,
    12,
    10,
)
TALK = Kind(
    "Café des questions",
    "Une heure et demie pour poser toutes les questions restées en travers, sans programme.",
    ONLINE,
    online=20,
)
VAE = Kind(
    "Raconter son expérience pour une VAE",
    "Mettre en mots ce qu’on sait faire, relu par quelqu’un qui a fait le chemin.",
    GRACE,
    6,
    4,
)
FULL_DAY = Kind(
    "Une journée pour monter sa séquence",
    "Le matin on choisit, l’après-midi on construit et on échange. Repas tiré du sac.",
    ADA,
    10,
    bring="vos supports, un repas, un ordinateur",
    path="nsi",
)
COURSE = Kind(
    "Python en quatre soirs",
    "Quatre lundis qui se suivent : chacun part de ce qu’on a écrit la fois d’avant.",
    GRACE,
    6,
    bring="un ordinateur, si possible avec Python",
)
# Wednesday and Saturday afternoons and mornings, when schools are free; evenings are online.
WEEK: tuple[tuple[int, int, int, tuple[Kind, ...]], ...] = (
    # weekday, hour, minutes long, the kinds that take turns week by week
    (1, 18, 90, (TALK,)),
    (2, 14, 180, (PYTHON, WEB)),
    (2, 14, 180, (ROBOTS, NSI)),
    (3, 18, 120, (IA, VAE)),
    (5, 9, 180, (WEB, IA, PYTHON)),
    (5, 9, 180, (NSI, ROBOTS)),
)
WEEKS = range(-3, 4)


def play(db: Session, stage: Stage) -> None:
    """Rooms first, then today's session, then the weeks around it."""
    rooms = _rooms(db, stage)
    stage.props["rooms"] = [room.id for room in rooms.values()]
    maker = _Maker(db, stage, rooms)
    today = to_local(stage.today)
    maker.plan(PYTHON, today.date(), time(min(max(today.hour, 9), 19)), 180)
    monday = today.date() - timedelta(days=today.weekday())
    for saturday in (-9, 19):
        maker.plan(FULL_DAY, monday + timedelta(days=saturday), time(9), 480)
    for week in WEEKS:
        for weekday, hour, minutes, kinds in WEEK:
            kind = kinds[week % len(kinds)]
            maker.plan(kind, monday + timedelta(days=7 * week + weekday), time(hour), minutes)
    maker.plan_bundle(COURSE, monday + timedelta(days=7))
    stage.props["sessions"] = [session_id for _starts, session_id in sorted(maker.made)]


def _rooms(db: Session, stage: Stage) -> dict[str, Room]:
    now = stage.today - days(120)
    ada = save_room(
        db,
        None,
        name=ADA,
        places=14,
        address=ADDRESS,
        access="Rez-de-chaussée, sans marche, porte large. Bus 1, arrêt Les Imprimeurs.",
        equipment="Huit ordinateurs, tableau, vidéoprojecteur, boucle magnétique.",
        week=OPEN,
        now=now,
    )
    grace = save_room(
        db,
        None,
        name=GRACE,
        places=8,
        address=ADDRESS,
        access="Premier étage, ascenseur au fond du hall. Sonnez, quelqu’un descend.",
        equipment="Huit robots Thymio, quatre cartes micro:bit, grande table.",
        week=OPEN,
        now=now,
    )
    away = to_local(stage.today).date() + timedelta(days=60)
    close_room(db, grace.id, away, away + timedelta(days=4), "peinture")
    return {ADA: ada, GRACE: grace}


class _Maker:
    def __init__(self, db: Session, stage: Stage, rooms: dict[str, Room]) -> None:
        self.db, self.stage, self.rooms = db, stage, rooms
        self.chance = Random(f"{stage.seed}:agenda")  # noqa: S311 - a demonstration
        self.facilitators: list[UUID] = stage.props["facilitators"]
        self.made: list[tuple[datetime, UUID]] = []
        self.steps: dict[str, UUID | None] = {}

    def plan(self, kind: Kind, day: date, start: time, minutes: int) -> None:
        """Plan one session a month ahead; what collides with another is left out."""
        plan = self._plan(kind, day, start, minutes)
        now = self.stage.today - days(75)
        try:
            session = plan_session(self.db, plan, now=now, actor_id=plan.facilitator_ids[0])
        except Refused:
            return
        self.made.append((session.starts_at, session.id))

    def plan_bundle(self, kind: Kind, first: date) -> None:
        """Plan four Monday evenings that are followed as a whole."""
        plan = self._plan(kind, first, time(18), 120)
        planned = plan_series(
            self.db,
            plan,
            Every.WEEK,
            list_days(Every.WEEK, first, 4),
            now=self.stage.today - days(75),
            actor_id=plan.facilitator_ids[0],
            is_bundle=True,
        )
        self.made += [(session.starts_at, session.id) for session in planned]

    def _plan(self, kind: Kind, day: date, start: time, minutes: int) -> Plan:
        starts = datetime.combine(day, start)
        room = self.rooms.get(kind.room)
        return Plan(
            title=kind.title,
            description=kind.description,
            bring=kind.bring,
            starts_local=starts,
            ends_local=starts + timedelta(minutes=minutes),
            room_id=room.id if room else None,
            onsite=kind.onsite,
            online=kind.online,
            online_link=LINK if kind.online else "",
            facilitator_ids=(self._leader(),),
            step_id=self._step(kind.path),
            anyway=True,
        )

    def _leader(self) -> UUID:
        # The demonstration's facilitator leads most: their page has something to show.
        first, *others = self.facilitators
        return first if self.chance.random() < 0.5 else self.chance.choice(others)

    def _step(self, slug: str) -> UUID | None:
        if slug and slug not in self.steps:
            path = find_path(self.db, slug)
            version = current_version(self.db, path.id) if path else None
            present = (
                [s.id for s in version.steps if s.kind is StepKind.ATTENDANCE] if version else []
            )
            self.steps[slug] = present[0] if present else None
        return self.steps.get(slug)
