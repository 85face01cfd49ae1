"""What the place remembers of a credential it signed for a program: its bit, never its contents."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from badges.awards.models import SigningKey, StatusList
from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import Whose, kept
from tierslieu.tokens.models import AccessToken


class IssuedCredential(Base):
    """One credential: how its program names it, which bit withdraws it, who had it signed."""

    __tablename__ = "issued_credential"
    __table_args__ = (
        UniqueConstraint("status_list_id", "status_index"),
        CheckConstraint(
            "(status_list_id IS NULL) = (status_index IS NULL)", name="a_list_and_its_index"
        ),
    )
    __kept__ = kept(
        "issued_credentials",
        plain=(
            "id status_list_id status_index signing_key_id issued_at issued_by_id token_id "
            "revoked_at revoked_by_id"
        ),
        says={
            "credential_id": _("Le numéro de l’attestation signée"),
        },
        whose=(Whose.TEAM,),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    # VC-API's credentialId: the program's, else the credential's own id, else its status entry's.
    credential_id: Mapped[str | None] = mapped_column(unique=True)
    status_list_id: Mapped[int | None] = mapped_column(ForeignKey(StatusList.id))
    status_index: Mapped[int | None]
    signing_key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(SigningKey.id))
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    issued_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey(User.id, ondelete="SET NULL"), index=True
    )
    token_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey(AccessToken.id, ondelete="SET NULL")
    )
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey(User.id, ondelete="SET NULL")
    )
