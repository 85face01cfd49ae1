"""What a package says of the one before it."""

from __future__ import annotations

from tierslieu.evaluation.changes import Shape, write_changes

BEFORE = Shape(
    "tn-eval-x-2026.1",
    {"participants": 9, "visits": 3},
    {"participants": frozenset({"pid", "cohort"}), "visits": frozenset({"pid"})},
    frozenset({"instruments/a-v1.json"}),
)
NOW = Shape(
    "tn-eval-x-2026.2",
    {"participants": 8, "scores": 5},
    {"participants": frozenset({"pid", "gender"}), "scores": frozenset({"pid"})},
    frozenset({"instruments/a-v2.json"}),
)


def test_it_says_rows_variables_and_questionnaires_that_came_and_went() -> None:
    said = write_changes(NOW, BEFORE).decode().replace("\u00a0", " ").splitlines()
    for line in (
        "Depuis `tn-eval-x-2026.1` :",
        "| `participants` | 9 | 8 |",
        "| `scores` | – | 5 |",
        "| `visits` | 3 | – |",
        "- `participants` : `gender` est nouvelle.",
        "- `participants` : `cohort` n’y est plus.",
        "- `instruments/a-v2.json` est nouveau.",
        "- `instruments/a-v1.json` n’y est plus.",
    ):
        assert line in said


def test_the_first_of_a_year_has_nothing_before_it() -> None:
    assert "rien à comparer" in write_changes(NOW, None).decode()
