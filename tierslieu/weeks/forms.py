"""Forms of weeks, houses and the programme: shape only; the rules say what can be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from courses.paths.queries import current_version, list_paths
from courses.paths.words import step_name
from tierslieu.agenda.forms import (
    ChosenField,
    CountField,
    DayField,
    HourField,
    MomentField,
    SeveralField,
    text_field,
    web_address,
)
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.queries import list_facilitators, list_rooms
from tierslieu.clock import to_local
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import Audience
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs
from tierslieu.weeks.models import NEEDS_DAYS, Meal, Moment, Week
from tierslieu.weeks.queries import list_houses
from tierslieu.weeks.rules import WeekPlan

MOST_PLACES = 200
_DAY = timedelta(days=1)


def count_field(label: Any, *, least: int = 0, required: Any = None, **more: Any) -> CountField:
    """A number of places, beds or meals."""
    between = _("Entre %(least)s et %(most)s.", least=least, most=MOST_PLACES)
    rules = [InputRequired(required)] if required else [Optional()]
    number = NumberRange(min=least, max=MOST_PLACES, message=between)
    return CountField(label, validators=[*rules, number], **more)


def an_address(form: Any, field: Any) -> None:
    """Refuse what no mail can be sent to."""
    try:
        normalise_email(field.data)
    except BadAddress:
        raise ValidationError(_("Cette adresse n’est pas complète : relisez-la.")) from None


class WeekForm(Form):
    """A week: what it is, for whom, the stay."""

    title = text_field(_("Titre"), 160, required=_("Donnez un titre à cette semaine."))
    description = text_field(_("Ce qu’on y fait"), 4000, area=True)
    path = ChosenField(_("Parcours"))
    first_day = DayField(_("Premier jour"), validators=[InputRequired(_("Choisissez un jour."))])
    last_day = DayField(_("Dernier jour"), validators=[InputRequired(_("Choisissez un jour."))])
    team = SeveralField(
        _("Qui suit cette semaine"),
        description=_(
            "Ces personnes reçoivent les mails de l’équipe, et elles seules lisent les besoins "
            "d’accès des personnes accueillies."
        ),
    )
    places = count_field(_("Places"), least=1, required=_("Combien de personnes en tout ?"))
    quota_teacher = count_field(_("Pour les personnes qui enseignent"))
    quota_career_changer = count_field(_("Pour les personnes qui changent de métier"))
    quota_graduate_or_vae = count_field(_("Pour les personnes qui préparent un diplôme"))
    quota_anybody = count_field(_("Pour les personnes qui viennent par curiosité"))
    quotas_until = MomentField(
        _("Gardées jusqu’à"), description=_("Ensuite, ces places sont pour tout le monde.")
    )
    opens = MomentField(
        _("Ouverture des candidatures"), required=_("Quand les candidatures s’ouvrent-elles ?")
    )
    closes = MomentField(
        _("Clôture des candidatures"), required=_("Quand les candidatures se ferment-elles ?")
    )
    house = ChosenField(_("Maison"))
    nights_from = DayField(_("Première nuit"), validators=[Optional()])
    nights_until = DayField(_("Jour du départ"), validators=[Optional()])
    breakfast = count_field(_("Petits-déjeuners par jour"))
    lunch = count_field(_("Déjeuners par jour"))
    dinner = count_field(_("Dîners par jour"))
    cutoff = MomentField(
        _("Arrêt de la liste pour l’internat"),
        required=_("Jusqu’à quand change-t-on son séjour ?"),
        description=_("Jusque-là, chaque personne change ses nuits, ses repas et ses besoins."),
    )
    needs_days = CountField(
        _("Jours avant d’effacer les besoins"),
        validators=[
            InputRequired(_("Combien de jours après le départ ?")),
            NumberRange(min=1, max=30, message=_("Entre 1 et 30 jours.")),
        ],
        description=_("Régimes, allergies et accès sont effacés ensuite ; chaque personne le lit."),
        default=NEEDS_DAYS,
    )
    access = text_field(
        _("Pour venir"),
        2000,
        area=True,
        description=_("Le plan en mots : gare, bus, portail, code, étage, marches."),
    )
    plan_url = StringField(
        _("Lien vers un plan"),
        validators=[
            Optional(),
            Length(max=500, message=_("%(length)s caractères au plus.", length=500)),
            web_address,
        ],
        filters=[tidy, lambda text: text or ""],
    )
    contacts = text_field(
        _("Contacts"),
        1000,
        area=True,
        description=_("Une ligne par personne : nom, rôle, téléphone, à quelle heure."),
    )
    bring = text_field(_("Que faut-il apporter ?"), 1000, area=True)

    def plan(self) -> WeekPlan:
        """What was asked for, once the form is valid."""
        quotas = {one: self[f"quota_{one.value}"].data for one in Audience}
        opens, closes, cutoff = self.opens.data, self.closes.data, self.cutoff.data
        assert opens is not None  # all three are required
        assert closes is not None
        assert cutoff is not None
        meals = {one: self[one.value].data for one in Meal}
        return WeekPlan(
            title=self.title.data,
            description=self.description.data,
            path_id=self.path.data,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            places=self.places.data or 0,
            quotas={one: count for one, count in quotas.items() if count},
            quotas_until_local=self.quotas_until.data,
            opens_local=opens,
            closes_local=closes,
            cutoff_local=cutoff,
            house_id=self.house.data,
            nights_from=self.nights_from.data,
            nights_until=self.nights_until.data,
            meals={one: count for one, count in meals.items() if count},
            needs_days=self.needs_days.data or NEEDS_DAYS,
            team_ids=tuple(i for i in self.team.data or () if i is not None),
            access=self.access.data,
            plan_url=self.plan_url.data,
            contacts=self.contacts.data,
            bring=self.bring.data,
        )


def offer_week_choices(db: Session, form: WeekForm) -> None:
    """Put paths, houses and facilitators into the form."""
    form.path.choices = [
        ("", _("Aucun en particulier")),
        *((path.id, Theirs(path.title)) for path in list_paths(db, with_retired=True)),
    ]
    form.house.choices = [
        ("", _("Personne n’est logé")),
        *((house.id, Theirs(house.name)) for house in list_houses(db)),
    ]
    form.team.choices = [(user.id, user.name) for user in list_facilitators(db)]


def week_values(week: Week) -> dict[str, Any]:
    """A week as its form shows it."""
    served = dict.fromkeys(Meal, 0)
    for one in week.meals:
        served[one.meal] = max(served[one.meal], one.capacity)
    return {
        "title": week.title,
        "description": week.description,
        "path": week.path_id,
        "first_day": week.first_day,
        "last_day": week.last_day,
        "team": [person.id for person in week.team],
        "places": week.places,
        **{f"quota_{one.audience.value}": one.places for one in week.quotas},
        "quotas_until": _wall(week.quotas_until),
        "opens": _wall(week.opens_at),
        "closes": _wall(week.closes_at),
        "house": week.house_id,
        "nights_from": week.nights_from,
        "nights_until": week.nights_until,
        **{meal.value: count or None for meal, count in served.items()},
        "cutoff": _wall(week.cutoff_at),
        "needs_days": week.needs_days,
        "access": week.access,
        "plan_url": week.plan_url,
        "contacts": week.contacts,
        "bring": week.bring,
    }


def _wall(instant: datetime | None) -> datetime | None:
    return to_local(instant) if instant is not None else None


class HalfDayForm(Form):
    """A half-day made for a week."""

    title = text_field(_("Titre"), 160, required=_("Donnez un titre à cette demi-journée."))
    description = text_field(_("Ce qu’on y fait"), 4000, area=True)
    day = DayField(_("Jour"), validators=[InputRequired(_("Choisissez un jour."))])
    starts = HourField(_("Début"), validators=[InputRequired(_("À quelle heure ?"))])
    ends = HourField(_("Fin"), validators=[InputRequired(_("À quelle heure ?"))])
    room = ChosenField(_("Salle"), validators=[InputRequired(_("Choisissez une salle."))])
    onsite = count_field(_("Places dans la salle"), least=1, required=_("Combien de places ?"))
    step = ChosenField(
        _("Pour une étape du parcours"), description=_("Y participer vaudra pour cette étape.")
    )
    facilitators = SeveralField(_("Qui anime"))

    def plan(self) -> Plan:
        """What was asked for, once the form is valid."""
        return Plan(
            title=self.title.data,
            description=self.description.data,
            starts_local=datetime.combine(self.day.data, self.starts.data),
            ends_local=datetime.combine(self.day.data, self.ends.data),
            room_id=self.room.data,
            onsite=self.onsite.data,
            step_id=self.step.data,
            facilitator_ids=tuple(i for i in self.facilitators.data or () if i is not None),
        )


class ChooseForm(Form):
    """Sessions of the agenda that become half-days of the week."""

    sessions = SeveralField(_("Séances de ces jours"))


class StepsForm(Form):
    """Steps of the path that come before and after the week."""

    before = SeveralField(_("Avant la semaine"))
    after = SeveralField(_("Après la semaine"))

    def chosen(self) -> dict[Moment, list[Any]]:
        """What was ticked, on either side."""
        return {
            Moment.BEFORE: [i for i in self.before.data or () if i is not None],
            Moment.AFTER: [i for i in self.after.data or () if i is not None],
        }


def offer_programme_choices(
    db: Session, week: Week, half_day: HalfDayForm, steps: StepsForm
) -> None:
    """Put rooms, facilitators and the steps of the week's path into the forms."""
    half_day.room.choices = [
        ("", _("Choisissez")),
        *(
            (room.id, _("%(name)s (%(count)s places)", name=room.name, count=room.places))
            for room in list_rooms(db)
        ),
    ]
    half_day.facilitators.choices = [(user.id, user.name) for user in list_facilitators(db)]
    version = current_version(db, week.path_id) if week.path_id is not None else None
    named = (
        [(step.id, Theirs(step_name(step))) for step in version.steps]
        if version is not None
        else []
    )
    known = {step_id for step_id, _name in named}
    # Steps of an earlier version stay as long as they are chosen.
    named += [
        (one.step_id, Theirs(step_name(one.step))) for one in week.steps if one.step_id not in known
    ]
    half_day.step.choices = [("", _("Aucune")), *named]
    steps.before.choices = steps.after.choices = named


