"""What a badge is of: its issuer, its class; what of it remains to be judged. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from badges.engine import recipients, shape
from badges.engine.report import ESSENTIAL, Report


@dataclass(frozen=True)
class Kind:
    """Whose badge it is and which: identifiers, empty where it says none."""

    issuer: str
    achievement: str


def kind_of(report: Report) -> Kind:
    """The issuer and the class that a verified badge names, of either family.

    In Open Badges 2.0 the class may only be referred to: ``report.linked`` holds what was read.
    """
    document = report.credential or {}
    subject = document.get("credentialSubject")
    holder = subject[0] if isinstance(subject, list) and len(subject) == 1 else subject
    if isinstance(holder, dict):
        achievement = holder.get("achievement")
        return Kind(shape.issuer_id(dict(document)) or "", _id(achievement))
    badge = document.get("badge")
    described = badge if isinstance(badge, dict) else report.linked.get("badge")
    issuer = described.get("issuer") if isinstance(described, Mapping) else None
    return Kind(_id(issuer), _id(badge))


def _id(value: Any) -> str:
    named = value.get("id") if isinstance(value, Mapping) else value
    return named if isinstance(named, str) else ""


def find_doubts(
    report: Report, addresses: Sequence[str], *, is_trusted: bool, is_worth: bool
) -> list[str]:
    """Why this badge does not count by itself: ``unnamed`` (it names no address), the essential
    steps that could not be checked, ``expired``, ``issuer`` and ``class`` that the team has not
    settled. Empty: it counts."""
    doubts = []
    if recipients.compare(report.credential or {}, addresses) != "same":
        doubts.append("unnamed")
    doubts += sorted(
        f"unchecked_{check.name}"
        for check in report.checks
        if check.name in ESSENTIAL and check.outcome == "unknown"
    )
    if report.check("dates").outcome == "failed":
        doubts.append("expired")
    if not is_trusted:
        doubts.append("issuer")
    if not is_worth:
        doubts.append("class")
    return doubts
