"""What the pages of the backpack take from the application."""

from __future__ import annotations

from collections.abc import Sequence

from badges.awards import publishing
from badges.awards.desk import settings
from badges.backpack.examining import with_recipient
from badges.engine.report import Report
from badges.engine.verify import verify
from badges.verification.fetching import Fetcher
from tierslieu import clock
from tierslieu.db import db


def fetcher() -> Fetcher:
    """What reads the documents of other places; ours are answered here. No transaction is open
    while it waits."""
    session = db.session()
    return Fetcher(publishing.own_documents(session, settings()), before_leaving=session.rollback)


def verify_again(text: str, addresses: Sequence[str]) -> Report:
    """Verify a kept badge now, and whether it is made out to one of these addresses. Ends the
    transaction, for it may take seconds."""
    fetch = fetcher()
    db.session.rollback()
    return with_recipient(verify(text, fetch=fetch, now=clock.now()), addresses)
