"""What a week is, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from tierslieu.people.models import Audience
from tierslieu.web.formats import NBSP, day, long_day
from tierslieu.weeks.applications.models import ApplicationState, Diet, Sharing
from tierslieu.weeks.models import Meal, Moment, Week

#: The fourteen of annex II of Regulation (EU) 1169/2011, in its order.
ALLERGENS = (
    "gluten",
    "crustaceans",
    "eggs",
    "fish",
    "peanuts",
    "soybeans",
    "milk",
    "nuts",
    "celery",
    "mustard",
    "sesame",
    "sulphites",
    "lupin",
    "molluscs",
)


def allergen_words() -> dict[str, str]:
    """What the kitchen must leave out."""
    named = (
        _("gluten"),
        _("crustacés"),
        _("œufs"),
        _("poisson"),
        _("arachide"),
        _("soja"),
        _("lait"),
        _("fruits à coque"),
        _("céleri"),
        _("moutarde"),
        _("sésame"),
        _("sulfites"),
        _("lupin"),
        _("mollusques"),
    )
    return dict(zip(ALLERGENS, map(str, named), strict=True))


def diet_words() -> dict[Diet, str]:
    """How somebody eats."""
    return {
        Diet.VEGETARIAN: _("végétarien"),
        Diet.VEGAN: _("végétalien"),
        Diet.NO_PORK: _("sans porc"),
    }


def meal_words() -> dict[Meal, str]:
    """The meals of a day."""
    return {
        Meal.BREAKFAST: _("petit-déjeuner"),
        Meal.LUNCH: _("déjeuner"),
        Meal.DINNER: _("dîner"),
    }


def moment_words() -> dict[Moment, str]:
    """Before the week and after it."""
    return {Moment.BEFORE: _("Avant la semaine"), Moment.AFTER: _("Après la semaine")}


def state_words() -> dict[ApplicationState, str]:
    """Where an application stands, as a tag says it."""
    return {
        ApplicationState.SUBMITTED: _("Envoyée"),
        ApplicationState.TO_COMPLETE: _("À compléter"),
        ApplicationState.ACCEPTED: _("Acceptée"),
        ApplicationState.WAITING: _("Liste d’attente"),
        ApplicationState.DECLINED: _("Non retenue"),
        ApplicationState.WITHDRAWN: _("Retirée"),
    }


STATE_TONES = {
    ApplicationState.SUBMITTED: "mer",
    ApplicationState.TO_COMPLETE: "sun",
    ApplicationState.ACCEPTED: "ok",
    ApplicationState.WAITING: "sun",
    ApplicationState.DECLINED: "plain",
    ApplicationState.WITHDRAWN: "plain",
}


def event_words() -> dict[ApplicationState, str]:
    """What happened, as a line of history says it."""
    return {
        ApplicationState.SUBMITTED: _("Candidature envoyée"),
        ApplicationState.TO_COMPLETE: _("À compléter"),
        ApplicationState.ACCEPTED: _("Candidature acceptée"),
        ApplicationState.WAITING: _("Mise sur la liste d’attente"),
        ApplicationState.DECLINED: _("Candidature non retenue"),
        ApplicationState.WITHDRAWN: _("Candidature retirée"),
    }


def sharing_words() -> dict[Sharing, str]:
    """With whom one sleeps in a room."""
    return {
        Sharing.ALONE: _("Une chambre sans personne d’autre"),
        Sharing.ANYBODY: _("Je partage volontiers, avec qui l’on voudra"),
        Sharing.SOMEBODY: _("Je partage seulement avec la personne que je nomme"),
    }


def audience_names() -> dict[Audience, str]:
    """The publics in a word or two, for tags and counts."""
    return {
        Audience.TEACHER: _("enseignement"),
        Audience.CAREER_CHANGER: _("changement de métier"),
        Audience.GRADUATE_OR_VAE: _("diplôme ou VAE"),
        Audience.ANYBODY: _("curiosité"),
    }


def night_words(night: date) -> str:
    """``nuit du lundi 1er au mardi 2 mars``: a night is named by both its days."""
    after = night + timedelta(days=1)
    same_month = night.month == after.month
    first = day(night).rsplit(NBSP, 1)[0] if same_month else day(night)
    return str(_("nuit du %(first)s au %(second)s", first=first, second=day(after)))


def days_words(week: Week) -> str:
    """``du lundi 1er au vendredi 5 mars 2027``."""
    if week.first_day == week.last_day:
        return str(_("le %(day)s", day=day(week.first_day, year=True)))
    first, last = week.first_day, week.last_day
    said = day(first, year=first.year != last.year)
    if (first.year, first.month) == (last.year, last.month):
        said = said.rsplit(NBSP, 1)[0]
    return str(_("du %(first)s au %(last)s", first=said, last=day(last, year=True)))


def nights_words(nights: Iterable[date]) -> str:
    """How many nights and which: ``3 nuits, du 1er mars 2027 au 4 mars 2027``."""
    known = sorted(nights)
    if not known:
        return str(_("aucune nuit"))
    count = ngettext("%(num)s nuit", "%(num)s nuits", len(known))
    is_whole = (known[-1] - known[0]).days + 1 == len(known)
    if not is_whole:
        return f"{count} : " + ", ".join(day(night) for night in known)
    return str(
        _(
            "%(count)s, du %(first)s au %(last)s",
            count=count,
            first=long_day(known[0]),
            last=long_day(known[-1] + timedelta(days=1)),
        )
    )
