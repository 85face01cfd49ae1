"""Forms of who applies and of who answers: shape only."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from courses.paths.queries import list_paths
from tierslieu.agenda.forms import ChosenField, text_field
from tierslieu.people.models import Audience
from tierslieu.web.formats import day, upper_first
from tierslieu.web.forms import Form, OwnForm
from tierslieu.web.written import Theirs
from tierslieu.weeks.applications.models import (
    ApplicationState,
    Diet,
    Sharing,
    StayNeeds,
    WeekApplication,
)
from tierslieu.weeks.applications.queries import Chosen
from tierslieu.weeks.applications.rules import Stay, Wanted
from tierslieu.weeks.models import Meal, Week
from tierslieu.weeks.stays.needs import Needs
from tierslieu.weeks.words import (
    allergen_words,
    audience_names,
    diet_words,
    meal_words,
    night_words,
    sharing_words,
    state_words,
)


class TicksField(SelectMultipleField):
    """Some of a list, as boxes to tick; what is not of the list is refused by the rule."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
            **kwargs,
        )


class StayForm(OwnForm):
    """Nights, meals, and with whom in a room."""

    nights = TicksField(
        _("Nuits sur place"), description=_("Aucune si vous dormez ailleurs."), choices=[]
    )
    meals = TicksField(_("Repas sur place"), choices=[])
    sharing = RadioField(_("Chambre"), choices=[], default=Sharing.ALONE.value)
    wish = text_field(
        _("L’adresse de la personne avec qui vous partagez"),
        254,
        description=_(
            "Celle de son compte ici. Si elle donne aussi la vôtre, vous serez ensemble ; sinon, "
            "rien ne lui est dit, et rien ne vous est dit d’elle."
        ),
        render_kw={"inputmode": "email", "autocapitalize": "off", "spellcheck": "false"},
    )

    def __init__(self, week: Week, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nights.choices = [(n.isoformat(), upper_first(night_words(n))) for n in week.nights]
        meals = sorted(week.meals, key=lambda one: (one.day, list(Meal).index(one.meal)))
        names = meal_words()
        self.meals.choices = [(_key(one.day, one.meal), names[one.meal]) for one in meals]
        self.sharing.choices = [(one.value, words) for one, words in sharing_words().items()]
        if self.sharing.data is None or not week.nights:
            self.sharing.data = Sharing.ALONE.value
        self.days = [
            (day(on), [o for o in self.meals if str(o._value()).startswith(on.isoformat())])
            for on in dict.fromkeys(one.day for one in meals)
        ]

    def stay(self) -> Stay:
        """What was asked for, once the form is valid."""
        sharing = Sharing(self.sharing.data)
        return Stay(
            tuple(date.fromisoformat(text) for text in self.nights.data or ()),
            tuple(_meal(text) for text in self.meals.data or ()),
            sharing,
            self.wish.data if sharing is Sharing.SOMEBODY else "",
        )


class ApplicationForm(StayForm):
    """What one writes to apply."""

    motivation = text_field(
        _("Pourquoi cette semaine, et pourquoi maintenant ?"),
        3000,
        area=True,
        required=_("Écrivez quelques phrases : l’équipe choisit d’après elles."),
        description=_("Quelques phrases suffisent : ce que vous voulez en faire, et pour qui."),
    )
    path = ChosenField(_("Le parcours que vous suivez ou visez"))

    def wanted(self) -> Wanted:
        """What was asked for, once the form is valid."""
        return Wanted(self.motivation.data, self.path.data, self.stay())


def offer_paths(db: Session, form: ApplicationForm) -> None:
    """Put the catalogue into the form."""
    form.path.choices = [
        ("", _("Aucun pour l’instant")),
        *((path.id, Theirs(path.title)) for path in list_paths(db)),
    ]


def stay_values(application: WeekApplication) -> dict[str, Any]:
    """A stay as its form shows it."""
    return {
        "nights": [one.night.isoformat() for one in application.nights],
        "meals": [_key(one.day, one.meal) for one in application.meals],
        "sharing": application.sharing.value,
        "wish": application.wish,
    }


def first_values(week: Week) -> dict[str, Any]:
    """A form nobody filled in yet: the whole stay is what most want."""
    return {
        "path": week.path_id,
        "nights": [night.isoformat() for night in week.nights],
        "meals": [_key(one.day, one.meal) for one in week.meals],
        "sharing": Sharing.ALONE.value,
    }


def _key(on: date, meal: Meal) -> str:
    return f"{on.isoformat()} {meal.value}"


def _meal(text: str) -> tuple[date, Meal]:
    on, _space, meal = text.partition(" ")
    return date.fromisoformat(on), Meal(meal)


class NeedsForm(OwnForm):
    """What one needs during the stay; all of it optional, kept only with consent."""

    diet = SelectField(_("Régime"), choices=[], default="")
    allergies = TicksField(_("Allergies"), choices=[])
    other_allergy = text_field(
        _("Une autre allergie"), 60, description=_("Le nom de l’aliment, rien d’autre.")
    )
    access = text_field(
        _("Pour entrer, circuler, voir, entendre ou dormir"),
        1000,
        area=True,
        description=_(
            "Ce qu’il faut prévoir : une chambre sans marche, une place assise, un prêt."
        ),
    )
    consent = BooleanField(_("J’accepte que ces renseignements servent à préparer mon séjour"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        diets = [(one.value, upper_first(words)) for one, words in diet_words().items()]
        self.diet.choices = [("", _("Je mange de tout")), *diets]
        self.diet.data = self.diet.data or ""
        self.allergies.choices = [(name, upper_first(w)) for name, w in allergen_words().items()]

    def needs(self) -> Needs:
        """What was written, once the form is valid."""
        return Needs(
            Diet(self.diet.data) if self.diet.data else None,
            tuple(self.allergies.data or ()),
            self.other_allergy.data,
            self.access.data,
        )


def needs_values(needs: StayNeeds | None) -> dict[str, Any]:
    """Needs as their form shows them."""
    if needs is None:
        return {}
    return {
        "diet": needs.diet.value if needs.diet else "",
        "allergies": needs.allergies,
        "other_allergy": needs.other_allergy,
        "access": needs.access,
        "consent": True,
    }


class DecisionForm(Form):
    """The team's answer to one application."""

    decision = RadioField(
        _("Votre réponse"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choisissez une réponse."))],
    )
    word = text_field(
        _("Un mot pour la personne"),
        1000,
        area=True,
        description=_(
            "Il part par mail avec la réponse et reste dans l’historique. On l’écrit toujours pour "
            "demander de compléter, ne pas retenir ou retirer."
        ),
    )

    def to_state(self) -> ApplicationState | None:
        """What was chosen; None for what is no state."""
        try:
            return ApplicationState(str(self.decision.data))
        except ValueError:
            return None


class ChosenForm(Form):
    """What the selection is narrowed to."""

    class Meta(Form.Meta):
        """A form that is read by GET."""

        csrf = False

    etat = SelectField(_("Où elles en sont"), choices=[], validate_choice=False)
    public = SelectField(_("Public concerné"), choices=[], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.etat.choices = [
            ("", _("Toutes")),
            *((one.value, words) for one, words in state_words().items()),
        ]
        self.public.choices = [
            ("", _("Tous")),
            *((one.value, upper_first(words)) for one, words in audience_names().items()),
        ]

    def chosen(self) -> Chosen:
        """What is looked for; anything strange is everything."""
        states = {one.value: one for one in ApplicationState}
        publics = {one.value: one for one in Audience}
        return Chosen(states.get(self.etat.data or ""), publics.get(self.public.data or ""))
