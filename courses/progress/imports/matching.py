"""Who the lines of a report are: by a proved address, or else by a declared username. Never by a
name: two people may share one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from courses.progress.imports.models import Provider, fold_username
from courses.progress.imports.outcomes import Outcome
from courses.progress.imports.queries import match_addresses, match_usernames

AT_ONCE = 500  # people looked for with one query


@dataclass(frozen=True, slots=True)
class Match:
    """Who a line is, and whether only their own word says so."""

    user_id: UUID
    by_username: bool


def match_people(
    db: Session, outcomes: Sequence[Outcome], provider: Provider
) -> list[Match | None]:
    """Who each line is, in the same order; None for nobody here. Two queries for 500 lines."""
    found: list[Match | None] = []
    for start in range(0, len(outcomes), AT_ONCE):
        part = outcomes[start : start + AT_ONCE]
        emails = {o.email for o in part if o.email and not o.fault}
        by_email = match_addresses(db, sorted(emails))
        left = {
            fold_username(o.username)
            for o in part
            if o.username and not o.fault and o.email not in by_email
        }
        by_username = match_usernames(db, provider, sorted(left))
        found += [_match(outcome, by_email, by_username) for outcome in part]
    return found


def _match(
    outcome: Outcome, by_email: dict[str, UUID], by_username: dict[str, UUID]
) -> Match | None:
    if outcome.fault:
        return None
    if outcome.email is not None and outcome.email in by_email:
        return Match(by_email[outcome.email], by_username=False)
    user_id = by_username.get(fold_username(outcome.username))
    return Match(user_id, by_username=True) if user_id is not None else None
