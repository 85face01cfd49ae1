"""The tables of the community, room by room."""

from __future__ import annotations

from tierslieu.community.aid.models import (
    AidAsk,
    AidCharter,
    AidDecision,
    AidForum,
    AidMember,
    AidMessage,
    AidOffer,
    AidOfferStep,
    AidReport,
)
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.entries.models import BaseKind, EntryFile
from tierslieu.community.events.models import Event, EventComer, OpenTo
from tierslieu.community.imports.models import ImportDraft
from tierslieu.community.pilots.models import Pilot, PilotMember

__all__ = [
    "AidAsk",
    "AidCharter",
    "AidDecision",
    "AidForum",
    "AidMember",
    "AidMessage",
    "AidOffer",
    "AidOfferStep",
    "AidReport",
    "BaseKind",
    "Content",
    "EntryFile",
    "Event",
    "EventComer",
    "ImportDraft",
    "OpenTo",
    "Pilot",
    "PilotMember",
    "Rights",
]
