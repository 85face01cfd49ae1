"""Offers of a badge to a wallet."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import kept


class WalletOffer(Base):
    """One badge offered to one wallet, for a few minutes. Secrets are kept as SHA-256, hex."""

    __tablename__ = "wallet_offer"
    __kept__ = kept(
        "wallets",
        plain="id award_id user_id with_name tries created_at used_at",
        says={
            "secret_hash": _("L’empreinte du lien vers le portefeuille"),
            "pin_hash": _("L’empreinte du code à taper"),
            "token_hash": _("L’empreinte de l’autorisation du portefeuille"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    award_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    with_name: Mapped[bool] = mapped_column(default=True)
    # Found by whoever holds the offer's address; the code itself is derived from it.
    secret_hash: Mapped[str] = mapped_column(unique=True)
    pin_hash: Mapped[str]  # the six digits shown to the holder alone
    tries: Mapped[int] = mapped_column(default=0)  # wrong digits so far
    token_hash: Mapped[str | None] = mapped_column(unique=True)  # once the code was exchanged
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]  # the badge was handed over: nothing more happens
