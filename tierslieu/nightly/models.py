"""When each list over everybody was last made."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import of_nobody


class NightlyList(Base):
    """A list, by name, and when the one that holds was begun: what happened since is not in it."""

    __tablename__ = "nightly_list"
    __kept__ = of_nobody(
        _("Le fonctionnement du logiciel : de quand datent les listes faites la nuit"),
        "name made_at",
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
