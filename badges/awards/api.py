"""Awarding and withdrawing, for programs: by the same rules as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Response
from flask_babel import gettext as _
from pydantic import Field

from badges.awards import queries, rules
from badges.awards.batches import api as batch_api
from badges.awards.batches.csv_lines import MAX_LINES
from badges.awards.batches.queries import list_accounts
from badges.awards.desk import SCOPE, house, settings, signer
from badges.awards.desk import api_blueprint as blueprint
from badges.awards.issuing import credential_address
from badges.awards.keys import KeyUnreadable
from badges.awards.models import Award
from badges.designs.queries import find_badge
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.web.api import Body, answer, caller, read_body, token
from tierslieu.web.openapi import described

AT_ONCE = 50  # recipients awarded while the program waits; above, the worker does it
LOOKED_UP = 1000  # addresses in one query
MAX_BODY = 2 * 1024 * 1024  # bytes: ten thousand addresses and room


class AwardTold(Body):
    """One award. ``state``: ``standing``, ``suspended``, ``expired`` or ``revoked``; it stays what
    it is when the award is renewed. ``renews``: the earlier award of the same badge that this one
    renews; ``renewed_at``: when another renewed this one."""

    id: UUID
    badge: str
    holder: str
    state: Literal["standing", "suspended", "expired", "revoked"]
    grounds: list[str]
    awarded_at: datetime
    valid_until: datetime | None
    renews: UUID | None
    renewed_at: datetime | None
    suspended_at: datetime | None
    revoked_at: datetime | None
    revocation_reason: str
    credential: str


class AwardRequest(Body):
    """To whom, by their address; and the session it is awarded from, if it takes one."""

    recipients: list[str] = Field(json_schema_extra={"minItems": 1, "maxItems": MAX_LINES})
    session_id: UUID | None = None


class RecipientTold(Body):
    """What came of one recipient: an award, or a refusal with its code and its sentence."""

    recipient: str
    award: AwardTold | None = None
    code: str | None = None
    message: str | None = None


class RevocationRequest(Body):
    """Why: its holder will read it."""

    reason: str = Field(json_schema_extra={"minLength": 1})


def _told(award: Award, now: datetime) -> AwardTold:
    state: Literal["standing", "suspended", "expired", "revoked"] = "standing"
    if award.revoked_at is not None:
        state = "revoked"
    elif award.suspended_at is not None:
        state = "suspended"
    elif award.valid_until is not None and award.valid_until < now:
        state = "expired"
    return AwardTold(
        id=award.id,
        badge=award.badge.slug,
        holder=award.holder_name,
        state=state,
        grounds=award.grounds,
        awarded_at=award.awarded_at,
        valid_until=award.valid_until,
        renews=award.renews_id,
        renewed_at=award.renewed_at,
        suspended_at=award.suspended_at,
        revoked_at=award.revoked_at,
        revocation_reason=award.revocation_reason,
        credential=credential_address(_base_url(), award.id),
    )


def _base_url() -> str:
    """The address that credentials were given, which never changes."""
    identity = queries.find_identity(db.session())
    return identity.base_url if identity else settings().base_url


def _found(award_id: UUID) -> Award:
    award = queries.get_award(db.session(), award_id)
    if award is None or not award.credential:
        raise NotYours(_("Il n’y a pas d’attribution de cet identifiant."))
    return award


def _find_accounts(recipients: Sequence[str]) -> dict[str, UUID]:
    """The account of each of these addresses that has one, by the address as it was written."""
    emails: dict[str, str] = {}
    for written in recipients:
        try:
            emails[written] = normalise_email(written)
        except BadAddress:
            continue
    wanted = list(dict.fromkeys(emails.values()))
    accounts: dict[str, UUID] = {}
    for start in range(0, len(wanted), LOOKED_UP):
        found = list_accounts(db.session(), wanted[start : start + LOOKED_UP])
        accounts |= {email: person.id for email, person in found.items()}
    return {written: accounts[email] for written, email in emails.items() if email in accounts}


@blueprint.post("/badges/<slug>/awards")
@token(SCOPE)
@described(
    body=AwardRequest,
    answer=RecipientTold,
    many=True,
    accepted=batch_api.BatchTold,
    refusals={
        404: "not_found",
        409: "badge_archived, try_again",
        422: "recipients_missing, too_many_recipients",
        503: "no_key",
    },
)
def award(slug: str) -> Response:
    """Award a badge to those of these people who meet its criteria.

    Each recipient is answered for: with the award, or with the code and the sentence of a refusal.
    For more than fifty, 202: the work goes on by itself, and «url» says how far it is.
    """
    asked = read_body(AwardRequest, limit=MAX_BODY)
    if not asked.recipients:
        raise Refused(_("Dites à qui attribuer ce badge."), code="recipients_missing", status=422)
    if len(asked.recipients) > MAX_LINES:
        raise Refused(
            _("%(max)d personnes au plus à la fois.", max=MAX_LINES),
            code="too_many_recipients",
            status=422,
            more={"max": MAX_LINES},
        )
    session = db.session()
    badge = find_badge(session, slug)
    if badge is None:
        raise NotYours(_("Il n’y a pas de badge à cette adresse."))
    recipients = list(dict.fromkeys(asked.recipients))
    ids = _find_accounts(recipients)
    if len(recipients) > AT_ONCE:
        unknown = [email for email in recipients if email not in ids]
        return batch_api.start(badge, ids, unknown, asked.session_id)
    outcome = rules.award_many(
        session,
        badge.id,
        list(ids.values()),
        signer(),
        house=house(),
        now=clock.now(),
        actor_id=caller().person_id,
        session_id=asked.session_id,
    )
    session.commit()
    awards = {made.user_id: made for made in outcome.awards}
    refused = dict(outcome.refused)
    nobody = Refused(_("Aucun compte n’a cette adresse."), code="no_account")
    items = []
    for email in recipients:
        user_id = ids.get(email)
        if user_id in awards:
            items.append(RecipientTold(recipient=email, award=_told(awards[user_id], clock.now())))
        else:
            refusal = refused.get(user_id, nobody) if user_id else nobody
            items.append(RecipientTold(recipient=email, code=refusal.code, message=refusal.message))
    told = [item.model_dump(mode="json", exclude_none=True) for item in items]
    return answer({"items": told, "next": None})


@blueprint.get("/awards/<uuid:award_id>")
@token(SCOPE)
@described(answer=AwardTold, refusals={404: "not_found"})
def show(award_id: UUID) -> Response:
    """Say what stands of an award."""
    return answer(_told(_found(award_id), clock.now()))


@blueprint.post("/awards/<uuid:award_id>/revocation")
@token(SCOPE)
@described(
    body=RevocationRequest,
    answer=AwardTold,
    refusals={404: "not_found", 409: "already_revoked", 422: "reason_missing"},
)
def revoke(award_id: UUID) -> Response:
    """Withdraw an award, with the reason that its holder will read."""
    asked = read_body(RevocationRequest)
    _found(award_id)
    list_id = rules.revoke(
        db.session(),
        award_id,
        reason=asked.reason,
        now=clock.now(),
        actor_id=caller().person_id,
    ).status_list_id
    db.session.commit()
    try:
        rules.publish_status_list(db.session(), list_id, settings())
        db.session.commit()
    except KeyUnreadable:
        db.session.rollback()  # the list is signed when it is asked for
    return answer(_told(_found(award_id), clock.now()))
