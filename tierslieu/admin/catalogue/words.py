"""What the list says, in French."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from tierslieu.admin.catalogue.queries import Item, Kind, State

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
