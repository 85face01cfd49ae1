"""What bookings offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.models import Admission
from tierslieu.agenda.queries import Filter, list_sessions
from tierslieu.attention import Among, Trace
from tierslieu.bookings import figures
from tierslieu.bookings.admission import forget_wrong_codes
from tierslieu.bookings.bundles.figures import check_bundle_line, check_whole
from tierslieu.bookings.bundles.showing import once_a_bundle
from tierslieu.bookings.demand import DEMAND
from tierslieu.bookings.groups.queries import list_of_inviter
from tierslieu.bookings.groups.rules import forget_inviter
from tierslieu.bookings.jobs import FORGOTTEN, JOBS
from tierslieu.bookings.joining import join_bookings
from tierslieu.bookings.kept import seat_by_public
from tierslieu.bookings.limits.queries import list_limits_of
from tierslieu.bookings.limits.rules import forget_limits
from tierslieu.bookings.occasions import before_sessions
from tierslieu.bookings.queries import list_all_of, list_to_come
from tierslieu.bookings.rules import forget_person
from tierslieu.bookings.scenes import play
from tierslieu.bookings.showing import make_lines, mode_label
from tierslieu.bookings.traces import latest_booked
from tierslieu.house import (
    AfterProfile,
    Card,
    HomeCard,
    Indicator,
    Invariant,
    Occasion,
    PathPanel,
    PersonalData,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.house_paths import OpenSession, OpenSessions
from tierslieu.people.models import ROLES
from tierslieu.register import Basis
from tierslieu.web.formats import ordinal
from tierslieu.web.written import Theirs

SHOWN_ON_PATH = 3
LOOKED_THROUGH = 30  # sessions to come of a path, to find those with a seat left


def home_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """The next session one has a seat at, and the lines one stands in."""
    held = list_to_come(db, user_id, now)
    lines = make_lines(db, [booking.session for booking in held], user_id, now)
    seated = [line for line in lines if line.is_seated]
    to_come = [line for line in lines if line.state == "to_come"]
    waiting = once_a_bundle(line for line in to_come if line.is_waiting)
    offered = once_a_bundle(line for line in to_come if line.is_offered)
    if offered:
        yield Card(
            "bookings/_card_offered.html", {"lines": offered}, urgency=1, span=12, tone="ask"
        )
    if seated:
        context = {
            "line": seated[0],
            "more": len(seated) - 1,
            "place": describe_place(seated[0].session, seated[0].own_mode, with_address=False),
        }
        yield Card("bookings/_card_next.html", context, urgency=5, span=7)
    if waiting:
        yield Card("bookings/_card_waiting.html", {"lines": waiting}, urgency=6, span=5)


def path_panel(db: Session, path_id: UUID, user_id: UUID | None, now: datetime) -> Iterable[Card]:
    """The next sessions for a step of this path."""
    found = list_sessions(db, Filter(since=now, path_id=path_id), limit=SHOWN_ON_PATH)
    lines = [line for line in make_lines(db, found, user_id, now) if line.state == "to_come"]
    if lines:
        yield Card("bookings/_card_path.html", {"lines": lines}, urgency=20, span=12)


def open_sessions(
    db: Session, path_id: UUID, user_id: UUID | None, now: datetime
) -> Sequence[OpenSession]:
    """The sessions for a step of this path at which this person can take a seat now."""
    wanted = Filter(since=now, path_id=path_id, standing=True)
    found = list_sessions(db, wanted, limit=LOOKED_THROUGH)
    return [
        OpenSession(
            starts=line.session.starts_local,
            ends=line.session.ends_local,
            title=line.session.title,
            place=describe_place(line.session, None, with_address=False),
            seats=", ".join(f"{one.label}, {one.words}" for one in line.seats if one.free),
            url=f"/agenda/{line.session.id}",
            step_key=line.session.step.key if line.session.step else "",
            asks_enrolment=line.session.admission is Admission.ENROLLED,
        )
        for line in make_lines(db, found, user_id, now)
        if line.state == "to_come"
        and line.booking is None
        and not line.window
        and line.session.admission is not Admission.CODE
        and any(one.free for one in line.seats)
    ]


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Seats and places in line for what is to come; what was is told by the roll."""
    held = list_to_come(db, user_id, now)
    for line in make_lines(db, [booking.session for booking in held], user_id, now):
        if line.booking is None:
            continue
        state = (
            _("séance annulée")
            if line.state == "cancelled"
            else _("%(rank)s sur la liste", rank=ordinal(line.rank))
            if line.is_waiting
            else _("place proposée, à confirmer")
            if line.is_offered
            else _("place confirmée, %(mode)s", mode=mode_label(line.booking.mode))
        )
        yield TimelineEvent(
            line.session.starts_at,
            Theirs(line.session.title),
            state,
            "session",
            f"/agenda/{line.session.id}",
        )


def latest_trace(db: Session, now: datetime, among: Among) -> Mapping[UUID, datetime]:
    """The last sign of somebody's bookings."""
    return latest_booked(db, now, among)


