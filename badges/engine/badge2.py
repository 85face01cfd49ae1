"""Open Badges 2.0, hosted and signed: what the badges of the last ten years are."""

from __future__ import annotations

from datetime import datetime

from .dids import Resolver
from .errors import UnsupportedError
from .reading import Found
from .report import Check, Step
from .steps import Steps


def verify(
    resolver: Resolver, now: datetime, found: Found, recipient: str | None
) -> dict[Step, Check]:
    """Every step after `read`, of an Open Badge 2.0."""
    steps = Steps(resolver, now)

    def decline() -> None:
        raise UnsupportedError("ob2_unsupported", "Open Badges 2.0 are not checked yet")

    steps.run("proof", decline)
    return steps.checks
