"""Who somebody is and what they may do is found in the same time, however many have an account."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import cost_of
from tests.support.factories import Factory


def test_whoever_is_signed_in_is_found_without_looking_through_everybody(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user())
    before = cost_of(client, "/compte")
    for _ in range(40):
        make.user()
    after = cost_of(client, "/compte")
    assert after[0] == before[0]
    assert after[1] <= before[1] * 1.2
