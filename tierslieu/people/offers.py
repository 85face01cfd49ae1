"""What people offer: the roles before the place opens, and the people of the demonstration."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu.errors import Refused
from tierslieu.house import Check, Scene, Setup
from tierslieu.people.rules import make_roles, refuse_demo_accounts
from tierslieu.people.scenes import play
from tierslieu.settings import Settings


def _set_up(db: Session, settings: Settings) -> None:
    make_roles(db)


def _no_demo_accounts(db: Session, now: datetime) -> str | None:
    settings: Settings = current_app.config["TIERSLIEU"]
    if settings.demo:
        return None
    try:
        refuse_demo_accounts(db)
    except Refused as refusal:
        return refusal.message
    return None


OFFERS = (
    Setup("roles", _set_up),
    Scene("people", play),
    Check("demo_accounts", _no_demo_accounts),
)
