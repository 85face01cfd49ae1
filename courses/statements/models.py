"""What is kept of statements: their identity for as long as they may come again, and what they say
only while it waits to be used."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courses.paths.models import Path
from courses.progress.imports.models import Provider
from tierslieu import clock
from tierslieu.base import Base, choice, new_id
from tierslieu.register import Whose, by_team, kept, of_nobody
from tierslieu.tokens.models import AccessToken


class XapiSource(Base):
    """A key that sent statements: when last, and how many of each kind. Names nobody itself."""

    __tablename__ = "xapi_source"
    __kept__ = kept(
        "tokens",
        plain="id token_id first_at last_at known strangers others",
        whose=(Whose.TEAM,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    token_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("access_token.id", ondelete="SET NULL"), unique=True
    )
    first_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_at: Mapped[datetime] = mapped_column(default=clock.now)
    known: Mapped[int] = mapped_column(default=0)  # that say a success of somebody here
    strangers: Mapped[int] = mapped_column(default=0)  # that say one of nobody here
    others: Mapped[int] = mapped_column(default=0)  # that say no success

    token: Mapped[AccessToken | None] = relationship()


class XapiHomePage(Base):
    """The site whose accounts statements name: whose usernames they are, once somebody said so."""

    __tablename__ = "xapi_home_page"
    __kept__ = of_nobody(
        _("Les sites qui annoncent des activités"),
        "id address provider first_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    address: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[Provider | None]
    first_at: Mapped[datetime] = mapped_column(default=clock.now)


class ActivityState(enum.Enum):
    """New until somebody says which step it is about, or that it is about none."""

    NEW = "new"
    COUNTED = "counted"
    NOT_COUNTED = "not_counted"


class XapiActivity(Base):
    """What a success was about: its IRI, its name, and the step of a path that it validates."""

    __tablename__ = "xapi_activity"
    __table_args__ = (
        CheckConstraint(
            "(state = 'counted') = (path_id IS NOT NULL AND step_key <> '')", name="counted"
        ),
        Index("ix_xapi_activity_state", "state", "first_at"),
    )
    __kept__ = by_team(
        _("Les activités qu’un autre site annonce"),
        "id iri name state path_id step_key first_at decided_at decided_by_id",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    iri: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    state: Mapped[ActivityState] = mapped_column(
        choice(ActivityState, "state"), default=ActivityState.NEW
    )
    path_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("path.id"))
    step_key: Mapped[str] = mapped_column(default="")  # the same in every version of the path
    first_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    path: Mapped[Path | None] = relationship()


class StatementState(enum.Enum):
    """Waits for a step or for its person to follow the path; was used; is of no use here; or was
    taken back by who sent it."""

    WAITING = "waiting"
    USED = "used"
    ASIDE = "aside"
    VOIDED = "voided"


class XapiStatement(Base):
    """A statement received. What it says (who, what, when) is there only while it waits; then its
    id and its digests alone, so that the same one is known again and a changed one refused."""

    __tablename__ = "xapi_statement"
    __table_args__ = (
        UniqueConstraint("statement_id"),
        CheckConstraint(
            "(state = 'waiting') = (user_id IS NOT NULL AND activity_id IS NOT NULL "
            "AND happened_at IS NOT NULL)",
            name="waiting",
        ),
        Index("ix_xapi_statement_waiting", "activity_id", "state"),
        Index("ix_xapi_statement_received_at", "received_at"),
    )
    __kept__ = kept(
        "xapi_statements",
        plain=(
            "id statement_id source_id received_at state user_id activity_id happened_at "
            "by_username voids"
        ),
        says={
            "digest": _("L’empreinte de la trace, pour la reconnaître si elle revient"),
            "time_digest": _("L’empreinte de sa date, pour la même raison"),
            "verb": _("Ce qui a été fait (réussi, terminé)"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    statement_id: Mapped[uuid.UUID]
    source_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("xapi_source.id", ondelete="CASCADE"), index=True
    )
    # SHA-256 in hex: of all that is immutable but the time, and of the time (empty: none said).
    digest: Mapped[str]
    time_digest: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    state: Mapped[StatementState] = mapped_column(choice(StatementState, "state"))
    verb: Mapped[str] = mapped_column(default="")
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    activity_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("xapi_activity.id"))
    happened_at: Mapped[datetime | None]
    # Whose it is rests on a username that the person declared: their word, so the team looks.
    by_username: Mapped[bool] = mapped_column(default=False)
    # Which statement this one takes back, perhaps before it comes.
    voids: Mapped[uuid.UUID | None] = mapped_column(index=True)

    source: Mapped[XapiSource] = relationship()
    activity: Mapped[XapiActivity | None] = relationship()
