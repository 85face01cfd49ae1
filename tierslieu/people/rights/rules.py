"""Leaving the place: what tells who somebody was goes, what must stay stays without a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import PersonalData
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import ADMINISTRATOR, Role, User
from tierslieu.people.queries import count_administrators


def leave(
    db: Session,
    user_id: UUID,
    held: Sequence[PersonalData],
    *,
    now: datetime,
    mail: str = "people_left",
) -> None:
    """Erase all that is ``held`` on this person and empty their account, in one transaction.

    What finds a person's other data (their address, their account) goes last. One mail says
    goodbye to the address that the account had; ``mail`` names its template. Raises
    :class:`Refused` ``last_administrator``, and whatever a feature refuses; :class:`NotYours` for
    nobody, or somebody who left.
    """
    lock_for_writing(db)
    # The same row as in changing roles: two administrators cannot leave at the same instant.
    db.scalar(select(Role.id).where(Role.name == ADMINISTRATOR).with_for_update())
    person = db.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    if person is None or not person.active:
        raise NotYours()
    if person.holds(ADMINISTRATOR) and count_administrators(db) == 1:
        raise Refused(
            _(
                "Vous êtes la dernière personne qui administre le lieu : donnez d’abord ce rôle à "
                "quelqu’un d’autre."
            ),
            code="last_administrator",
        )
    address, was_proved = person.email, person.confirmed_at is not None
    for offer in sorted(held, key=lambda offer: offer.is_identity):  # stable: floor order
        offer.erase(db, user_id)
    if was_proved:
        write_mail(db, address, mail, {}, now=now)
    note(db, Act.ACCOUNT_ERASED, now=now, is_nobody=True)
    db.flush()
