"""What wallets give to the pages that gather."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.wallets.jobs import run
from badges.wallets.models import WalletOffer
from badges.wallets.rules import erase, forget_over
from tierslieu.house import Job, PersonalData
from tierslieu.house_kept import Retention
from tierslieu.register import Basis


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """Offers of the last day: when, and whether a wallet took it."""
    found = db.scalars(
        select(WalletOffer).where(WalletOffer.user_id == user_id).order_by(WalletOffer.created_at)
    )
    return [
        {
            "award": str(offer.award_id),
            "offered_at": offer.created_at.isoformat(),
            "taken_at": offer.used_at.isoformat() if offer.used_at else None,
        }
        for offer in found
    ]


OFFERS = (
    Retention(
        "wallet_offers",
        label=_("Badges proposés à un portefeuille"),
        term=_("un jour"),
        sweep=forget_over,
        job="wallet_offers",
    ),
    PersonalData(
        "wallets",
        what=_("Les badges que vous venez de proposer à un portefeuille numérique."),
        why=_("Les remettre au portefeuille que vous avez choisi, et à lui seul."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Un jour."),
        export=export,
        erase=erase,
        treatment="badges",
        grounds=(Basis.CONTRACT,),
        swept_by=("wallet_offers",),
    ),
    Job("wallet_offers", timedelta(hours=6), run),
)
