"""What the exchange gives to the pages that gather: a person's data, a check of the bits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards.issuing import set_bits
from badges.engine.status import read_bit
from badges.exchange.queries import list_exchange_lists, list_issued, list_issued_by
from badges.exchange.rules import forget_askers
from tierslieu.house import Finding, Invariant, PersonalData
from tierslieu.register import Basis


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """What a person's programs had signed."""
    return [
        {
            "credential_id": issued.credential_id,
            "issued_at": issued.issued_at.isoformat(),
            "revoked_at": issued.revoked_at.isoformat() if issued.revoked_at else None,
        }
        for issued in list_issued_by(db, user_id)
    ]


def check_bits(db: Session) -> Finding:
    """A bit is set for each withdrawn credential, and for no other."""
    lists = {listing.id: listing for listing in list_exchange_lists(db)}
    issued = [one for one in list_issued(db) if one.status_list_id is not None]
    broken = []
    known: dict[int, set[int]] = {list_id: set() for list_id in lists}
    for one in issued:
        list_id, index = one.status_list_id, one.status_index
        listing = lists.get(list_id or 0)
        if listing is None or index is None:
            broken.append(f"credential {one.id}: list {list_id} is not one of these")
            continue
        known[listing.id].add(index)
        if read_bit(listing.bits, index) != (one.revoked_at is not None):
            broken.append(f"credential {one.id}: bit {index} of list {list_id}")
    for listing in lists.values():
        strays = sorted(set(set_bits(listing.bits)) - known[listing.id])
        broken += [f"list {listing.id}: bit {index} is set for nobody" for index in strays]
    return Finding(len(issued), broken)


OFFERS = (
    PersonalData(
        "issued_credentials",
        what=_(
            "Ce que vos programmes ont fait signer par le lieu : identifiant et dates de chaque "
            "attestation, jamais son contenu."
        ),
        why=_("Savoir au nom de qui une attestation a été signée, et pouvoir la retirer."),
        basis=_("Mission d’intérêt public : répondre de ce que le lieu signe."),
        how_long=_("Tant que votre compte existe ; ensuite sans votre nom."),
        export=export,
        erase=forget_askers,
        treatment="badges",
        grounds=(Basis.PUBLIC_TASK,),
    ),
    Invariant("exchange_bits_match", "Every bit of a credential signed for a program", check_bits),
)
