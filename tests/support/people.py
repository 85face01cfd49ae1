"""What tests of accounts share: registering, reading the outbox, following links."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

PASSWORD = "une phrase bien longue"
_hashed: dict[str, str] = {}


def with_password(make: Factory, *roles: str, **values: Any) -> User:
    """A confirmed person whose password is :data:`PASSWORD` (hashed once for all tests)."""
    if not _hashed:
        _hashed["it"] = hash_password(PASSWORD)
    return make.user(*roles, password=_hashed["it"], **values)


def registration(**changes: Any) -> dict[str, Any]:
    """A filled-in form; None takes a field away (an unticked box)."""
    form = {
        "name": "Aïda N’Diaye",
        "email": "aida@example.org",
        "password": PASSWORD,
        "is_15_or_over": "y",
        "notice": "y",
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> Any:
    """Send the sign-in form."""
    return client.post("/login", data={"email": email, "password": password, **more})


def outbox(db: Session) -> list[OutboxMessage]:
    """All mails written, the oldest first."""
    db.rollback()
    query = select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)
    return list(db.scalars(query))


def last_mail(db: Session) -> OutboxMessage:
    """The newest mail."""
    return outbox(db)[-1]


def without_tokens(page: bytes) -> bytes:
    """A page without what changes at each showing."""
    page = re.sub(rb'(name="csrf_token" value=")[^"]*', rb"\1", page)
    return re.sub(rb'(data-options=")[^"]*', rb"\1", page)  # a challenge for a passkey


def profile(**changes: str) -> dict[str, str]:
    """A filled-in profile form, as a browser sends it."""
    return {
        "name": "Aïda N’Diaye",
        "audience": "anybody",
        "teaches_what": "",
        "teaches_where": "",
        "town": "Biot",
        "country": "FR",
        "aims": "",
        "age_band": "",
        "gender": "",
        "gender_described": "",
        **changes,
    }
