"""What badges that prove steps give to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from badges.awards import checks
from badges.backpack.examining import report_of
from badges.proofs.models import ProvingBadge
from badges.proofs.queries import find_proof, list_open_steps, list_proving_of
from badges.proofs.scenes import play
from badges.proofs.words import doubt_words
from tierslieu.house import Card, PersonalData, Scene
from tierslieu.house_paths import RecordPanel, StepPanel
from tierslieu.register import Basis


def step_panel(
    db: Session, path_id: UUID, step_key: str, user_id: UUID, now: datetime
) -> Iterable[Card]:
    """On the page of a step that is neither done nor waiting: the way to prove it by a badge."""
    for enrolment, step in list_open_steps(db, user_id):
        if enrolment.path_id == path_id and step.key == step_key:
            wanted = f"{enrolment.id}:{step.id}"
            yield Card("proofs/_step.html", {"wanted": wanted}, urgency=60, span=12)


def record_panel(db: Session, record_id: UUID, now: datetime) -> Iterable[Card]:
    """Before the team: what was checked of the badge, and what was not."""
    proof = find_proof(db, record_id)
    if proof is not None:
        report = report_of(proof.checks, "incomplete", "")
        words = doubt_words()
        context = {
            "badge": proof.badge,
            "doubts": [words[code] for code in proof.doubts if code in words],
            "lines": checks.describe(report),
        }
        yield Card("proofs/_record.html", context, urgency=10)


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """The badges with which a person proved steps."""
    return [
        {
            "name": badge.name,
            "issuer": badge.issuer_name,
            "at": badge.first_at.isoformat(),
            "sha256": badge.fingerprint,
        }
        for badge in list_proving_of(db, user_id)
    ]


def erase(db: Session, user_id: UUID) -> None:
    """Forget them, and what was checked of them."""
    db.execute(delete(ProvingBadge).where(ProvingBadge.user_id == user_id))


OFFERS = (
    StepPanel("proofs", step_panel),
    RecordPanel("proofs", record_panel),
    PersonalData(
        "badge_proofs",
        _l("Les badges d’autres émetteurs que vous donnez comme preuve d’une étape."),
        _l("Pour valider ici ce que vous avez montré ailleurs, une fois par badge."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe."),
        export,
        erase,
        treatment="badges",
        grounds=(Basis.CONTRACT,),
    ),
    Scene("proofs", play),
)
