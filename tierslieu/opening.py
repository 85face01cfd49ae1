"""Opening the place: one process migrates the database and sets up what features need."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, url_for
from flask_migrate import upgrade
from flask_security.recoverable import (
    generate_reset_password_token,
    send_reset_password_instructions,
)
from sqlalchemy import func, select, update

from tierslieu import clock
from tierslieu.db import db, lock_for_writing, set_wal
from tierslieu.house import House, Scene, Setup, Stage
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import ADMINISTRATOR, LEARNER, User
from tierslieu.people.queries import list_holders
from tierslieu.people.rules import create_user
from tierslieu.schema import MIGRATIONS, find_loss
from tierslieu.settings import Settings
from tierslieu.store.looking import find_trouble
from tierslieu.store.shelf import StoreAway

SEED = 20261122
UNFINISHED = "demonstration.unfinished"  # lies in the data folder while a demonstration is made
OPENING_LOCK = 7_469_657_273  # any number nobody else takes in this database


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Within the block, nobody else opens this place: two hosts, or two processes of one, that
    begin at once would both migrate and both make keys. Who comes second waits, then finds all
    done. A process that dies leaves no lock behind."""
    if db.engine.dialect.name != "postgresql":
        with (settings.instance / "opening.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    # A connection of its own: the lock is the session's, whatever is committed meanwhile.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(select(func.pg_advisory_lock(OPENING_LOCK)))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(OPENING_LOCK)))


class PlaceNotWhole(Exception):
    """The keys of a place are here and its database is not, or a demonstration was cut short; the
    message says the mend."""


def _refuse_to_begin_anew(settings: Settings) -> None:
    """Opened anew, the place would be empty under other keys, call itself well, and its backups of
    every night would push out those of the place that was."""
    if (settings.instance / UNFINISHED).exists():
        raise PlaceNotWhole(
            f"the demonstration was cut short as it was made: remove {settings.instance} (and its "
            "database, if that lies elsewhere), then begin again"
        )
    if (said := find_loss(settings)) is not None:
        raise PlaceNotWhole(said)


def open_place(app: Flask) -> None:
    """Migrate the database and run every feature's setup; a second run changes nothing.

    Raises, nothing made, :class:`StoreAway` when the bucket of the files does not answer, and
    :class:`PlaceNotWhole`."""
    settings: Settings = app.config["TIERSLIEU"]
    house: House = app.extensions["tierslieu.house"]
    if settings.bucket is not None and (said := find_trouble(settings.bucket)) is not None:
        raise StoreAway(errno.EHOSTDOWN, said)  # before anything is made
    with app.app_context(), _alone(settings):
        _refuse_to_begin_anew(settings)
        set_wal(db.engine)
        upgrade(directory=str(MIGRATIONS))
        for setup in house.all(Setup):
            setup.run(db.session(), settings)
            db.session.commit()


def is_empty(app: Flask) -> bool:
    """Whether nobody has an account yet."""
    with app.app_context():
        return not db.session.scalar(select(func.count()).select_from(User))


def play_demo(app: Flask) -> int:
    """Fill an empty place with the demonstration, by the rules of real use; counts its scenes.

    The same day and seed give the same people, sessions and answers.
    """
    settings: Settings = app.config["TIERSLIEU"]
    house: House = app.extensions["tierslieu.house"]
    marker = settings.instance / UNFINISHED
    marker.touch()
    with app.app_context():
        stage = Stage(clock.now(), SEED, settings, house)
        for scene in house.all(Scene):
            lock_for_writing(db.session)
            scene.play(db.session(), stage)
            db.session.commit()
        # The mails of weeks played in a moment were read long ago: none is late.
        lock_for_writing(db.session)
        db.session.execute(update(OutboxMessage).values(sent_at=OutboxMessage.created_at))
        db.session.commit()
    marker.unlink()
    return len(house.all(Scene))


def is_administered(app: Flask) -> bool:
    """Whether somebody runs the place."""
    with app.app_context():
        return bool(list_holders(db.session(), ADMINISTRATOR))


def welcome_administrator(app: Flask, address: str | None) -> str | None:
    """Open the first administrator's account and have a link mailed to them, or, while no mail
    leaves, return it: whoever follows it within a day chooses the password. The only administrator
    gets another link as long as they chose none: the first may be lost, or past its day.

    None if mailed, if nobody is named or somebody runs the place already; :class:`Refused` for an
    address that is none, or has an account.
    """
    settings: Settings = app.config["TIERSLIEU"]
    with app.test_request_context(base_url=settings.base_url):
        session = db.session()
        holders = list_holders(session, ADMINISTRATOR)
        if holders and (settings.smtp_url or len(holders) > 1 or holders[0].password):
            return None
        if holders:
            person = holders[0]
        elif address:
            person = create_user(
                session,
                email=address,
                name="Administration",
                roles=(LEARNER, ADMINISTRATOR),
                password_hash=None,
                now=clock.now(),
            )
        else:
            return None
        if settings.smtp_url:
            send_reset_password_instructions(person)  # type: ignore[no-untyped-call]
            session.commit()
            return None
        session.commit()
        token = generate_reset_password_token(person)  # type: ignore[no-untyped-call]
        return settings.base_url + url_for("security.reset_password", token=token)
