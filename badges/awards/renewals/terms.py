"""From when a badge that ends may be renewed."""

from __future__ import annotations

from datetime import datetime, timedelta

WINDOW = timedelta(days=60)  # before the end
# Over for longer, its renewal is not proposed any more: it can still be made by name.
PROPOSED_FOR = timedelta(days=365)


def opens_at(awarded_at: datetime, valid_until: datetime) -> datetime:
    """From then on it may be renewed: sixty days before its end, and never before half of it."""
    return valid_until - min(WINDOW, (valid_until - awarded_at) / 2)
