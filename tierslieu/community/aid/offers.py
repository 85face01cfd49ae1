"""What mutual aid offers to the pages that gather.

Nothing goes into a timeline: what one asks, and whom one helps, is for the group alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from courses.enrolments.queries import find_living_enrolment
from tierslieu import clock
from tierslieu.clock import to_local
from tierslieu.community.aid.asks.queries import count_waiting, list_written
from tierslieu.community.aid.asks.rules import forget_old
from tierslieu.community.aid.groups.queries import find_member, reader_of
from tierslieu.community.aid.groups.rules import leave_aid
from tierslieu.community.aid.helping.queries import count_shown, list_offers_of
from tierslieu.community.aid.helping.rules import forget_ended
from tierslieu.community.aid.jobs import send_digests, sweep
from tierslieu.community.aid.moderation.queries import (
    count_queue,
    list_decisions,
    list_reported_by,
)
from tierslieu.community.aid.moderation.rules import forget_old_decisions
from tierslieu.community.aid.scenes import play
from tierslieu.house import Card, HomeCard, Job, PathPanel, PersonalData, Scene
from tierslieu.house_kept import Retention
from tierslieu.house_paths import StepPanel
from tierslieu.people.models import FACILITATOR, ROLES, User
from tierslieu.register import Basis


def home_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """For a member: own asks that were answered, asks of others that wait."""
    reader = reader_of(db, db.get_one(User, user_id))
    if reader.member is None:
        return
    waiting, answered = count_waiting(db, reader)
    if waiting or answered:
        context = {"waiting": waiting, "answered": answered}
        yield Card("community/aid/_card.html", context, urgency=40 if answered else 65, span=6)


def team_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Messages that were reported, if there are any."""
    count = count_queue(db)
    if count:
        context = {"count": count}
        yield Card("community/aid/_card_reports.html", context, urgency=15, span=6, tone="ask")


def path_panel(db: Session, path_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """The way to the group, for who follows the path and the team."""
    person = db.get(User, user_id) if user_id is not None else None
    if person is None:
        return
    if not person.holds(FACILITATOR) and find_living_enrolment(db, person.id, path_id) is None:
        return
    count = count_shown(db, path_id, to_local(now).date())
    yield Card("community/aid/_path.html", {"path_id": path_id, "count": count}, urgency=40)


def step_panel(
    db: Session, path_id: UUID, step_key: str, user_id: UUID, now: datetime
) -> Iterable[Card]:
    """How many offer help on a step, and the way to ask; for who follows the path."""
    if find_living_enrolment(db, user_id, path_id) is None:
        return
    count = count_shown(db, path_id, to_local(now).date(), step_key)
    context = {"path_id": path_id, "step_key": step_key, "count": count}
    yield Card("community/aid/_step.html", context, urgency=40, span=12)


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """What this person chose, wrote, offered, reported; what was decided about their messages."""
    member = find_member(db, user_id)
    return {
        "member": {
            "shown_name": member.shown_name,
            "charter": member.charter_number,
            "accepted_at": member.accepted_at.isoformat(),
            "notices": member.notices.value,
            "joined_at": member.joined_at.isoformat(),
        }
        if member is not None
        else None,
        "messages": [
            {
                "ask": one.ask.title,
                "is_ask": one.is_first,
                "words": one.words,
                "created_at": one.created_at.isoformat(),
                "thanked_at": one.thanked_at.isoformat() if one.thanked_at else None,
                "hidden_at": one.hidden_at.isoformat() if one.hidden_at else None,
            }
            for one in list_written(db, user_id)
        ],
        "offers": [
            {
                "path": offer.path.slug,
                "steps": sorted(offer.step_keys),
                "on_site": offer.on_site,
                "online": offer.online,
                "forum": offer.forum,
                "words": offer.words,
                "is_paused": offer.is_paused,
                "ends_on": offer.ends_on.isoformat(),
            }
            for offer in list_offers_of(db, user_id)
        ],
        "reports": [
            {
                "reason": one.reason.value,
                "words": one.words,
                "created_at": one.created_at.isoformat(),
            }
            for one in list_reported_by(db, user_id)
        ],
        "decisions": [
            {
                "act": one.act.value,
                "word": one.word,
                "at": one.at.isoformat(),
                "until": one.until.isoformat() if one.until else None,
            }
            for one in list_decisions(db, person_id=user_id)
        ],
    }


def erase(db: Session, user_id: UUID) -> None:
    """All one wrote goes, with one's name, offers, reports, and the decisions about oneself."""
    leave_aid(db, user_id, with_words=True, now=clock.now(), is_final=True)
    for report in list_reported_by(db, user_id):
        report.reporter_id, report.words = None, ""
    for decision in list_decisions(db, person_id=user_id):
        db.delete(decision)
    db.flush()


OFFERS = (
    Retention(
        "aid_offers",
        label=_l("Aides proposées"),
        term=_l("trois mois après leur fin"),
        sweep=forget_ended,
        job="aid_sweep",
    ),
    Retention(
        "aid_asks",
        label=_l("Discussions d’entraide"),
        term=_l("deux ans"),
        sweep=forget_old,
        job="aid_sweep",
    ),
    Retention(
        "aid_decisions",
        label=_l("Décisions de modération"),
        term=_l("deux ans"),
        sweep=forget_old_decisions,
        job="aid_sweep",
    ),
    HomeCard("aid", frozenset(ROLES), home_cards),
    HomeCard("aid_reports", frozenset({FACILITATOR}), team_cards),
    PathPanel("aid", path_panel),
    StepPanel("aid", step_panel),
    PersonalData(
        "aid",
        _l(
            "Dans l’entraide : le nom que vous y montrez, la charte acceptée et sa date, les "
            "mails voulus, vos demandes, vos réponses, l’aide que vous proposez, ce que vous "
            "signalez, et les décisions de l’équipe sur vos messages."
        ),
        _l("Pour s’entraider entre personnes qui suivent le même parcours, dans le respect."),
        _l("Exécution du service que vous demandez ; intérêt légitime pour la modération."),
        _l(
            "Une discussion et une décision, deux ans après leur dernier jour ; une aide proposée, "
            "trois mois après sa fin. Avec votre compte part tout ce que vous avez écrit ; les "
            "réponses des autres restent. En quittant l’entraide, vous choisissez."
        ),
        export,
        erase,
        treatment="community",
        grounds=(
            Basis.CONTRACT,
            Basis.LEGITIMATE,
        ),
        swept_by=("aid_sweep",),
    ),
    Job("aid_sweep", timedelta(days=1), sweep, goes_on=True),
    Job("aid_digests", timedelta(hours=1), send_digests, goes_on=True),
    Scene("aid", play),
)
