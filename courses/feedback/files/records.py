"""The reports as JSON: the columns of the CSV with their types, described by ``schema.json``.

A member keeps its name and meaning; new ones are only ever added. Nobody is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any

from courses.feedback.models import CourseFeedback
from tierslieu import clock

FORMAT = 1


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that each file follows."""
    found: dict[str, Any] = json.loads(
        files("courses.feedback.files").joinpath("schema.json").read_text("utf-8")
    )
    return found


def document(reports: Iterable[CourseFeedback], *, now: datetime) -> dict[str, Any]:
    """The whole file."""
    return {
        "format": FORMAT,
        "produit_le": _instant(now),
        "retours": [record(report) for report in reports],
    }


def record(report: CourseFeedback) -> dict[str, Any]:
    """One report. Instants are RFC 3339 with the offset of Paris, to the second."""
    step = report.step
    return {
        "id": str(report.id),
        "recu_le": _instant(report.created_at),
        "parcours": step.version.path.slug,
        "version": step.version.number,
        "etape_code": step.code,
        "etape": step.title,
        "etape_adresse": step.url or step.version.path.url,
        "unite": report.unit,
        "endroit": report.location,
        "genre": report.kind.value,
        "etat": report.state.value,
        "texte": report.body,
        "moi_aussi": len(report.me_too),
        # Kept for the format; always empty: nobody has looked whether what they add names somebody.
        "details": [],
        "suivi": report.upstream_url,
        "reunis": [str(duplicate.id) for duplicate in report.duplicates],
        "capture": report.picture_id is not None,
        "historique": [
            {"le": _instant(event.at), "etat": event.to_state.value, "mot": event.word}
            for event in report.events
        ],
    }


def write_json(reports: Iterable[CourseFeedback], *, now: datetime) -> bytes:
    """The file as it leaves: UTF-8, indented, so that two of them can be compared line by line."""
    text = json.dumps(document(reports, now=now), ensure_ascii=False, indent=1)
    return text.encode("utf-8", "replace") + b"\n"


def _instant(instant: datetime) -> str:
    return instant.astimezone(clock.PARIS).isoformat(timespec="seconds")