def days_of(week: Week) -> list[date]:
    """The days of a week."""
    count = (week.last_day - week.first_day).days + 1
    return [week.first_day + n * _DAY for n in range(count)]


class HouseForm(Form):
    """Where people sleep."""

    name = text_field(_("Nom"), 120, required=_("Donnez un nom à cette maison."))
    address = text_field(_("Adresse"), 200)
    access = text_field(
        _("Pour y entrer"),
        1000,
        area=True,
        description=_("Portail, code, accueil, heures d’ouverture, ascenseur ou marches."),
    )
    contact_name = text_field(_("Qui reçoit la liste"), 120)
    contact_email = StringField(
        _("Son adresse mail"),
        description=_("La liste part à cette adresse : des nombres, jamais de nom."),
        validators=[
            Optional(),
            Length(max=254, message=_("Cette adresse est trop longue.")),
            no_control_characters,
            an_address,
        ],
        filters=[tidy, lambda text: text or ""],
    )
    contact_phone = text_field(_("Son téléphone"), 40)


class BoardingRoomForm(Form):
    """A room with beds."""

    name = text_field(_("Nom ou numéro"), 60, required=_("Donnez un nom à cette chambre."))
    beds = count_field(_("Lits"), least=1, required=_("Combien de lits ?"))
    is_step_free = BooleanField(_("Accessible sans marche"))


def quota_fields(form: WeekForm) -> list[Any]:
    """The four numbers of kept places, in the order of the publics."""
    return [form[f"quota_{one.value}"] for one in Audience]


class CallOffWeekForm(Form):
    """Why a week is called off."""

    reason = text_field(
        _("Pourquoi ?"),
        500,
        area=True,
        required=_("Dites pourquoi : c’est la première question qu’on vous posera."),
        description=_(
            "Tout le monde lit ce texte sur la page de la semaine ; il part aussi par mail à "
            "toutes les personnes qui ont candidaté."
        ),
    )
