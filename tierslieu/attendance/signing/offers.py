"""What signing offers to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import describe_place
from tierslieu.attendance.signing.checks import check_chains, check_lines
from tierslieu.attendance.signing.forgetting import forget_signatures
from tierslieu.attendance.signing.queries import (
    find_signature_of,
    list_open_for,
    list_signatures_of,
)
from tierslieu.attendance.signing.rules import find_half_day
from tierslieu.house import Card, HomeCard, Invariant, PersonalData
from tierslieu.people.models import ROLES
from tierslieu.register import Basis


def sign_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """The session that is on, to be signed in at."""
    for session in list_open_for(db, user_id, now):
        half_day = find_half_day(session, now)
        if half_day and find_signature_of(db, session.id, half_day, user_id) is None:
            place = describe_place(session, with_address=False)
            context = {"session": session, "place": place}
            yield Card("attendance/_card_sign.html", context, urgency=0, span=12, tone="ask")


def _export(db: Session, user_id: UUID) -> Any:
    return [
        {
            "session": str(one.chain.session_id),
            "day": one.day.isoformat(),
            "half": one.half.value,
            "manner": one.manner.value,
            "written": one.written,
            "signed_at": one.at.isoformat(),
            "received_at": one.received_at.isoformat(),
        }
        for one in list_signatures_of(db, user_id)
    ]


# Before the roll's own: signatures are found by the lines that it then makes nobody's.
OFFERS = (
    HomeCard("sign", frozenset(ROLES), sign_card),
    PersonalData(
        name="signatures",
        what=_l(
            "Vos émargements : la demi-journée, la façon (code, nom écrit, constat de l’équipe), "
            "l’heure, et ce que vous avez écrit ; pendant un jour, l’heure des codes faux."
        ),
        why=_l(
            "Pour prouver qui était là à qui finance ou contrôle la formation (article R6313-3 du "
            "Code du travail)."
        ),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l(
            "Comme les feuilles de présence : trois ans après la séance, sauf autre durée "
            "choisie par le lieu. Ensuite, et si vous fermez votre compte, la signature reste dans "
            "sa chaîne, sans votre nom."
        ),
        export=_export,
        erase=forget_signatures,
        treatment="attendance",
        grounds=(Basis.CONTRACT,),
        swept_by=("attendance_retention",),
    ),
    Invariant(
        "signing_chains",
        "Chaque signature suit la précédente, sans manque ni retouche",
        check_chains,
    ),
    Invariant(
        "signing_lines",
        "Chaque signature est d’une ligne de l’appel de sa demi-journée",
        check_lines,
    ),
)
