"""From the JSON of a request to what matters of each statement; and a digest by which the same
statement is known again."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from pydantic import ValidationError

from courses.statements.shape import (
    VOIDED,
    Activity,
    Actor,
    Agent,
    Statement,
    StatementRef,
    read_instant,
)
from tierslieu.errors import Refused

MAX_AT_ONCE = 500
MAX_DEPTH = 40
MAX_FAULTS = 20  # told of one request
MAX_NAME = 200  # characters of an activity's name that are kept
_ADL, _CMI5 = "http://adlnet.gov/expapi/verbs/", "https://w3id.org/xapi/adl/verbs/"
# What validates a step; the words are those of the cmi5 specification, section 9.3.
SUCCESSES = {_ADL + "passed": "passed", _ADL + "completed": "completed",
             _CMI5 + "satisfied": "satisfied"}  # fmt: skip
_UNWRITTEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Not part of what a statement says for good (section 2.3.1).
_ASSIGNED = frozenset({"id", "stored", "authority", "version", "timestamp"})


@dataclass(frozen=True, slots=True)
class Received:
    """One statement: who it is and what it says, as far as it matters here. ``success``: the word
    of a verb that validates, or nothing; ``voids``: the statement that it takes back."""

    id: UUID
    digest: str
    time_digest: str
    success: str = ""
    agent: Agent | None = None
    iri: str = ""
    name: str = ""
    happened_at: datetime | None = None
    voids: UUID | None = None


def read_statements(document: Any, asked_id: UUID | None = None) -> list[Received]:
    """The statements of a request: one, or an array of them. ``asked_id``: the one that the address
    names, which the statement may repeat.

    Raises :class:`Refused` 400 ``malformed_statement`` with the place of each fault, ``id_twice``,
    ``id_differs``, ``too_many_statements`` (413). None is read if one is wrong.
    """
    is_list = isinstance(document, list)
    found = document if is_list else [document]
    if not found or (asked_id is not None and is_list):
        raise _malformed([("", "one_statement_expected")])
    if len(found) > MAX_AT_ONCE:
        raise Refused(
            _("%(max)s traces au plus par envoi : faites-en plusieurs.", max=MAX_AT_ONCE),
            code="too_many_statements",
            status=413,
        )
    faults: list[tuple[str, str]] = []
    read: list[Received] = []
    for place, one in enumerate(found):
        before = f"[{place}]" if is_list else ""
        statement = _check(one, before, faults)
        if statement is not None and not faults:
            read.append(_reduce(one, statement, asked_id))
    if faults:
        raise _malformed(faults)
    if len({one.id for one in read}) != len(read):
        raise Refused(
            _("Deux traces de cet envoi ont le même identifiant."), code="id_twice", status=400
        )
    return read


def _check(one: Any, before: str, faults: list[tuple[str, str]]) -> Statement | None:
    unwritten = _find_unwritten(one, 0)
    if unwritten is not None:
        faults.append((_join(before, unwritten[0]), unwritten[1]))
        return None
    try:
        return Statement.model_validate(one)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            # What begins with «#» is the name of a shape, not of a member.
            parts = [str(part)[:100] for part in each["loc"] if not str(part).startswith("#")]
            faults.append((_join(before, ".".join(parts)), each["type"]))
        return None


def _join(before: str, place: str) -> str:
    return f"{before}.{place}" if before and place else before or place


def _find_unwritten(value: Any, depth: int, *, may_be_null: bool = False) -> tuple[str, str] | None:
    """The place of the first thing that no statement says, and why: too deep, a control character,
    a number beyond all numbers, a null outside an extension (section 2.2)."""
    if depth > MAX_DEPTH:
        return "", "too_deep"
    if isinstance(value, str):
        return ("", "control_character") if _UNWRITTEN.search(value) else None
    if value is None:
        return None if may_be_null else ("", "null")
    if isinstance(value, float) and not math.isfinite(value):
        return "", "number_out_of_bounds"
    if not isinstance(value, (dict, list)):
        return None
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in members:
        if isinstance(name, str) and _UNWRITTEN.search(name):
            return "", "control_character"
        found = _find_unwritten(inner, depth + 1, may_be_null=may_be_null or name == "extensions")
        if found is not None:
            return _join(str(name)[:100], found[0]), found[1]
    return None


def _malformed(faults: Sequence[tuple[str, str]]) -> Refused:
    return Refused(
        _("Cet envoi n’a pas la forme qu’xAPI 1.0.3 demande : rien n’en est gardé."),
        code="malformed_statement",
        status=400,
        more={"errors": [{"field": place, "problem": why} for place, why in faults[:MAX_FAULTS]]},
    )


def _reduce(raw: dict[str, Any], told: Statement, asked_id: UUID | None) -> Received:
    own = UUID(told.id) if told.id else None
    if asked_id is not None and own not in (None, asked_id):
        raise Refused(
            _("L’adresse et la trace ne donnent pas le même identifiant."),
            code="id_differs",
            status=400,
        )
    happened_at = read_instant(told.timestamp) if told.timestamp else None
    thing, activity = told.object, told.object if isinstance(told.object, Activity) else None
    success = SUCCESSES.get(told.verb.id, "") if activity is not None and _is_good(told) else ""
    voids = thing.id if told.verb.id == VOIDED and isinstance(thing, StatementRef) else None
    return Received(
        asked_id or own or uuid4(),
        digest_of(raw),
        hashlib.sha256(happened_at.isoformat().encode()).hexdigest() if happened_at else "",
        success,
        _agent(told.actor) if success else None,
        activity.id if activity is not None and success else "",
        _name(activity) if activity is not None and success else "",
        happened_at if success else None,
        UUID(voids) if voids else None,
    )


def _is_good(told: Statement) -> bool:
    """Not said to have failed, or not to be done, whatever the verb."""
    result = told.result
    return result is None or (result.success is not False and result.completion is not False)


def _agent(actor: Actor) -> Agent | None:
    """The person; a group is nobody."""
    return actor if isinstance(actor, Agent) else None


def _name(activity: Activity) -> str:
    names = (activity.definition.name if activity.definition else None) or {}
    for language in ("fr-FR", "fr", "en-US", "en", *names):
        if names.get(language):
            return " ".join(names[language].split())[:MAX_NAME]
    return ""


def digest_of(statement: dict[str, Any]) -> str:
    """SHA-256 in hex of what is immutable of a statement but its time, by section 2.3.1 of xAPI
    1.0.3: what the receiver assigns, definitions, names of verbs, the order of a group's members,
    capitals of a domain and the way a time is written make no difference."""
    kept = {name: value for name, value in statement.items() if name not in _ASSIGNED}
    text = json.dumps(_canonical(kept), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any, name: str = "", *, is_free: bool = False) -> Any:
    """``is_free``: within an extension, where a name means whatever its author wants."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        made = [_canonical(inner, name, is_free=is_free) for inner in value]
        return sorted(made, key=_as_text) if name == "member" and not is_free else made
    if isinstance(value, str):
        return value if is_free else _canonical_text(value, name)
    if not isinstance(value, dict):
        return value
    if is_free or name == "extensions":
        return {key: _canonical(inner, is_free=True) for key, inner in value.items()}
    if name == "contextActivities":  # one activity alone is a list of one
        value = {key: one if isinstance(one, list) else [one] for key, one in value.items()}
    dropped = "display" if name == "verb" else "definition"
    return {key: _canonical(inner, key) for key, inner in value.items() if key != dropped}


def _canonical_text(value: str, name: str) -> str:
    if name == "mbox":
        mailbox, _at, domain = value.rpartition("@")
        return f"{mailbox}@{domain.lower()}"
    if name in ("mbox_sha1sum", "registration"):
        return value.lower()
    if name == "timestamp":
        instant = read_instant(value)
        return instant.isoformat() if instant else value
    return value


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
