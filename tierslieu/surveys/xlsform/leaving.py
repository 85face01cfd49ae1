"""What of a question has no place in ours: said, by the columns of XLSForm, never dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

_YES, _NO = {"yes", "true", "true()"}, {"", "no", "false", "false()"}
_COLUMNS = ("hint", "guidance_hint", "default", "choice_filter", "trigger", "media")
_BINDS = {
    "readonly": "read_only",
    "calculate": "calculation",
    "jr:constraintMsg": "constraint_message",
    "jr:requiredMsg": "required_message",
}
_OF_RANGES = {"start", "end", "step"}


def is_required(node: Mapping[str, Any]) -> bool:
    """Whether an answer is demanded of everybody."""
    return _required(node) in _YES


def _required(node: Mapping[str, Any]) -> str:
    return str((node.get("bind") or {}).get("required") or "").strip().lower()


def lost(node: Mapping[str, Any]) -> list[str]:
    """A sentence naming the columns of a question that are not taken along; none when all are."""
    columns = list(dict.fromkeys(_lost(node)))
    if not columns:
        return []
    return [said(node, ", ".join(columns))]


def said(node: Mapping[str, Any], what: str) -> str:
    """What is not taken along of a question, with its name in the file."""
    return str(_("« %(name)s » (%(what)s)", name=str(node.get("name", ""))[:40], what=what))


def _lost(node: Mapping[str, Any]) -> Iterator[str]:
    bind = node.get("bind") or {}
    yield from (column for column in _COLUMNS if node.get(column))
    yield from (
        column
        for key, column in _BINDS.items()
        if str(bind.get(key) or "").strip().lower() not in _NO
    )
    if _required(node) not in _YES | _NO:
        yield "required"
    if set(node.get("parameters") or ()) - _OF_RANGES:
        yield "parameters"
    if "(" in str((node.get("control") or {}).get("appearance") or ""):  # search('…')
        yield "appearance"
    choices = node.get("choices") or ()
    if any(one.get("media") for one in choices):
        yield "media"
    words = [node.get("label"), *(one.get("label") for one in choices)]
    if any("${" in str(one) for one in words):
        yield "${…}"
