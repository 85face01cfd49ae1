"""What a verification answers: named steps with an outcome each, and one outcome for the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Outcome = Literal["passed", "failed", "unknown", "not_applicable"]
Overall = Literal["valid", "incomplete", "invalid"]
Step = Literal[
    "read",
    "shape",
    "contexts",
    "proof",
    "issuer",
    "dates",
    "status",
    "recipient",
    "refresh",
    "endorsements",
]

#: The steps, in the order a report gives them.
STEPS: tuple[Step, ...] = get_args(Step)

#: Not knowing one of these leaves the whole incomplete.
ESSENTIAL: frozenset[Step] = frozenset({"proof", "issuer", "dates", "status"})


@dataclass(frozen=True)
class Check:
    """One step: what was found. `code` is stable; `message` is its English default."""

    name: Step | Literal["holder"]  # "holder": of a presentation's member only
    outcome: Outcome
    code: str
    message: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As in the public answer of `/verify`, with `code` and `params` beside it."""
        return {
            "name": self.name,
            "outcome": self.outcome,
            "code": self.code,
            "message": self.message,
            "params": dict(self.params),
        }


@dataclass(frozen=True)
class Report:
    """The answer: `checks` holds every step of `STEPS`, once, in that order.

    `credential` is the document that was found (as parsed, unverified parts included), or None;
    `form` says in what it came: `json`, `jwt`, `png`, `svg`, `pdf`, or None when unreadable.
    `linked` holds what an Open Badge 2.0 only refers to: `badge` (its class), `issuer` (a profile).
    """

    outcome: Overall
    checks: tuple[Check, ...]
    credential: dict[str, Any] | None
    form: str | None = None
    linked: Mapping[str, Any] = field(default_factory=dict)

    def check(self, name: Step) -> Check:
        """The check of one step."""
        return next(check for check in self.checks if check.name == name)

    def to_json(self) -> dict[str, Any]:
        """The shape promised to machines: `outcome`, `checks`, `credential`."""
        return {
            "outcome": self.outcome,
            "checks": [check.to_json() for check in self.checks],
            "credential": self.credential,
        }


def overall(checks: Sequence[Check]) -> Overall:
    """`invalid` if any step failed, `incomplete` if an essential one is unknown, else `valid`."""
    if any(check.outcome == "failed" for check in checks):
        return "invalid"
    if any(check.outcome == "unknown" and check.name in ESSENTIAL for check in checks):
        return "incomplete"
    return "valid"
