"""The form that designs a badge, as a browser sends it."""

from __future__ import annotations

from typing import Any


def row(kind: str, **values: str) -> dict[str, str]:
    """A condition, as the form's fields."""
    return {"kind": kind, **values}


def asks(*rows: dict[str, str], needed: str = "", group: int = 0) -> dict[str, str]:
    """A group of conditions, as the form sends it."""
    sent = {f"groups-{group}-needed": needed, f"groups-{group}-new": "path_completed"}
    for number, one in enumerate(rows):
        sent |= {f"groups-{group}-conditions-{number}-{name}": v for name, v in one.items()}
    return sent


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Données et Web",
        "description": "Sait lire une table de données.",
        "criteria": "Avoir\r\nterminé.",
        "hours": "12",
        "valid_months": "36",
        **asks(row("half_days", count="2")),
        "skills": ["CRCN:3.4"],
        "shape": "circle",
        "colour": "olive",
        "icon": "web",
        **changes,
    }
