"""What tests of the community share: the hour, who is of the team, where files lie."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu import clock
from tierslieu.people.models import User
from tierslieu.settings import Settings


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.config["TIERSLIEU"]
    return found
