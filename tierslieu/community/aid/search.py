"""What an ask is found by, and taking words out of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tierslieu.community.aid.models import AidAsk, AidMessage
from tierslieu.community.entries.rules import searched


def clear_message(db: Session, message: AidMessage) -> None:
    """Take the words of a message away, and of its ask the title if it is the first."""
    message.words, message.thanked_at = "", None
    ask = message.ask
    if message.is_first:
        ask.title = ""
    renew_search(db, ask)


def renew_search(db: Session, ask: AidAsk) -> None:
    """What the search finds an ask by: its title, and the words that everybody reads."""
    shown = (one.words for one in ask.messages if one.hidden_at is None)
    ask.search_text = searched((ask.title, *shown))
    db.flush()
