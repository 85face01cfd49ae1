"""What was asked how often."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import of_nobody


class RateCount(Base):
    """One limit for one asker. No address stands here, of mail or network: the name is a keyed
    hash. ``free_at`` says all there is to count: with each go it moves on by one go's share, and
    once it has passed it is as if nobody had ever asked."""

    __tablename__ = "rate_count"
    __kept__ = of_nobody(
        _("Combien de fois on a essayé, sous une empreinte qui ne dit ni qui ni d’où"),
        "name free_at",
    )

    name: Mapped[str] = mapped_column(primary_key=True)  # kind:hash
    free_at: Mapped[float]  # seconds since 1970
