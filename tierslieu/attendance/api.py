"""The roll for programs: by the rule of its page, each record once."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from flask import Blueprint, Response, current_app
from flask_babel import gettext as _
from pydantic import AfterValidator, Field

from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Half, Presence
from tierslieu.attendance.records import Noted, Record, note_records
from tierslieu.attendance.rules import RollEntry
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.settings import Settings
from tierslieu.web.api import Body, answer, caller, read_body, token
from tierslieu.web.forms import tidy
from tierslieu.web.openapi import described

blueprint = Blueprint("attendance_api", __name__, url_prefix="/api/v1")

SCOPE = "attendances:write"
AT_ONCE = 500  # records in one call: a full day of the largest room, and room


# No character that no keyboard types and no page shows.
Line = Annotated[
    str,
    Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
    AfterValidator(lambda text: tidy(text) or ""),
]


class RecordRequest(Body):
    """Who was there or not, for one half-day (``am`` ends at 13:00). Who: ``user_id``, or
    ``email``, with a ``name`` when no account has it. ``mode``: as booked unless told."""

    nonce: UUID
    day: date
    half: Literal["am", "pm"]
    presence: Literal["present", "absent", "excused"]
    user_id: UUID | None = None
    email: Line = Field("", max_length=254)
    name: Line = Field("", max_length=120)
    mode: Literal["onsite", "online"] | None = None


class RollRequest(Body):
    """What is to be noted, in the order it was seen. ``why``: what is asked once the day is over,
    of records that correct a roll that was called."""

    records: list[RecordRequest] = Field(max_length=AT_ONCE)
    why: str = Field("", max_length=600)


class RecordTold(Body):
    """A record heard: ``noted`` now, or ``known`` from before and left alone. The rest is what
    the roll says of it now, corrections included."""

    nonce: UUID
    state: Literal["noted", "known"]
    day: date
    half: Literal["am", "pm"]
    presence: Literal["present", "absent", "excused"]
    mode: Literal["onsite", "online"]
    user_id: UUID | None


def _record(asked: RecordRequest) -> Record:
    if asked.user_id is not None and (asked.email or asked.name):
        raise Refused(
            _("Dites qui par son compte (user_id) ou par son adresse, pas par les deux."),
            code="bad_entry",
            more={"nonce": str(asked.nonce)},
        )
    settings: Settings = current_app.config["TIERSLIEU"]
    said = asked.model_dump_json(exclude={"nonce"}, exclude_defaults=True)
    key = settings.secret_key.encode()
    return Record(
        asked.nonce,
        hmac.new(key, said.encode(), hashlib.sha256).hexdigest(),
        RollEntry(
            Presence(asked.presence),
            asked.user_id,
            guest_name=asked.name,
            guest_email=asked.email,
            mode=SeatMode(asked.mode) if asked.mode else None,
            half_days=((asked.day, Half(asked.half)),),
        ),
    )


def _told(noted: Noted) -> RecordTold:
    line = noted.line
    return RecordTold(
        nonce=noted.nonce,
        state="noted" if noted.is_new else "known",
        day=line.day,
        half=line.half.value,
        presence=line.presence.value,
        mode=line.mode.value,
        user_id=line.user_id,
    )


@blueprint.put("/sessions/<uuid:session_id>/attendances")
@token(SCOPE)
@described(
    body=RollRequest,
    answer=RecordTold,
    many=True,
    refusals={404: "not_found", 409: "closed, bad_entry, person_unknown, nonce_reused, why_needed"},
)
def note(session_id: UUID) -> Response:
    """Note who was there, half-day by half-day; a record sent again changes nothing.

    All records are noted, or none: a refusal names the «nonce» of the one it is about. A later
    record about the same person and half-day replaces the earlier one.
    """
    asked = read_body(RollRequest)
    noted = note_records(
        db.session(),
        session_id,
        [_record(record) for record in asked.records],
        now=clock.now(),
        actor_id=caller().person_id,
        why=asked.why,
    )
    told = [_told(one).model_dump(mode="json") for one in noted]
    db.session.commit()
    return answer({"items": told, "next": None})
