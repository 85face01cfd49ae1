"""Reading a stranger's document for what it says, whatever its shape: nothing here ever raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a member that may be single or plural; anything else is left out."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def first_object(value: Any) -> Mapping[str, Any]:
    """The first of them, or an empty one."""
    return next(iter(objects(value)), {})


def text(value: Any) -> str:
    """A text, also when it is said in several languages; '' for anything else."""
    if isinstance(value, dict):
        value = value.get("fr") or value.get("@value")
    return value.strip() if isinstance(value, str) else ""
