"""The few doors every page shows, by who is looking."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from tierslieu.people.models import ADMINISTRATOR, COORDINATOR, FACILITATOR, RESEARCHER, User


@dataclass(frozen=True)
class NavItem:
    """A door: its word, its address, whether we stand behind it."""

    label: str
    url: str
    is_current: bool


def doors(person: User | None) -> list[NavItem]:
    """At most five, for they stand at the thumb on a phone."""
    if person is None:
        entries = [
            (_("Accueil"), "/"),
            (_("Agenda"), "/agenda"),
            (_("Parcours"), "/parcours"),
            (_("Vérifier un badge"), "/verifier"),
        ]
    else:
        entries = [(_("Accueil"), "/"), (_("Agenda"), "/agenda"), (_("Parcours"), "/parcours")]
        if person.holds(FACILITATOR):
            entries += [(_("À traiter"), "/a-traiter"), (_("Badges"), "/badges")]
        elif person.holds(RESEARCHER):
            entries += [(_("Études"), "/etudes")]
        elif person.holds(COORDINATOR, ADMINISTRATOR):
            entries += [(_("Chiffres"), "/chiffres"), (_("Badges"), "/badges")]
        else:
            entries += [(_("Mes badges"), "/mes-badges")]
    here = request.path
    return [
        NavItem(label, url, here == url or (url != "/" and here.startswith(url + "/")))
        for label, url in entries
    ]
