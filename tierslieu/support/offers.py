"""What following a person offers to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.attention import Among, Trace
from tierslieu.clock import to_local, to_utc
from tierslieu.house import (
    Card,
    HomeCard,
    Invariant,
    PersonalData,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.people.models import FACILITATOR, ROLES
from tierslieu.register import Basis
from tierslieu.support import figures
from tierslieu.support.appointments import words
from tierslieu.support.appointments.queries import (
    Wanted,
    count_free,
    latest_appointments,
    list_all_of,
    list_to_come,
)
from tierslieu.support.attention import offers as attention
from tierslieu.support.attention.late import late_rule
from tierslieu.support.jobs import JOBS, RULES
from tierslieu.support.notes.models import FollowNote, NoteLevel
from tierslieu.support.notes.queries import list_all_about, list_all_by
from tierslieu.support.notes.rules import forget_about, forget_author
from tierslieu.support.plans.offers import OFFERS as PLANS
from tierslieu.support.plans.queries import list_late
from tierslieu.support.retention import forget_receiver, forget_taker
from tierslieu.support.scenes import play
from tierslieu.support.slots.queries import (
    Shown,
    count_own,
    list_received_between,
    list_slots_of,
)
from tierslieu.web.written import Ours

OWN = "/mes-rendez-vous"


def home_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """One's next appointment; without any, that one may take one."""
    to_come = list_to_come(db, user_id, now)
    if to_come:
        yield Card("support/_card_next.html", {"one": to_come[0], "words": words}, urgency=4)
        return
    count = count_free(db, Wanted(), user_id, now)
    if count:
        yield Card("support/_card_free.html", {"count": count}, urgency=50)


def team_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Who comes to see one today, and what one has not said yet of the past."""
    tomorrow = to_local(now).date() + timedelta(days=1)
    midnight = to_utc(datetime.combine(tomorrow, time()))
    today = list_received_between(db, user_id, now, midnight)
    to_answer = count_own(db, user_id, Shown.TO_ANSWER, now)
    if today or to_answer:
        context = {"today": today, "to_answer": to_answer, "words": words}
        yield Card("support/_card_today.html", context, urgency=8)


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """One's appointments, and the notes one was shown."""
    for one in list_all_of(db, user_id):
        title = str(_("Rendez-vous avec %(name)s", name=words.describe_with(one.slot)))
        state = str(words.state_words()[one.state])
        yield TimelineEvent(one.slot.starts_at, title, state, "appointment", OWN)
    for note in list_all_about(db, user_id):
        if note.shared_at is not None:
            detail = note.author.name if note.author is not None else ""
            yield TimelineEvent(note.shared_at, str(_("Note partagée")), detail, "note", OWN)


