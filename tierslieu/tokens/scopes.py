"""What a token may be made for, and who may make such a token."""

from __future__ import annotations

from collections.abc import Sequence

from tierslieu.people.models import ADMINISTRATOR, FACILITATOR, RESEARCHER, ROLES, User

# Scope → the roles of which its owner must hold one: when it is made, and each time it is used.
SCOPES: dict[str, tuple[str, ...]] = {
    "sessions:read": ROLES,
    "bookings:write": ROLES,
    "enrolments:write": ROLES,
    "attendances:write": (FACILITATOR,),
    "awards:write": (FACILITATOR, ADMINISTRATOR),
    "credentials:issue": (FACILITATOR, ADMINISTRATOR),
    "studies:export": (RESEARCHER,),
    "xapi:write": (FACILITATOR, ADMINISTRATOR),
}


def may_hold(person: User, scope: str) -> bool:
    """Whether this person's roles allow that scope."""
    return person.active and person.holds(*SCOPES.get(scope, ()))


def open_to(person: User) -> Sequence[str]:
    """The scopes this person may give to a token of theirs, in the order of the house."""
    return [scope for scope in SCOPES if may_hold(person, scope)]
