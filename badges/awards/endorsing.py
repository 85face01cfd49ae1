"""An award that carries what others say of it: signed again, with the same facts.

Same address, facts and status bit; what changes is the member ``endorsement`` and the proof. Files
handed out before verify as they did.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.issuing import to_text
from badges.awards.keys import load_award_signer
from badges.awards.models import Award
from badges.engine import proofs
from badges.engine.endorsing import with_endorsements
from tierslieu.errors import Refused
from tierslieu.settings import Settings


@dataclass(frozen=True)
class Resigned:
    """An award signed again, not yet kept; ``before`` is what it said until now."""

    award_id: UUID
    before: str
    text: str
    key_id: UUID


def sign_carrying(
    db: Session,
    settings: Settings,
    award: Award,
    endorsements: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> Resigned:
    """The award's credential with these endorsements of it and no others. Nothing is locked.

    Raises :class:`KeyUnreadable`; EngineError for an endorsement that a badge cannot carry.
    """
    signer = load_award_signer(db, settings, award)
    document, _proofs = proofs.split(json.loads(award.credential))
    carrying = with_endorsements(document, endorsements)
    signed = proofs.sign(carrying, signer.key, signer.method, created=now.replace(microsecond=0))
    return Resigned(award.id, award.credential, to_text(signed), signer.key_id)


def keep_carrying(db: Session, resigned: Resigned) -> Award:
    """Keep what was signed, in the write transaction of the caller.

    Raises :class:`Refused`: ``award_gone`` when it was withdrawn or erased meanwhile, ``try_again``
    when it was signed again by somebody else.
    """
    award = db.get(Award, resigned.award_id, with_for_update={"of": Award}, populate_existing=True)
    if award is None or not award.credential or award.revoked_at is not None:
        raise award_gone()
    if award.credential != resigned.before:
        raise Refused(
            _("Ce badge vient d’être signé de nouveau : recommencez, rien n’a été écrit."),
            code="try_again",
        )
    award.credential, award.signing_key_id = resigned.text, resigned.key_id
    db.flush()
    return award


def award_gone() -> Refused:
    """There is nothing left to speak for."""
    return Refused(_("Ce badge a été retiré ou effacé depuis."), code="award_gone", status=410)
