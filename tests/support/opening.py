"""A place as it is just after it was opened."""

from __future__ import annotations

from flask import Flask
from flask_migrate import stamp

from tests.support.factories import Factory
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db as database
from tierslieu.db import set_wal
from tierslieu.house import Setup
from tierslieu.jobs import beat
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings


def opened(settings: Settings) -> Flask:
    """A place as ``tierslieu init`` leaves it, with a worker that has just beaten."""
    app = create_app(settings, TESTING=True)
    with app.app_context():
        set_wal(database.engine)
        Base.metadata.create_all(database.engine)
        stamp(directory=str(MIGRATIONS))
        Factory(database.session()).roles()
        for setup in app.extensions["tierslieu.house"].all(Setup):
            setup.run(database.session(), settings)
            database.session.commit()
        beat()
    return app
