"""The demonstration's part: one issuer is trusted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from badges.proofs.rules import trust_issuer
from tierslieu.house import Stage
from tierslieu.people.models import FACILITATOR
from tierslieu.people.queries import list_team


def play(db: Session, stage: Stage) -> None:
    """The neighbouring workshop's badges count by themselves."""
    [team, *_others] = list_team(db, FACILITATOR, limit=1)
    trust_issuer(
        db,
        "https://collines.example/emetteur",
        "Fablab des Collines",
        now=stage.today,
        actor_id=team.id,
    )
