"""A list awarded in the demonstration place: two workshops away from the place, by a CSV."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.batches import rules, slices
from badges.awards.batches.csv_lines import read_lines
from badges.awards.keys import Signer
from badges.awards.models import AwardBatch
from badges.designs.models import BadgeClass
from tierslieu.clock import days
from tierslieu.house import Stage

GROUND = "Deux ateliers au collège Valéri, les 12 et 19 novembre."
LIST = """e-mail;nom;note
samira.benali@college.example;Samira Benali;A montré à sa classe le jeu des réseaux
p.lenoir@college.example;Paul Lenoir;
odile.marchand@college.example;Odile Marchand;A animé le second atelier
j.nguyen@college.example;;
jean.dupuis@college;Jean Dupuis;
learner@example.org;;
"""


def play(
    db: Session, stage: Stage, badge: BadgeClass, signer: Signer, actor_id: UUID
) -> list[UUID]:
    """Award the list as the worker does, slice by slice, in the transaction of the scene; gives
    the awards made."""
    when = stage.today - days(2)
    batch: AwardBatch = rules.draft_batch(
        db,
        badge.id,
        read_lines(LIST.encode()),
        house=stage.house,
        now=when,
        actor_id=actor_id,
        filename="ateliers-novembre.csv",
    )
    rules.confirm_batch(db, batch.id, ground=GROUND, now=when, actor_id=actor_id)
    made: list[UUID] = []
    while (piece := slices.lease_slice(db, when)) is not None:
        signed = slices.sign_slice(db, piece, signer, house=stage.house, now=when)
        slices.record_slice(db, piece, signed, now=when)
        made += [award.id for award in signed.drafts.values()]
    return made
