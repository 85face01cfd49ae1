"""The few doors every page shows, by who is looking."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import pgettext

from tierslieu.people.models import ADMINISTRATOR, COORDINATOR, FACILITATOR, RESEARCHER, User
from tierslieu.web.doors import door_behind

# Appointments, and who asks after whom.
FOLLOWED = (
    *("/rendez-vous", "/mes-rendez-vous", "/mes-creneaux"),
    *("/suivi", "/mon-suivi", "/attention", "/mon-plan", "/plans"),
)


@dataclass(frozen=True)
class NavItem:
    """A door: its word, its address, its sign (``_parts/icons.html``), whether we stand in it."""

    label: str
    url: str
    icon: str
    is_current: bool


def doors(person: User | None) -> list[NavItem]:
    """At most five, for they stand at the thumb on a phone."""
    entries = [
        (_("Accueil"), "/", "house"),
        (_("Agenda"), "/agenda", "calendar"),
        (pgettext("several", "Parcours"), "/parcours", "path"),
    ]
    if person is None:
        entries += [(_("Vérifier"), "/verifier", "badge")]
    elif person.holds(FACILITATOR):
        entries += [(_("À traiter"), "/a-traiter", "today"), (_("Badges"), "/badges", "badge")]
    elif person.holds(RESEARCHER):
        entries += [(_("Études"), "/etudes", "chart")]
    elif person.holds(COORDINATOR, ADMINISTRATOR):
        if person.holds(COORDINATOR):
            entries += [(_("Chiffres"), "/chiffres", "chart")]
        if person.holds(ADMINISTRATOR):
            entries += [(_("Personnes"), "/administration/personnes", "people")]
    else:
        entries += [(_("Mes badges"), "/mes-badges", "badge")]
    here = door_behind() or request.path
    if here.startswith(("/attributions", "/attestations")):
        here = "/badges/"  # awarding and printing in number, reached from a badge
    if here.startswith(("/semaines", "/internats")):
        here = "/agenda/"  # a week is a way to come, beside the sessions
    if here.startswith(("/mes-parcours", "/promotions", "/suivi/parcours", "/traces", "/entraide")):
        here = "/parcours/"  # following one, who follows it, and their groups
    if here.startswith(("/par-ou-commencer", "/mes-positionnements")):
        here = "/parcours/"  # choosing one
    if here.startswith("/tableau-de-bord"):
        here = "/chiffres/"  # the year beside the month
    if here.startswith("/questionnaires"):
        here = "/etudes/"  # what studies ask
    if here.startswith("/administration"):
        here = "/administration/personnes/"  # the logbook, the jobs, the mails: rooms of one house
    if here.startswith(FOLLOWED):
        here = "/agenda/"  # so is an appointment, and the plan one speaks of there
    if here.startswith("/ma-frise"):
        here = "/"  # one's own, as the first page is
    return [
        NavItem(label, url, icon, here == url or (url != "/" and here.startswith(url + "/")))
        for label, url, icon in entries
    ]
