"""What attention offers: two rules, the card of the team, a person's data, the demonstration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from tierslieu.attention import Among, AttentionFinding, AttentionRule, RuleFigure
from tierslieu.clock import to_local
from tierslieu.house import (
    Card,
    HomeCard,
    House,
    Job,
    PersonalData,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.nightly.rules import EVERY, MOST
from tierslieu.people.models import FACILITATOR
from tierslieu.register import Basis
from tierslieu.support.attention.jobs import make_list
from tierslieu.support.attention.joining import join_pauses
from tierslieu.support.attention.listing import NAME, count_spoken
from tierslieu.support.attention.listing_queries import find_listed
from tierslieu.support.attention.missed import find_missed
from tierslieu.support.attention.queries import list_all_of, list_contacts, list_settings_by
from tierslieu.support.attention.rules import forget_about
from tierslieu.support.attention.scenes import play
from tierslieu.support.attention.silent import find_silent
from tierslieu.support.attention.words import outcome_words, way_words


def _house() -> House:
    house: House = current_app.extensions["tierslieu.house"]
    return house


def _find_silent(
    db: Session, figures: Mapping[str, int], now: datetime, among: Among
) -> Sequence[AttentionFinding]:
    return find_silent(db, _house(), figures, now, among)


def _describe_silent(figures: Mapping[str, int]) -> str:
    return str(
        ngettext(
            "Suit un parcours qui n’est ni fini ni en pause, et n’a laissé aucune trace depuis "
            "%(num)s semaine : ni étape, ni présence, ni réservation, ni rendez-vous, ni "
            "candidature à une semaine.",
            "Suit un parcours qui n’est ni fini ni en pause, et n’a laissé aucune trace depuis "
            "%(num)s semaines : ni étape, ni présence, ni réservation, ni rendez-vous, ni "
            "candidature à une semaine.",
            figures["weeks"],
        )
    )


def _describe_missed(figures: Mapping[str, int]) -> str:
    return str(
        ngettext(
            "Suit un parcours et a manqué %(num)s séance réservée en %(months)s mois, sans "
            "prévenir.",
            "Suit un parcours et a manqué %(num)s séances réservées en %(months)s mois, sans "
            "prévenir.",
            figures["times"],
            months=figures["months"],
        )
    )


def team_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Of how many people a rule speaks, if of any."""
    count, made_at = count_spoken(db, _house(), user_id, now)
    if count:
        context = {"count": count, "made_at": made_at, "most": MOST}
        yield Card("support/attention/_card.html", context, urgency=15)


def _make_list(db: Session, now: datetime) -> int:
    return make_list(db, _house(), now)


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """When the team asked after one."""
    for one in list_contacts(db, user_id, 500):
        title = str(_("L’équipe a pris de vos nouvelles"))
        detail = f"{way_words()[one.way]} · {outcome_words()[one.outcome]}"
        yield TimelineEvent(one.written_at, title, detail, "note", "/mon-suivi")


def _export(db: Session, user_id: UUID) -> Any:
    contacts, pauses = list_all_of(db, user_id)
    listed = find_listed(db, user_id)
    return {
        "contacts_with_me": [
            {
                "day": one.happened_on.isoformat(),
                "by": one.author.name if one.author is not None else None,
                "way": one.way.value,
                "outcome": one.outcome.value,
                "words": one.words,
                "written_at": one.written_at.isoformat(),
            }
            for one in contacts
            if one.about_id == user_id
        ],
        "pauses_about_me": [
            {
                "kind": one.kind.value,
                "by": one.author.name if one.author is not None else None,
                "until": one.until.isoformat() if one.until else None,
                "reason": one.reason,
                "made_at": one.made_at.isoformat(),
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            }
            for one in pauses
            if one.about_id == user_id
        ],
        # What they say is of others: when, no more.
        "contacts_by_me": [
            to_local(one.written_at).date().isoformat()
            for one in contacts
            if one.author_id == user_id
        ],
        "pauses_by_me": [
            to_local(one.made_at).date().isoformat()
            for one in pauses
            if one.author_id == user_id and one.about_id != user_id
        ],
        "listed_at_night": listed.isoformat() if listed is not None else None,
        "rules_i_set": [
            {"rule": one.code, "set_at": one.set_at.isoformat()}
            for one in list_settings_by(db, user_id)
        ],
    }


OFFERS = (
    Joining(
        "attention",
        doubles=frozenset({"attention_listed"}),
        tables=frozenset({"attention_pause"}),
        join=join_pauses,
    ),
    AttentionRule(
        code="silent",
        title=_l("Sans nouvelles"),
        figures=(RuleFigure("weeks", _l("Semaines sans aucune trace"), 6, 2, 52),),
        describe=_describe_silent,
        find=_find_silent,
    ),
    AttentionRule(
        code="missed",
        title=_l("Séances manquées sans prévenir"),
        figures=(
            RuleFigure("times", _l("Séances manquées"), 2, 1, 10),
            RuleFigure("months", _l("En combien de mois"), 3, 1, 12),
        ),
        describe=_describe_missed,
        find=find_missed,
    ),
    HomeCard("attention", frozenset({FACILITATOR}), team_card),
    TimelineSource("attention", timeline),
    PersonalData(
        name="attention",
        what=_l(
            "Les contacts que l’équipe a pris pour avoir de vos nouvelles : quel jour, comment, "
            "par qui, ce qu’il en est sorti ; jusqu’à quand elle ne vous relance pas, et pourquoi. "
            "Dans un grand lieu, si une règle parlait de vous la nuit dernière."
        ),
        why=_l(
            "Pour que personne ne disparaisse sans qu’on s’en soucie, et que deux personnes ne "
            "vous appellent pas pour la même chose. Rien n’est décidé ni envoyé par une machine."
        ),
        basis=_l(
            "L’intérêt légitime du lieu à suivre les personnes qu’il accompagne (RGPD, "
            "article 6.1.f)."
        ),
        how_long=_l("Un an, ou jusqu’à la fermeture de votre compte."),
        export=_export,
        erase=forget_about,
        treatment="support",
        grounds=(Basis.LEGITIMATE,),
        swept_by=("follow_up_forgotten",),
    ),
    # Every so often rather than at three: a machine may have been asleep then.
    Job(NAME, EVERY, _make_list, lease=timedelta(hours=2), by_any_clock=True),
    Scene("attention", play),
)
