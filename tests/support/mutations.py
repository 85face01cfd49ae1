"""Documents and files changed at random, and what must hold of the report on each."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from badges.engine.report import STEPS, Report

MAX_SECONDS = 1.0


@dataclass(frozen=True)
class Stock:
    """What changes are made of: values, names of members, and letters put into texts."""

    values: list[Any]
    names: list[str]
    letters: str = 'aé\n\t"\\<>~7'


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a document, the containers too."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(member, (*path, name))
    return found


def mutate(document: dict[str, Any], rng: random.Random, stock: Stock) -> dict[str, Any]:
    """One to three changes, anywhere; the document itself is not changed."""
    document = copy.deepcopy(document)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if not (paths := places(document)):
            break
        path = rng.choice(paths)
        owner: Any = document
        for step in path[:-1]:
            owner = owner[step]
        change = rng.randrange(7)
        if change == 0:
            del owner[path[-1]]
        elif change == 1:
            owner[path[-1]] = copy.deepcopy(rng.choice(stock.values))
        elif change == 2 and isinstance(owner, dict):
            owner[rng.choice(stock.names)] = copy.deepcopy(rng.choice(stock.values))
        elif change == 3 and isinstance(owner, dict):
            owner[rng.choice(stock.names)] = owner.pop(path[-1])
        elif change == 4:
            owner[path[-1]] = [owner[path[-1]]] * rng.choice([1, 2, 30])
        elif change == 5 and isinstance(owner[path[-1]], str) and owner[path[-1]]:
            at = rng.randrange(len(owner[path[-1]]))
            text = owner[path[-1]]
            owner[path[-1]] = text[:at] + rng.choice(stock.letters) + text[at + 1 :]
        else:
            other: Any = document
            for step in rng.choice(paths):
                other = other[step] if isinstance(other, list | dict) else other
            owner[path[-1]] = copy.deepcopy(other)
    return document


def garble(data: bytes, rng: random.Random) -> bytes:
    """Bytes lost, changed, repeated or cut."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        at = rng.randrange(len(changed) or 1)
        change = rng.randrange(4)
        if change == 0:
            changed[at : at + 1] = bytes([rng.randrange(256)])
        elif change == 1:
            del changed[at : at + rng.choice([1, 1, 30])]
        elif change == 2:
            changed[at:at] = changed[at : at + rng.choice([1, 60])]
        else:
            del changed[at:]
    return bytes(changed)


def examine(verify: Callable[[Any], Report], source: Any) -> tuple[Report, float]:
    """The report on this source and the seconds of processor time it took, once both are what they
    must be whatever came in."""
    began = time.process_time()
    found = verify(source)
    took = time.process_time() - began
    assert isinstance(found, Report)
    assert [check.name for check in found.checks] == list(STEPS)
    codes = {check.code for check in found.checks}
    assert "internal_error" not in codes, (found.to_json(), source)
    json.dumps(found.to_json())
    assert took < MAX_SECONDS, (took, source)
    return found, took
