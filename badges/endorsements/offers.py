"""What endorsements give to the pages that gather: panels, data, jobs, a check, a scene."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards.queries import find_own_award
from badges.designs.queries import get_badge
from badges.endorsements import queries, rules
from badges.endorsements.jobs import JOBS, RULES
from badges.endorsements.scenes import play
from badges.endorsements.words import show
from tierslieu import clock
from tierslieu.house import (
    AwardPanel,
    BadgePanel,
    Card,
    Finding,
    HomeCard,
    Invariant,
    PersonalData,
    Scene,
)
from tierslieu.people.models import FACILITATOR, User
from tierslieu.register import Basis

LATELY = timedelta(days=30)  # how long the home page of the team shows an endorsement of an award
SHOWN_LATELY = 5


def badge_panel(db: Session, badge_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """Who endorses a badge; for the team, the way to ask."""
    shown = [show(one, now) for one in queries.list_shown(db, badge_id=badge_id)]
    person = db.get(User, user_id) if user_id else None
    is_team = person is not None and person.holds(FACILITATOR)
    badge = get_badge(db, badge_id)
    may_ask = (
        is_team
        and badge is not None
        and badge.published_at is not None
        and badge.archived_at is None
    )
    if shown or may_ask:
        context = {
            "standing": [one for one in shown if one.is_standing],
            "ended": [one for one in shown if not one.is_standing],
            "slug": badge.slug if badge and is_team else "",
            "may_ask": may_ask,
        }
        yield Card("endorsements/_card_badge.html", context, urgency=50, span=12)


def award_panel(db: Session, award_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """Who endorses one award; for its holder, the way to ask; for the team, to hide."""
    found = queries.list_shown(db, award_id=award_id)
    shown = [(one.id, show(one, now)) for one in found]
    person = db.get(User, user_id) if user_id else None
    own = find_own_award(db, person, award_id) if person else None
    may_ask = own is not None and bool(own.credential) and own.revoked_at is None
    if shown or may_ask:
        context = {
            "standing": [pair for pair in shown if pair[1].is_standing],
            "ended": [pair for pair in shown if not pair[1].is_standing],
            "award_id": award_id,
            "may_ask": may_ask,
            "is_team": person is not None and person.holds(FACILITATOR),
        }
        yield Card("endorsements/_card_award.html", context, urgency=50, span=12)


def given_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """What holders had said of their awards lately: they chose whom to ask, so the team looks."""
    given = queries.list_given_to_awards(db, since=now - LATELY, limit=SHOWN_LATELY + 1)
    if given:
        rows = [(one, show(one, now)) for one in given[:SHOWN_LATELY]]
        context = {"rows": rows, "has_more": len(given) > SHOWN_LATELY}
        yield Card("endorsements/_card_given.html", context, urgency=26, span=6)


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """What this person asked for, and what was said of their own awards."""
    return [
        {
            "badge": one.subject.name,
            "is_about_award": one.award_id is not None,
            "asked_at": one.asked_at.isoformat(),
            "organisation": one.organisation,
            "website": one.website,
            "email": one.email,
            "message": one.message,
            "state": one.state.value,
            "answered_at": one.answered_at.isoformat() if one.answered_at else None,
            "credential": one.credential,
        }
        for one in queries.list_of_person(db, user_id)
    ]


def check_carried(db: Session) -> Finding:
    """What badge classes publish is exactly what stands."""
    now = clock.now()
    standing, carried = queries.list_standing_of_badges(db, now), queries.list_carried(db, now)
    return Finding(len(standing | carried), [str(one) for one in sorted(standing ^ carried)])


OFFERS = (
    BadgePanel("endorsements", badge_panel),
    AwardPanel("endorsements", award_panel),
    HomeCard("endorsements_given", frozenset({FACILITATOR}), given_card),
    PersonalData(
        "endorsements",
        what=_(
            "Les soutiens que vous avez demandés pour vos badges ou pour ceux du lieu : "
            "l’organisme, l’adresse mail de la personne tant qu’elle n’a pas répondu, votre mot, "
            "la réponse signée, avec le nom et la fonction de qui l’a donnée."
        ),
        why=_("Pour qu’un partenaire puisse se porter garant d’un badge, sans compte."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_(
            "L’adresse mail est effacée dès la réponse, ou au bout de 60 jours. Une demande sans "
            "suite est effacée au bout de six mois. D’une demande annulée, il reste seulement "
            "pendant un jour ou deux que vous l’avez faite, pour compter les mails envoyés. "
            "Les soutiens de vos badges s’effacent avec "
            "votre compte ; ceux des badges du lieu restent, sans dire qui les a demandés."
        ),
        export=export,
        erase=rules.erase_person,
        treatment="badges",
        grounds=(Basis.CONTRACT,),
        swept_by=(
            "endorsements_lapse",
            "endorsements_forget",
        ),
    ),
    Invariant("endorsements_carried", "Badges publish the endorsements that stand", check_carried),
    *JOBS,
    *RULES,
    Scene("endorsements", play),
)
