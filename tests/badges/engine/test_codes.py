"""The catalogue of codes is what the engine really says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import badges.engine
from badges.engine import codes, shape
from badges.engine.report import STEPS

#: Said to whoever issues, never in a report.
ISSUING = {"picture_unsupported", "key_passphrase"}


#: Where the code stands among the arguments of the calls that carry one.
POSITIONS = {
    "MalformedError": 0,
    "UnsupportedError": 0,
    "__init__": 0,
    "iri": 1,
    "_Finding": 1,
    "note": 2,
    "Check": 2,
}
CODE = re.compile(r"[a-z][a-z0-9_]+")


def said() -> set[str]:
    """Every code written in the engine's source."""
    found: set[str] = set()
    for path in Path(badges.engine.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                position = POSITIONS.get(name, 99)
                argument = node.args[position] if position < len(node.args) else None
                if isinstance(argument, ast.Constant) and CODE.fullmatch(str(argument.value)):
                    found.add(str(argument.value))
    return found


def test_the_catalogue_lists_exactly_the_codes_that_the_engine_says() -> None:
    kinds = {f"shape_{kind}" for kind in shape.KINDS}
    elsewhere = {"iri_relative", "key_invalid", *kinds}
    assert (said() | elsewhere) - ISSUING == codes.ALL


def test_every_step_has_its_settled_answers() -> None:
    assert set(codes.SETTLED) == set(STEPS)
