"""docs/security.md names tests that exist, and answers every requirement of the checklist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
# OWASP ASVS 5.0.0, levels 1 and 2: how many each section has. Their numbers go from 1 on in all of
# them, for what only level 3 asks stands last.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
REQUIRED = [f"{section}.{n}" for section, many in SECTIONS.items() for n in range(1, many + 1)]
ANSWERS = {"met", "in part", "not met", "not applicable"}
PEOPLE = (
    "visitor", "learner", "facilitator", "coordinator", "researcher", "administrator", "holder",
    "verifier", "partner", "attacker without account", "thief of a backup", "thief of a laptop",
    "malicious host between",
)  # fmt: skip
ASSETS = (
    "accounts", "sessions", "signing keys", "badges", "answers to surveys", "study keys",
    "research packages", "evidence files", "mails", "backups", "logs", "availability",
)  # fmt: skip


@cache
def names_in(file: str) -> set[str]:
    """The names of the tests of that file, below ``tests/``, as pytest would collect them."""
    path = TESTS / file
    if not path.is_file():
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables under a heading of the second level."""
    text = PAGE.read_text("utf-8")
    part = re.split(r"^## ", text.split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    found = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row] for row in found]
    return [
        row for row in cells if set(row[0]) != {"-"} and row[0] not in ("threat", "asset", "no.")
    ]


def test_every_named_test_exists() -> None:
    named = NAMED.findall(PAGE.read_text("utf-8"))
    assert len(named) > 300
    gone = sorted(f"{file}::{test}" for file, test in named if test not in names_in(file))
    assert not gone


def test_every_threat_names_what_stops_it_a_test_and_what_remains() -> None:
    threats = [*rows("By person"), *rows("By asset")]
    assert threats
    for row in threats:
        assert all(row), row
        assert NAMED.search(row[-2]), row


def test_every_person_and_every_asset_is_thought_of() -> None:
    text = PAGE.read_text("utf-8")
    headings = " ".join(re.findall(r"^### (.+)$", text, re.M)).lower()
    assert [one for one in PEOPLE if one not in headings] == []
    named = {row[0] for row in rows("By asset")}
    assert [one for one in ASSETS if one not in named] == []


def test_every_requirement_of_the_standard_is_answered_once_and_in_order() -> None:
    answers = rows("OWASP ASVS")
    assert [row[0] for row in answers] == REQUIRED
    assert len(REQUIRED) == 253
    for number, asks, answer, how, tests in answers:
        assert asks, number
        assert answer in ANSWERS, number
        assert how, number
        assert answer in ("not applicable", "not met") or NAMED.search(tests), number


def test_the_sum_of_the_answers_is_that_of_the_lines() -> None:
    answers = [row[2] for row in rows("OWASP ASVS")]
    said = re.search(
        r"Of (\d+): (\d+) met, (\d+) met in part, (\d+) not met, (\d+) not applicable",
        PAGE.read_text("utf-8"),
    )
    assert said is not None
    counted = [answers.count(one) for one in ("met", "in part", "not met", "not applicable")]
    assert [int(n) for n in said.groups()] == [len(answers), *counted]
