"""A week to come in the demonstration, with its house, its programme and its applications; and one
that is still a draft. All invented."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from courses.paths.models import Step
from courses.paths.queries import current_version, find_path
from tierslieu.agenda.planning import Plan
from tierslieu.clock import days, to_local
from tierslieu.errors import Refused
from tierslieu.house import Stage
from tierslieu.people.models import Audience, User
from tierslieu.weeks.applications.models import ApplicationState, Diet, Sharing
from tierslieu.weeks.applications.rules import Stay, Wanted, apply, decide
from tierslieu.weeks.models import Meal, Moment, Week
from tierslieu.weeks.programme import add_half_day
from tierslieu.weeks.publishing import publish_week
from tierslieu.weeks.rules import WeekPlan, save_week, set_steps
from tierslieu.weeks.stays.houses import save_boarding_room, save_house
from tierslieu.weeks.stays.needs import Needs, save_needs

ROOMS = (
    ("Genêt", 1, True),
    ("Lavande", 2, True),
    ("Myrte", 2, False),
    ("Olivier", 2, False),
    ("Romarin", 3, False),
)
HALF_DAYS = (
    # day, hour, title
    (0, 14, "Accueil, et un premier programme"),
    (1, 9, "Données : d’un tableau à un graphique"),
    (1, 14, "Monter une séance de SNT"),
    (2, 9, "Le Web, du serveur à l’écran"),
    (2, 14, "Robots : dehors s’il fait beau"),
    (3, 9, "Essayer sa séance devant les autres"),
)
MOTIVATIONS = (
    "Je prends deux classes de Seconde en SNT à la rentrée et je n’ai jamais programmé. Je veux "
    "repartir avec trois séances prêtes, essayées devant quelqu’un.",
    "J’ai suivi les modules en ligne, seule, le soir. Il me manque le moment où l’on pose les "
    "questions, et des collègues à qui écrire ensuite.",
    "Après douze ans de développement, je prépare le CAPES. Je connais l’informatique, pas la "
    "classe : une semaine avec des gens qui enseignent m’apprendrait beaucoup.",
    "Dans mon collège rural, je suis le seul à m’intéresser au sujet. Je voudrais monter un club "
    "à la Toussaint, avec des robots si possible.",
    "Je reprends des études à quarante ans. La remise à niveau en ligne avance bien, mais j’ai "
    "besoin d’un bon coup d’élan avant l’examen.",
    "Je suis professeure documentaliste ; l’IA arrive dans toutes les questions des élèves. Je "
    "veux comprendre ce qu’il y a dans la boîte.",
)
WORD = "Nous serons contents de vous accueillir. Le livret d’accueil dit comment venir."


def play(db: Session, stage: Stage) -> None:
    """The house, the week, who applies and what they were answered; then a draft."""
    Player(db, stage).play()


class Player:
    """Plays the weeks of one stage."""

    def __init__(self, db: Session, stage: Stage) -> None:
        self.db, self.stage = db, stage
        self.chance = Random(f"{stage.seed}:weeks")  # noqa: S311 - a demonstration
        self.team: UUID = stage.props["people"]["facilitator@example.org"]
        today = to_local(stage.today).date()
        self.monday = today + timedelta(days=42 - today.weekday())

    def play(self) -> None:
        """All of it."""
        house_id = self._house()
        week = self._week("Une semaine pour enseigner SNT", self.monday, house_id)
        self._programme(week)
        publish_week(self.db, week.id, now=self._ago(30))
        self._applications(week)
        self._week("Une semaine sur les données", self.monday + timedelta(days=63), house_id)

    def _ago(self, count: float) -> datetime:
        return (self.stage.today - days(count)).replace(microsecond=0)

    def _house(self) -> UUID:
        house = save_house(
            self.db,
            None,
            name="Internat des Restanques",
            address="40 chemin des Restanques, 06560 Valbonne",
            access="Portail gris, code dans le mail de la veille. Accueil de 17 h à 22 h.",
            contact_name="Mireille Roux",
            contact_email="internat@example.org",
            contact_phone="04 00 00 00 00",
        )
        for name, beds, is_step_free in ROOMS:
            save_boarding_room(
                self.db,
                house.id,
                None,
                name=f"chambre {name}",
                beds=beds,
                is_step_free=is_step_free,
                today=self.monday,
            )
        return house.id

    def _week(self, title: str, monday: date, house_id: UUID) -> Week:
        path = find_path(self.db, "snt")
        now = to_local(self.stage.today).replace(microsecond=0, second=0, minute=0)
        plan = WeekPlan(
            title=title,
            description="Quatre jours pour passer de « je découvre » à « je fais classe » : on "
            "programme, on prépare, on essaie devant les autres, et l’on mange ensemble.",
            path_id=path.id if path is not None else None,
            first_day=monday,
            last_day=monday + timedelta(days=3),
            places=8,
            quotas={Audience.TEACHER: 4, Audience.CAREER_CHANGER: 1},
            quotas_until_local=now + timedelta(days=15),
            opens_local=now - timedelta(days=29),
            closes_local=now + timedelta(days=12),
            cutoff_local=datetime.combine(monday - timedelta(days=10), time(12)),
            house_id=house_id,
            nights_from=monday,
            nights_until=monday + timedelta(days=3),
            meals={Meal.BREAKFAST: 10, Meal.LUNCH: 12, Meal.DINNER: 10},
            team_ids=(self.team,),
            access="Gare d’Antibes, puis le bus 1 jusqu’aux Imprimeurs : vingt minutes.\n"
            "L’internat est à huit minutes à pied, par le chemin du haut.",
            plan_url="https://www.openstreetmap.org/?mlat=43.6190&mlon=7.0520#map=16/43.6190/7.0520",
            contacts="L’équipe, pendant la semaine : 04 00 00 00 01\n"
            "La nuit, l’internat : 04 00 00 00 00",
            bring="Un ordinateur, si vous en avez un\nDes draps, ou demandez-en\nVos questions",
        )
        return save_week(self.db, None, plan, now=self._ago(40), actor_id=self.team)

    def _programme(self, week: Week) -> None:
        version = current_version(self.db, week.path_id) if week.path_id is not None else None
        steps: list[Step] = list(version.steps) if version is not None else []
        present = next((one.id for one in steps if one.kind.value == "attendance"), None)
        room_id = self.stage.props["rooms"][0]
        for on, hour, title in HALF_DAYS:
            starts = datetime.combine(self.monday + timedelta(days=on), time(hour))
            plan = Plan(
                title=title,
                starts_local=starts,
                ends_local=starts + timedelta(hours=3),
                room_id=room_id,
                onsite=12,
                facilitator_ids=(self.team,),
                step_id=present if on == 0 else None,
            )
            add_half_day(self.db, week.id, plan, now=self._ago(35), actor_id=self.team)
        online = [one.id for one in steps if one.kind.value == "online"]
        sides = {Moment.BEFORE: online[:1], Moment.AFTER: online[1:2]}
        set_steps(self.db, week.id, sides)

    def _applications(self, week: Week) -> None:
        shown = [
            self.stage.props["people"][f"{one}@example.org"] for one in ("learner", "learner2")
        ]
        others = [one for one in self.stage.props["learners"] if one not in shown]
        people = [*shown, *self.chance.sample(others, 9)]
        users = {one: self.db.get_one(User, one) for one in people}
        answers = [
            (ApplicationState.ACCEPTED, WORD),
            (ApplicationState.TO_COMPLETE, "Quelles classes aurez-vous à la rentrée ?"),
            (ApplicationState.ACCEPTED, WORD),
            (ApplicationState.ACCEPTED, WORD),
            (ApplicationState.WAITING, "La semaine est presque pleine ; nous vous appellerons."),
            (ApplicationState.WAITING, "Vous êtes la personne suivante ou presque."),
            (
                ApplicationState.DECLINED,
                "Cette semaine s’adresse à qui débute : venez plutôt en NSI.",
            ),
        ]
        applied = []
        for place, user_id in enumerate(people):
            if users[user_id].profile is None:
                continue
            stay = self._stay(week, place, [users[one] for one in people])
            wanted = Wanted(MOTIVATIONS[place % len(MOTIVATIONS)], week.path_id, stay)
            made = apply(self.db, week.id, user_id, wanted, now=self._ago(20 - place))
            applied.append(made.id)
            if place in (0, 3):
                needs = Needs(Diet.VEGETARIAN, ("nuts",) if place else (), "", _ACCESS[place > 0])
                save_needs(
                    self.db, week.id, user_id, needs, consents=True, now=self._ago(20 - place)
                )
        for application_id, (state, word) in zip(applied, answers, strict=False):
            try:
                decide(
                    self.db, application_id, state, word=word, now=self._ago(5), actor_id=self.team
                )
            except Refused:
                continue

    def _stay(self, week: Week, place: int, users: list[User]) -> Stay:
        meals = tuple((one.day, one.meal) for one in week.meals)
        if place == 4:  # lives nearby
            lunches = tuple(one for one in meals if one[1] is Meal.LUNCH)
            return Stay((), lunches)
        if place in (2, 3):  # two who come together
            friend = users[5 - place]
            return Stay(tuple(week.nights), meals, Sharing.SOMEBODY, friend.email)
        sharing = Sharing.ANYBODY if place % 2 else Sharing.ALONE
        return Stay(tuple(week.nights), meals, sharing)


_ACCESS = {False: "", True: "Une chambre sans marche, et une chaise à dossier en salle."}
