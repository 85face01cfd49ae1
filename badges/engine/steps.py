"""The machinery of a verification: named steps, each with what it found, and no way to crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from .dids import Resolver
from .errors import EngineError, MalformedError
from .report import Check, Outcome, Step


def outcome_of(error: EngineError) -> Outcome:
    """What was found wrong fails; what is declined or out of reach is unknown."""
    return "failed" if isinstance(error, MalformedError) else "unknown"


class Steps:
    """One verification: the checks so far, the network it sees, the moment it judges by."""

    def __init__(self, resolver: Resolver, now: datetime) -> None:
        self.resolver = resolver
        self.now = now
        self.checks: dict[str, Check] = {}

    def run(self, step: Step, check: Callable[[], None]) -> None:
        """Run one step; whatever it raises becomes its outcome."""
        try:
            check()
        except EngineError as error:
            self.note(step, outcome_of(error), error.code, error.message, error.params)
        except Exception as error:
            # The last net: a stranger's document must never take the page down.
            self.note(
                step,
                "unknown",
                "internal_error",
                "this step could not be done",
                {"error": type(error).__name__},
            )

    def note(
        self,
        step: Step,
        outcome: Outcome,
        code: str,
        message: str,
        params: dict[str, str | int] | None = None,
    ) -> None:
        """Write down what a step found."""
        self.checks[step] = Check(step, outcome, code, message, params or {})