def timeline_for_team(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Somebody's appointments; what is written of them is read on their page, by its levels."""
    for one in list_all_of(db, user_id):
        title = str(_("Rendez-vous avec %(name)s", name=words.describe_with(one.slot)))
        state = str(words.state_words()[one.state])
        yield TimelineEvent(one.slot.starts_at, title, state, "appointment", f"/suivi/{user_id}")


def latest_trace(db: Session, now: datetime, among: Among) -> Mapping[UUID, datetime]:
    """The last sign of somebody's appointments."""
    return latest_appointments(db, now, among)


def _export(db: Session, user_id: UUID) -> Any:
    return {
        "taken": [
            {
                "starts": one.slot.starts_local.isoformat(),
                "ends": one.slot.ends_local.isoformat(),
                "with": words.describe_with(one.slot),
                "mode": one.mode.value,
                "state": one.state.value,
                "reason": one.reason.value if one.reason else None,
                "words": one.words,
                "phone": one.phone,
                "booked_at": one.booked_at.isoformat(),
                "cancelled_at": one.cancelled_at.isoformat() if one.cancelled_at else None,
            }
            for one in list_all_of(db, user_id)
        ],
        "kept_for_others": [
            {
                "starts": slot.starts_local.isoformat(),
                "ends": slot.ends_local.isoformat(),
                "modes": [mode.value for mode in slot.modes],
                "closed_at": slot.closed_at.isoformat() if slot.closed_at else None,
            }
            for slot in list_slots_of(db, user_id)
        ],
    }


def _erase(db: Session, user_id: UUID) -> None:
    forget_taker(db, user_id, now=clock.now())
    forget_receiver(db, user_id, now=clock.now())


def _exported_note(note: FollowNote) -> dict[str, Any]:
    """See docs/support.md: the words of what was shared, signed; the words of the team's; of a note
    for its author, that it exists, and how its words are asked for."""
    told: dict[str, Any] = {"written_at": note.written_at.isoformat(), "level": note.level.value}
    if note.level is NoteLevel.AUTHOR:
        told["words"] = None
        told["how_to_read_it"] = Ours(
            _(
                "Demandez cette note à l’équipe : elle vous est remise sous un mois, ce qui "
                "concerne d’autres personnes ôté (RGPD, articles 12.3 et 15.4)."
            )
        )
        return told
    told["words"] = note.body
    told["edited_at"] = note.edited_at.isoformat() if note.edited_at else None
    if note.level is NoteLevel.SHARED:
        told["author"] = note.author.name if note.author is not None else None
    return told


def _export_notes(db: Session, user_id: UUID) -> Any:
    return {
        "about_me": [_exported_note(note) for note in list_all_about(db, user_id)],
        # What they say is of others: when and for whom, no more.
        "by_me": [
            {"written_at": note.written_at.isoformat(), "level": note.level.value}
            for note in list_all_by(db, user_id)
        ],
    }


def _erase_notes(db: Session, user_id: UUID) -> None:
    forget_about(db, user_id)
    forget_author(db, user_id)


OFFERS = (
    *attention.OFFERS,
    late_rule(list_late),
    Trace("appointments", _l("un rendez-vous"), latest_trace),
    HomeCard("appointments", frozenset(ROLES), home_cards),
    HomeCard("appointments_today", frozenset({FACILITATOR}), team_cards),
    TimelineSource("support", timeline, timeline_for_team),
    PersonalData(  # before the appointments at which they were written
        name="follow_notes",
        what=_l(
            "Les notes de l’équipe sur votre suivi : partagées avec vous, pour l’équipe, ou pour "
            "la personne qui les a écrites."
        ),
        why=_l("Pour vous accompagner d’un rendez-vous à l’autre sans tout recommencer."),
        basis=_l(
            "L’intérêt légitime du lieu à suivre les personnes qu’il accompagne (RGPD, "
            "article 6.1.f)."
        ),
        how_long=_l("Trois ans après avoir été écrites, ou jusqu’à la fermeture de votre compte."),
        export=_export_notes,
        erase=_erase_notes,
        treatment="support",
        grounds=(Basis.LEGITIMATE,),
        swept_by=("follow_up_forgotten",),
    ),
    PersonalData(
        name="appointments",
        what=_l(
            "Vos rendez-vous : avec qui, quand et comment, ce que vous en avez dit, s’ils ont eu "
            "lieu ; le numéro où vous appeler. Si vous êtes de l’équipe, vos créneaux."
        ),
        why=_l("Pour tenir le rendez-vous, vous le rappeler et prévenir d’un changement."),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l(
            "Le numéro : jusqu’à un jour après le rendez-vous. Le reste : trois ans après, ou "
            "jusqu’à la fermeture de votre compte."
        ),
        export=_export,
        erase=_erase,
        treatment="support",
        grounds=(Basis.CONTRACT,),
        swept_by=(
            "appointment_phones",
            "follow_up_forgotten",
        ),
    ),
    Invariant(
        "appointments_one_each",
        "Jamais deux rendez-vous dans un créneau",
        figures.check_one_each,
    ),
    Invariant(
        "slots_apart",
        "Jamais deux créneaux d’une personne à la même heure",
        figures.check_apart,
    ),
    Scene("support", play),
    *JOBS,
    *RULES,
    *PLANS,
)
