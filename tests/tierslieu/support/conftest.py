"""What tests of following a person share: the hour, who receives and who comes."""

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
def nadia(make: Factory) -> User:
    """A facilitator."""
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def ada(make: Factory) -> User:
    """A learner."""
    return make.user(name="Ada Moreau")
