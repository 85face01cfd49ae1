"""What must always hold of renewals."""

from __future__ import annotations

from sqlalchemy.orm import Session

from badges.awards.renewals.queries import list_renewed_pairs
from badges.designs.queries import list_families
from tierslieu.house import Finding


def check_renewals(db: Session) -> Finding:
    """What was renewed says so, and its renewal is of the same badge and the same person."""
    family = list_families(db)
    pairs = list_renewed_pairs(db)
    broken = []
    for newer, older in pairs:
        if older.renewed_at is None:
            broken.append(f"award {newer.id}: renews {older.id}, which is not noted there")
        if family[newer.badge_id] != family[older.badge_id]:
            broken.append(f"award {newer.id}: renews {older.id} of another badge")
        if newer.user_id != older.user_id:
            broken.append(f"award {newer.id}: renews {older.id} of another holder")
    return Finding(len(pairs), broken)
