"""The logbook: one row an act, each holding the hash of the one before."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, CheckConstraint, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.logbook.triggers import guards_of
from tierslieu.register import Whose, kept, of_nobody


class LogEntry(Base):
    """One act (see ``chain.py`` for what is hashed). The database refuses to change or remove it.

    ``actor_*``, ``subject_*`` and ``words`` say of a person what the seals commit to; they alone
    may be emptied, when the person leaves. No foreign key: an account joined to another stays
    named as it was, for nothing here is turned.
    """

    __tablename__ = "logbook_entry"
    __table_args__ = (Index("ix_logbook_entry_act_number", "act", "number"),)
    __kept__ = kept(
        "logbook",
        plain="number at actor_id subject_id",
        says={
            "act": _("Ce qui a été fait"),
            "via": _("D’où : une page, un programme, la ligne de commande"),
            "via_ref": _("La sorte d’appareil, ou la clé d’accès"),
            "about": _("La chose dont il s’agit"),
            "words": _("La raison donnée, s’il en faut une"),
            "actor_salt": _("Le hasard qui scelle qui l’a fait"),
            "actor_seal": _("Qui l’a fait, scellé"),
            "subject_salt": _("Le hasard qui scelle à qui"),
            "subject_seal": _("À qui, scellé"),
            "previous": _("L’empreinte de la ligne d’avant, pour voir si l’une manque"),
            "digest": _("L’empreinte de cette ligne"),
        },
        whose=(Whose.MEMBERS, Whose.TEAM),
    )

    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)  # whole seconds
    act: Mapped[str]  # a text: a new act needs no new table
    via: Mapped[str]
    via_ref: Mapped[str] = mapped_column(default="")  # of the API: which access key
    about: Mapped[str] = mapped_column(default="{}")  # JSON, what it was done to; never a person
    actor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor_salt: Mapped[str] = mapped_column(default="")
    actor_seal: Mapped[str] = mapped_column(default="")
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    subject_salt: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")  # a reason, said of the subject
    subject_seal: Mapped[str] = mapped_column(default="")
    previous: Mapped[str]
    digest: Mapped[str]


class LogHead(Base):
    """Where the logbook begins and ends: kept apart, so that rows cut off either end are missed.

    ``anchor_*``: the last row that was swept once its time was over; what is kept follows it.
    """

    __tablename__ = "logbook_head"
    __kept__ = of_nobody(
        _("Où finit le journal, pour voir si on l’a coupé"),
        "id head length anchor anchor_number anchor_at",
    )
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    head: Mapped[str] = mapped_column(default="")
    length: Mapped[int] = mapped_column(BigInteger(), default=0)
    anchor: Mapped[str] = mapped_column(default="")
    anchor_number: Mapped[int] = mapped_column(BigInteger(), default=0)
    anchor_at: Mapped[datetime | None]


for _guard in guards_of("sqlite") + guards_of("postgresql"):
    event.listen(Base.metadata, "after_create", _guard)