def _export_kept(db: Session, user_id: UUID) -> Any:
    return [
        {
            "session": one.session.title,
            "starts": one.session.starts_local.isoformat(),
            "for": one.email,
            "state": one.state.value,
            "kept_at": one.created_at.isoformat(),
        }
        for one in list_of_inviter(db, user_id)
    ]


def _export_limits(db: Session, user_id: UUID) -> Any:
    return [
        {
            "since": limit.since.isoformat(),
            "until": limit.until.isoformat(),
            "bookings_ahead": limit.most,
            "lifted_at": limit.lifted_at.isoformat() if limit.lifted_at else None,
        }
        for limit in list_limits_of(db, user_id)
    ]


def _export(db: Session, user_id: UUID) -> Any:
    return [
        {
            "session": booking.session.title,
            "starts": booking.session.starts_local.isoformat(),
            "mode": booking.mode.value,
            "status": booking.status.value,
            "booked_at": booking.created_at.isoformat(),
            "cancelled_at": booking.cancelled_at.isoformat() if booking.cancelled_at else None,
            "why_missed": booking.left_out,
        }
        for booking in list_all_of(db, user_id)
    ]


def _erase(db: Session, user_id: UUID) -> None:
    forget_person(db, user_id, clock.now())
    forget_wrong_codes(db, user_id)


def _erase_kept(db: Session, user_id: UUID) -> None:
    forget_inviter(db, user_id, clock.now())


OFFERS = (
    DEMAND,
    Occasion("before_session", _l("Avant une séance"), before_sessions, is_ahead=True),
    Joining("bookings", tables=frozenset({"booking"}), join=join_bookings),
    HomeCard("bookings", frozenset(ROLES), home_cards),
    PathPanel("bookings", path_panel),
    OpenSessions("bookings", open_sessions),
    Trace("bookings", _l("une réservation"), latest_trace),
    TimelineSource("bookings", timeline, timeline),
    # First: whoever books holds a limit before a seat.
    PersonalData(
        name="booking_limits",
        what=_l(
            "Les limites de réservation qui ont suivi des places restées vides : depuis quand, "
            "jusqu’à quand, levées ou non."
        ),
        why=_l("Pour que les places servent à qui vient."),
        basis=_l("L’intérêt légitime du lieu et de qui attend une place (RGPD, article 6.1.f)."),
        how_long=_l("Un an après leur fin, ou jusqu’à la fermeture de votre compte."),
        export=_export_limits,
        erase=forget_limits,
        treatment="bookings",
        grounds=(Basis.LEGITIMATE,),
        swept_by=("limits_forgotten",),
    ),
    PersonalData(
        name="bookings",
        what=_l(
            "Les séances que vous avez réservées, attendues ou libérées, et quand ; pourquoi vous "
            "manquez une date d’une série à suivre en entier."
        ),
        why=_l("Pour tenir votre place, prévenir d’un changement et donner une place libérée."),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l("Trois ans après la séance, ou jusqu’à la fermeture de votre compte."),
        export=_export,
        erase=_erase,
        treatment="bookings",
        grounds=(Basis.CONTRACT,),
        swept_by=("retention",),
    ),
    PersonalData(
        name="seats_for_colleagues",
        what=_l(
            "Les places que vous avez gardées pour des collègues : la séance, l’adresse tant que "
            "la personne n’a pas répondu, ce qu’il en est advenu."
        ),
        why=_l("Pour leur garder la place, le leur écrire, et la rendre s’ils ne la prennent pas."),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l(
            "L’adresse : jusqu’à la réponse, trois jours au plus. Le reste : jusqu’à la "
            "fermeture de votre compte."
        ),
        export=_export_kept,
        erase=_erase_kept,
        treatment="bookings",
        grounds=(Basis.CONTRACT,),
        swept_by=("invitations_over",),
    ),
    AfterProfile("kept_seats", seat_by_public),
    Indicator(
        "fill_rate",
        _l("Remplissage des séances"),
        _l(
            "Places prises sur places offertes, séances tenues et finies dans la période, "
            "sur place et en ligne."
        ),
        figures.fill_rate,
    ),
    Indicator(
        "unmet_demand",
        _l("Demande non satisfaite"),
        _l(
            "Personnes encore sur la liste d’attente au début de la séance, sur toutes celles qui "
            "voulaient venir."
        ),
        figures.unmet_demand,
    ),
    Invariant(
        "seats_counted",
        "Places prises = réservations confirmées ou proposées, places gardées pour des collègues",
        figures.check_counted,
    ),
    Invariant(
        "seats_not_oversold", "Jamais plus de réservations que de places", figures.check_sold
    ),
    Invariant("line_moves", "Personne n’attend quand une place est libre", figures.check_line),
    Invariant(
        "bundles_whole",
        "Personne ne tient une partie d’une série à suivre en entier, sans raison notée",
        check_whole,
    ),
    Invariant(
        "bundle_line_moves",
        "Personne n’attend une série à suivre en entier quand chaque date a une place",
        check_bundle_line,
    ),
    Invariant("bookings_have_seats", "Pas de réservation sans places", figures.check_orphans),
    Scene("bookings", play),
    *JOBS,
    *FORGOTTEN,
)
