"""Who wrote which version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.among import is_among
from tierslieu.mail.wording.models import MailWording
from tierslieu.people.models import User


def name_writers(db: Session, versions: Iterable[MailWording]) -> Mapping[UUID, str]:
    """The names of whoever wrote these, by account."""
    ids = {one.by_id for one in versions if one.by_id is not None}
    found = db.execute(select(User.id, User.name).where(is_among(User.id, ids)).order_by(User.id))
    return {one.id: one.name for one in found}
