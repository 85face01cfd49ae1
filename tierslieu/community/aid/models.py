"""The tables of mutual aid. A group is no row: it is a path, or a cohort, and who follows it."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.enrolments.models import Cohort
from courses.paths.models import Path
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, by_team, kept, of_nobody


class Notices(enum.Enum):
    """Which mails a member wants."""

    NONE = "none"
    DIGEST = "digest"  # what is new, once a day at most
    EACH = "each"  # each answer to one's asks, each ask on a step one helps with


class ReportReason(enum.Enum):
    """What is wrong with a message, for whoever reports it."""

    HURTFUL = "hurtful"
    PRIVATE = "private"
    WRONG_PLACE = "wrong_place"
    OTHER = "other"


class Act(enum.Enum):
    """What was decided about a message or its author."""

    HIDE = "hide"
    AUTO_HIDE = "auto_hide"  # several people reported it; nobody looked yet
    RESTORE = "restore"
    REMOVE = "remove"
    KEEP = "keep"  # looked at: nothing to change
    SUSPEND = "suspend"
    LIFT = "lift"


class AidCharter(Base):
    """A version of the charter. Never changed: a new one is published and asked again."""

    __tablename__ = "aid_charter"
    __kept__ = by_team(
        _("La charte de l’entraide"),
        "number text published_at published_by_id",
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )


class AidForum(Base):
    """Where the forum of a path's course is, if the team says so."""

    __tablename__ = "aid_forum"
    __kept__ = of_nobody(
        _("L’adresse du forum d’un parcours"),
        "path_id url",
    )

    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), primary_key=True
    )
    url: Mapped[str]  # empty: no forum, whatever the catalogue knows


class AidMember(Base):
    """Somebody who agreed to the charter, under the name they chose, in all their groups."""

    __tablename__ = "aid_member"
    __kept__ = kept(
        "aid",
        plain="id user_id charter_number accepted_at notices joined_at told_at",
        says={
            "shown_name": _("Le nom montré dans l’entraide"),
            "stop_key": _("De quoi arrêter les mails d’un clic"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), unique=True
    )
    shown_name: Mapped[str]
    charter_number: Mapped[int]  # 0: the text that comes with the place
    accepted_at: Mapped[datetime]
    notices: Mapped[Notices] = mapped_column(default=Notices.DIGEST)
    stop_key: Mapped[str] = mapped_column(unique=True)  # in each mail: ends them without signing in
    joined_at: Mapped[datetime]
    told_at: Mapped[datetime]  # what is new since then is in the next digest


class AidAsk(Base):
    """A question to a group, and the thread below it."""

    __tablename__ = "aid_ask"
    __table_args__ = (Index("ix_aid_ask_group", "path_id", "cohort_id", "last_at"),)
    __kept__ = kept(
        "aid",
        plain="id path_id cohort_id author_id created_at last_at solved_at closed_at",
        says={
            "step_key": _("L’étape dont il s’agit"),
            "title": _("Le titre de la demande"),
            "search_text": _("Les mêmes mots sans accents, pour chercher"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    path_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("path.id", ondelete="CASCADE"))
    # None: everybody who follows the path reads it; else those of that cohort only.
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("cohort.id", ondelete="CASCADE"), index=True
    )
    # The step's key, which stays from one version of the path to the next.
    step_key: Mapped[str] = mapped_column(default="")
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str]  # empty: its author took it away
    search_text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_at: Mapped[datetime]  # of the last message or change of state
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # after a silence; its author may open it again

    path: Mapped[Path] = relationship()
    cohort: Mapped[Cohort | None] = relationship()
    messages: Mapped[list[AidMessage]] = relationship(
        back_populates="ask",
        order_by=lambda: (AidMessage.created_at, AidMessage.id),
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class AidMessage(Base):
    """What somebody wrote in a thread; the first is the ask's own words."""

    __tablename__ = "aid_message"
    __table_args__ = (
        Index("ix_aid_message_author", "author_id", "created_at"),
        Index("ix_aid_message_hidden", "hidden_at"),
    )
    __kept__ = kept(
        "aid",
        plain="id ask_id author_id is_first created_at thanked_at hidden_at",
        says={
            "words": _("Le message"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ask_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("aid_ask.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    is_first: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str]  # empty: taken away
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    thanked_at: Mapped[datetime | None]  # whoever asked says that it helped
    hidden_at: Mapped[datetime | None]

    ask: Mapped[AidAsk] = relationship(back_populates="messages")


class AidReport(Base):
    """Somebody finds that a message is not to stay. One a person and message."""

    __tablename__ = "aid_report"
    __table_args__ = (UniqueConstraint("message_id", "reporter_id"),)
    __kept__ = kept(
        "aid",
        plain="id message_id reporter_id reason created_at settled_at",
        says={
            "words": _("Pourquoi le message est signalé"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_message.id", ondelete="CASCADE"))
    reporter_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    reason: Mapped[ReportReason]
    words: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None] = mapped_column(index=True)  # a decision answers it


class AidDecision(Base):
    """What was decided, by whom, when and with which word. Never changed."""

    __tablename__ = "aid_decision"
    __table_args__ = (
        CheckConstraint("(act = 'suspend') = (until IS NOT NULL)", name="until"),
        Index("ix_aid_decision_person", "person_id", "at"),
    )
    __kept__ = kept(
        "aid",
        plain="id at act person_id message_id actor_id until",
        says={
            "word": _("Le mot de l’équipe"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    act: Mapped[Act]
    # The author; gone with their account, like the message with its thread.
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    message_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("aid_message.id", ondelete="SET NULL"), index=True
    )
    actor_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )  # None: reports together, or somebody whose account is gone
    word: Mapped[str] = mapped_column(default="")  # to the author
    until: Mapped[datetime | None]  # of a suspension


class AidOffer(Base):
    """«Je peux aider sur ces étapes»: one a person and path, until a day unless renewed."""

    __tablename__ = "aid_offer"
    __table_args__ = (
        UniqueConstraint("user_id", "path_id"),
        CheckConstraint("on_site OR online OR forum", name="way"),
    )
    __kept__ = kept(
        "aid",
        plain="id user_id path_id on_site online forum is_paused ends_on created_at",
        says={
            "words": _("L’aide proposée, dans ses mots"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    path_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("path.id", ondelete="CASCADE"), index=True
    )
    on_site: Mapped[bool] = mapped_column(default=False)
    online: Mapped[bool] = mapped_column(default=False)
    forum: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str] = mapped_column(default="")  # when, how
    is_paused: Mapped[bool] = mapped_column(default=False)
    ends_on: Mapped[date]  # the last day it is shown
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    path: Mapped[Path] = relationship()
    steps: Mapped[list[AidOfferStep]] = relationship(
        order_by=lambda: AidOfferStep.step_key, cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def step_keys(self) -> frozenset[str]:
        """The steps it is for."""
        return frozenset(step.step_key for step in self.steps)


class AidOfferStep(Base):
    """A step somebody helps with, by its key."""

    __tablename__ = "aid_offer_step"
    __kept__ = kept(
        "aid",
        plain="offer_id",
        says={
            "step_key": _("L’étape pour laquelle on aide"),
        },
    )

    offer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("aid_offer.id", ondelete="CASCADE"), primary_key=True
    )
    step_key: Mapped[str] = mapped_column(primary_key=True)
