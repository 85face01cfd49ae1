"""Badges made before there were groups ask the same afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from badges.designs.models import CriterionKind
from badges.designs.queries import find_badge
from tierslieu.app import create_app
from tierslieu.base import UTCDateTime
from tierslieu.db import db
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings

BADGE = sa.table(
    "badge_class",
    sa.column("id", sa.Uuid()),
    *(
        sa.column(name)
        for name in ("slug", "name", "description", "criteria", "shape", "colour", "icon")
    ),
    sa.column("created_at", UTCDateTime()),
)
CRITERION = sa.table(
    "badge_criterion",
    sa.column("id", sa.Uuid()),
    sa.column("badge_id", sa.Uuid()),
    *(sa.column(name) for name in ("position", "kind", "count")),
)


@pytest.mark.both_databases
def test_what_a_badge_asked_becomes_one_group_of_which_all_is_asked(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")("before_groups")
    app = create_app(make_settings(f"before-groups-{database_kind}", **changes), TESTING=True)
    with app.app_context():
        upgrade(directory=str(MIGRATIONS), revision="0001")
        with db.engine.begin() as connection:
            for slug, kinds in (("un", ("half_days", "session_attended")), ("deux", ())):
                badge_id = uuid.uuid4()
                words = dict.fromkeys(("name", "description", "criteria"), slug)
                connection.execute(
                    BADGE.insert().values(
                        id=badge_id,
                        slug=slug,
                        shape="circle",
                        colour="mer",
                        icon="web",
                        created_at=datetime(2026, 1, 1, tzinfo=UTC),
                        **words,
                    )
                )
                for position, kind in enumerate(kinds):
                    connection.execute(
                        CRITERION.insert().values(
                            id=uuid.uuid4(),
                            badge_id=badge_id,
                            position=position,
                            kind=kind,
                            count=position + 2,
                        )
                    )
        db.engine.dispose()
        upgrade(directory=str(MIGRATIONS))
        badge = find_badge(db.session(), "un")
        assert badge is not None
        assert [group.needed for group in badge.groups] == [None]
        assert [(c.kind, c.count) for c in badge.conditions] == [
            (CriterionKind.HALF_DAYS, 2),
            (CriterionKind.SESSION_ATTENDED, 3),
        ]
        assert not badge.automatic
        empty = find_badge(db.session(), "deux")
        assert empty is not None
        assert empty.groups == []
        db.session.remove()
        db.engine.dispose()
