"""The demonstration opens whatever the day and the hour, this year and in those to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.community.events.models import Event
from tierslieu.db import db as database
from tierslieu.opening import open_place, play_demo
from tierslieu.settings import Settings

pytestmark = [pytest.mark.proof, pytest.mark.beside]

WHEN = [
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # the night of the hour that is not
    datetime(2027, 8, 15, 12, 0, tzinfo=UTC),  # everybody is away
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # the night of the hour that comes twice
    datetime(2028, 2, 29, 22, 45, tzinfo=UTC),
    datetime(2031, 6, 30, 22, 10, tzinfo=UTC),  # the first of July in Paris
]


@pytest.mark.parametrize("at", WHEN, ids=lambda at: f"{at:%Y-%m-%d-%H-%M}")
def test_the_demonstration_opens_on_any_day_with_something_still_to_come(
    at: datetime, make_settings: Callable[..., Settings]
) -> None:
    app = create_app(make_settings(f"opened-{at:%Y%m%d}", demo=True), TESTING=True)
    with app.app_context(), clock.fixed_at(at):
        try:
            open_place(app)
            play_demo(app)
            ends = [event.latest for event in database.session().scalars(select(Event))]
        finally:
            database.session.remove()
            database.engine.dispose()
    assert sum(end is not None and end > at.date() for end in ends) >= 3
