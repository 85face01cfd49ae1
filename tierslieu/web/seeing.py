"""Whether this page is being looked at in somebody's place, and what may be looked at so.

An administrator sees what a person sees, to help them; they read nothing that is private to that
person and somebody else, and change nothing. What is open is named here, so that a page nobody
thought of stays closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from flask import g, has_request_context

from tierslieu.house import Card

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
END = "admin.end_seeing_as"
LEAVE = "security.logout"  # of the administrator, who is signed in: it ends the looking too
OPEN = frozenset(
    {
        END,
        "static",
        *("home.index", "home.healthz", "home.place"),
        *("bookings.agenda", "bookings.day", "bookings.week", "bookings.month", "bookings.own"),
        *("bookings.next_sessions", "bookings.embedded", "bookings.show_session"),
        *("paths.index", "paths.path", "enrolments.cohorts"),
        *("progress.mine", "progress.enrolment"),
        *("designs.index", "designs.show", "designs.picture_png", "designs.picture_svg"),
        *("awards.backpack", "awards.issuer"),
        *("community.contents", "community.content", "community.events", "community.event"),
        *("evaluation.reports", "evaluation.report", "verification.ask"),
        *("people.account", "people.accessibility", "people.notice"),
    }
)
# Whose cards of the first page hold nothing private to two people.
OPEN_CARDS = ("agenda/", "awards/", "bookings/", "designs/", "enrolments/", "paths/", "people/")


@dataclass(frozen=True)
class Seeing:
    """Who looks, in whose place, until when."""

    id: UUID
    admin_id: UUID
    person_id: UUID
    name: str
    until: datetime


def seeing() -> Seeing | None:
    """What this request looks at in somebody's place; None for everybody else."""
    return cast("Seeing | None", g.get("tierslieu_seeing")) if has_request_context() else None


def is_open_card(card: Card) -> bool:
    """Whether this card may be looked at in somebody's place."""
    return card.template.startswith(OPEN_CARDS)
