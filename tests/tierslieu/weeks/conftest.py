"""What tests of weeks share: the hour, and who is of the team."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu import clock
from tierslieu.people.models import User


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")
