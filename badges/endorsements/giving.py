"""An endorsement given is carried by what it is about, from then on; taken away, no longer.

What is signed is signed before the write lock; what could have changed meanwhile is looked at
again under it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.endorsing import Resigned, keep_carrying, sign_carrying
from badges.awards.issuing import to_text
from badges.designs.documents import achievement_document
from badges.designs.models import BadgeEndorsement
from badges.designs.queries import get_badge
from badges.designs.rules import freeze_badge
from badges.endorsements import queries
from badges.endorsements.models import Endorsement, EndorsementState
from badges.endorsements.rules import (
    MOST_OF_A_BADGE,
    MOST_OF_AN_AWARD,
    close,
    open_question,
    tell_asker,
)
from badges.endorsements.signing import Signed, fingerprint, place_url
from badges.engine.canonical import canonicalize
from badges.engine.errors import EngineError
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import write_mail
from tierslieu.settings import Settings


def give(
    db: Session,
    settings: Settings,
    secret: str,
    signed: Signed,
    *,
    read: str,
    now: datetime,
) -> Endorsement:
    """Keep the endorsement and carry it from now on; the partner gets the link that withdraws it.

    ``read``: the :func:`fingerprint` of what the partner was shown.

    Raises :class:`NotYours`, :class:`KeyUnreadable`; :class:`Refused` as ``rules.open_question``,
    ``changed`` when it says something else now, ``not_embeddable``, ``too_many``, ``try_again``.
    """
    found = open_question(db, secret, now=now)
    if fingerprint(found) != read:
        raise changed()
    resigned = _try_to_carry(db, settings, found, signed, now)
    lock_for_writing(db)
    found = open_question(db, secret, now=now, lock=True)
    text = to_text(dict(signed.document))
    if found.badge_id is not None:
        _carry(db, found, text, signed, read, now)
    elif resigned is not None:
        keep_carrying(db, resigned)
        if len(_others(db, found, now)) >= MOST_OF_AN_AWARD:
            raise _too_many()
    address, badge_name = found.email, found.subject.name
    assert address is not None
    found.organisation, found.website = signed.organisation, signed.website
    found.comment = signed.comment
    found.signer_name, found.signer_role = signed.signer_name, signed.signer_role
    found.credential, found.issuer_did = text, signed.issuer
    found.has_own_key, found.valid_until = signed.has_own_key, signed.valid_until
    close(db, found, EndorsementState.GIVEN, now=now)
    write_mail(
        db,
        address,
        "endorsements_given",
        {"organisation": found.organisation, "badge": badge_name, "path": f"/soutiens/{secret}"},
        now=now,
        due_key=f"endorsement:{found.id}:given",
    )
    tell_asker(db, found, now=now)
    db.flush()
    return found


def _try_to_carry(
    db: Session, settings: Settings, found: Endorsement, signed: Signed, now: datetime
) -> Resigned | None:
    """Sign the award with it, or see that a badge can be signed with it."""
    try:
        if found.award is not None:
            carried = [json.loads(other.credential) for other in _others(db, found, now)]
            return sign_carrying(db, settings, found.award, [*carried, signed.document], now=now)
        document = achievement_document(found.subject, place_url(db, settings))
        document["endorsement"] = [*document.get("endorsement", ()), signed.document]
        canonicalize(document)
    except EngineError as error:
        raise Refused(
            _(
                "Ce soutien est bien signé, mais un badge ne peut pas le porter tel qu’il est "
                "écrit (%(code)s). Tenez-vous-en aux contextes de l’Open Badge 3.0.",
                code=error.code,
            ),
            code="not_embeddable",
            field="text",
            status=422,
        ) from error
    return None


def _carry(
    db: Session, found: Endorsement, text: str, signed: Signed, read: str, now: datetime
) -> None:
    """A badge class publishes it, and stays as the partner read it."""
    assert found.badge_id is not None
    badge = get_badge(db, found.badge_id, locked=True)
    if badge is None or fingerprint(found) != read:
        raise changed()
    if len(_others(db, found, now)) >= MOST_OF_A_BADGE:
        raise _too_many()
    freeze_badge(badge, now=now)
    badge.endorsements.append(
        BadgeEndorsement(id=found.id, credential=text, given_at=now, valid_until=signed.valid_until)
    )


def _others(db: Session, found: Endorsement, now: datetime) -> Sequence[Endorsement]:
    standing = queries.list_standing(db, badge_id=found.badge_id, award_id=found.award_id, now=now)
    return [other for other in standing if other.id != found.id]


def changed() -> Refused:
    """It says something else now than what was read."""
    return Refused(
        _("Ce badge a été modifié pendant que vous le lisiez : relisez-le, rien n’a été écrit."),
        code="changed",
    )


def _too_many() -> Refused:
    return Refused(
        _("Ce badge porte déjà autant de soutiens qu’il peut : rien n’a été écrit."),
        code="too_many",
    )


def withdraw(db: Session, settings: Settings, secret: str, *, now: datetime) -> Endorsement:
    """Who gave it takes it back: carried by nothing signed from now on. What was signed keeps it.

    Raises :class:`NotYours`, :class:`KeyUnreadable`, :class:`Refused` ``try_again``.
    """
    found = queries.find_by_secret(db, secret)
    if found is None or found.state is not EndorsementState.GIVEN:
        raise NotYours()
    resigned = _sign_without(db, settings, found, now)
    lock_for_writing(db)
    found = queries.find_by_secret(db, secret, lock=True)
    if found is None or found.state is not EndorsementState.GIVEN:
        raise NotYours()
    found.state, found.withdrawn_at = EndorsementState.WITHDRAWN, now
    _take_down(db, found, resigned)
    tell_asker(db, found, now=now)
    return found


def hide(
    db: Session,
    settings: Settings,
    endorsement_id: UUID,
    *,
    reason: str,
    actor_id: UUID,
    now: datetime,
) -> Endorsement:
    """The team no longer shows nor carries an endorsement, and says why to itself.

    Raises :class:`NotYours`, :class:`KeyUnreadable`, :class:`Refused` ``try_again``.
    """
    found = queries.get_endorsement(db, endorsement_id)
    if found is None or not found.credential or found.hidden_at is not None:
        raise NotYours()
    resigned = _sign_without(db, settings, found, now)
    lock_for_writing(db)
    found = queries.get_endorsement(db, endorsement_id, lock=True)
    if found is None or not found.credential or found.hidden_at is not None:
        raise NotYours()
    found.hidden_at, found.hidden_by_id, found.hidden_reason = now, actor_id, reason.strip()
    _take_down(db, found, resigned)
    return found


def _sign_without(
    db: Session, settings: Settings, found: Endorsement, now: datetime
) -> Resigned | None:
    award = found.award
    if award is None or not award.credential or award.revoked_at is not None:
        return None
    if found.state is not EndorsementState.GIVEN:
        return None
    carried = [json.loads(other.credential) for other in _others(db, found, now)]
    return sign_carrying(db, settings, award, carried, now=now)


def _take_down(db: Session, found: Endorsement, resigned: Resigned | None) -> None:
    if resigned is not None:
        keep_carrying(db, resigned)
    carried = db.get(BadgeEndorsement, found.id)
    if carried is not None:
        # The badge's row says that it changed: who signs it meanwhile begins again.
        badge = get_badge(db, carried.badge_id, locked=True)
        assert badge is not None
        badge.endorsements.remove(carried)
    db.flush()


def take_down_ended(db: Session, now: datetime) -> int:
    """What ended stands beside no badge any more; gives how many."""
    lock_for_writing(db)
    ended = queries.list_ended(db, now)
    for carried in ended:
        db.delete(carried)
    db.flush()
    return len(ended)
