"""What the list says, in French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from tierslieu.admin.catalogue.queries import READ_AGAIN_AFTER, Course, Item, Kind, State
from tierslieu.clock import to_local

TONES = {State.OFFERED: "ok", State.DRAFT: "sun", State.RETIRED: "plain", State.OVER: "plain"}


def kind_words() -> Mapping[Kind, str]:
    """Each kind, of which there are several."""
    return {
        Kind.PATH: _("Parcours"),
        Kind.POSITIONING: _("Positionnements"),
        Kind.BADGE: _("Badges"),
        Kind.WEEK: _("Semaines intensives"),
        Kind.INSTRUMENT: _("Questionnaires"),
        Kind.CHECKLIST: _("Listes de démarches"),
    }


def state_words() -> Mapping[State, str]:
    """What one may look for."""
    return {
        State.OFFERED: _("Ce qui est proposé"),
        State.DRAFT: _("Ce qui est en préparation"),
        State.RETIRED: _("Ce qui n’est plus proposé"),
        State.OVER: _("Ce qui est passé"),
        State.TO_READ_AGAIN: _("Ce qui est à revoir"),
    }


def say_state(item: Item) -> str:
    """How it stands, beside its name."""
    words: dict[State, str] = {
        State.OFFERED: _("proposé"),
        State.DRAFT: _("en préparation"),
        State.RETIRED: _("plus proposé"),
        State.OVER: _("terminée"),
    }
    own: dict[Kind, dict[State, str]] = {
        Kind.WEEK: {State.OFFERED: _("publiée"), State.RETIRED: _("annulée")},
        Kind.CHECKLIST: {State.OFFERED: _("proposée"), State.RETIRED: _("plus proposée")},
        Kind.BADGE: {State.RETIRED: _("archivé")},
        Kind.INSTRUMENT: {State.OFFERED: _("prêt à être posé")},
    }
    return own.get(item.kind, {}).get(item.state, words[item.state])


def why_stale(course: Course, today: date) -> list[str]:
    """Why a course is to be read again at its source."""
    why = []
    if not course.path.licence and course.path.url:
        why.append(str(_("licence non dite par la source")))
    if course.path.source and to_local(course.read_on).date() < today - READ_AGAIN_AFTER:
        why.append(str(_("source lue il y a plus d’un an")))
    return why
