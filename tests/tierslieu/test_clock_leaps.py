"""A clock that leaps makes nothing be forgotten too early: that waits until somebody looked."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.old_places import unpack_whole
from tests.support.served import environment_of
from tierslieu import clock
from tierslieu.admin import commands
from tierslieu.clockwork import LEAP, WorkerBeat, find_leap, say_leap, watch_clock
from tierslieu.house import House
from tierslieu.house_kept import Retention
from tierslieu.jobs import run_due_jobs
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.models import OutboxMessage

YEAR = timedelta(days=366)


def _sent_mail(db: Session) -> None:
    """A mail that left today, and is forgotten in thirty days."""
    message = OutboxMessage(
        recipient="ada@lieu.example",
        template="welcome",
        context={},
        language="fr",
        created_at=clock.now(),
        sent_at=clock.now(),
    )
    db.add(message)
    db.commit()


def _mails(db: Session) -> int:
    db.rollback()
    kept = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.recipient != "")
    return db.scalar(kept) or 0


def _forgetting(app: Flask) -> set[str]:
    house: House = app.extensions["tierslieu.house"]
    return {rule.job for rule in house.all(Retention)}


def _run(app: Flask, later: timedelta) -> set[str]:
    """A turn of the worker so much later: the jobs it did."""
    with clock.fixed_at(clock.now() + later):
        return set(run_due_jobs(app))


def _told(db: Session, later: timedelta) -> str:
    leap = find_leap(db, clock.now() + later)
    db.rollback()
    return say_leap(leap) if leap is not None else ""


@pytest.mark.both_databases
def test_a_clock_a_year_ahead_forgets_nothing_and_set_right_all_goes_on(
    app: Flask, db: Session
) -> None:
    _sent_mail(db)
    forgetting = _forgetting(app)
    assert _run(app, timedelta(0)) >= forgetting
    done = _run(app, YEAR)
    assert done, "what forgets nothing goes on"
    assert not done & forgetting
    assert _mails(db) == 1
    assert "366 days ahead" in _told(db, YEAR)
    # Set right, nothing is left to do, and the next night is like the one before.
    assert not _told(db, timedelta(hours=1))
    assert _run(app, timedelta(days=1)) >= {"retention"}
    # A place that is open every day comes to its term.
    for day in range(6, 43, 6):
        _run(app, timedelta(days=day))
    assert _mails(db) == 0


@pytest.mark.both_databases
def test_a_clock_set_back_is_told_and_takes_nothing_back(app: Flask, db: Session) -> None:
    watch_clock(db, clock.now())
    db.commit()
    assert not _run(app, -YEAR) & _forgetting(app)
    assert "days behind" in _told(db, -YEAR)
    assert find_leap(db, clock.now()) is None
    # An hour back, as a host that is a little slow: nobody is bothered.
    assert watch_clock(db, clock.now() - timedelta(hours=1)) is None
    assert db.get_one(WorkerBeat, "clock").at > clock.now() - timedelta(minutes=5)


@pytest.mark.both_databases
def test_an_administrator_says_that_the_clock_is_right_and_it_is_written_down(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    _sent_mail(db)
    # The place was closed for the summer.
    watch_clock(db, clock.now() - timedelta(days=45))
    message = db.scalars(select(OutboxMessage)).one()
    message.sent_at = clock.now() - timedelta(days=44)
    db.commit()
    assert not _run(app, timedelta(0)) & _forgetting(app)
    client.sign_in(make.user("administrator"))
    assert "de 45 jours" in client.get("/").text
    assert "de 45 jours" in client.get("/administration/taches").text
    for _ in range(2):  # asked twice, it is noted once
        assert client.post("/administration/taches/horloge").status_code == 302
    db.rollback()
    assert list(db.scalars(select(LogEntry.act))).count("clock_believed") == 1
    assert "de 45 jours" not in client.get("/administration/taches").text
    assert _run(app, timedelta(0)) >= _forgetting(app)
    assert _mails(db) == 0


@pytest.mark.both_databases
def test_the_command_forgets_nothing_either_before_somebody_looked(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def here() -> Iterator[Session]:
        yield db

    monkeypatch.setattr(commands, "place", here)
    _sent_mail(db)
    watch_clock(db, clock.now())
    db.commit()

    def ask(*words: str) -> tuple[int, str]:
        with clock.fixed_at(clock.now() + LEAP + timedelta(days=30)):
            done = CliRunner().invoke(commands.retention, words)
        return done.exit_code, done.output

    code, said = ask()
    assert (code, "nothing is forgotten" in said, _mails(db)) == (1, True, 1)
    assert ask("--dry-run")[0] == 0
    assert _mails(db) == 1
    assert ask("--clock-is-right")[0] == 0
    assert _mails(db) == 0


@pytest.mark.proof
@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not installed")
@pytest.mark.parametrize("shift", ["+1y", "-1y"])
def test_a_worker_whose_machine_is_a_year_wrong_loses_nothing(shift: str, tmp_path: Path) -> None:
    """The whole worker under another time (``faketime``), not our clock alone."""
    unpack_whole("0023", tmp_path)
    file = tmp_path / "tierslieu.sqlite"
    variables = environment_of(
        tmp_path,
        TIERSLIEU_BASE_URL="http://localhost",
        TIERSLIEU_CONTACT="equipe@lieu.example",
    )
    ours = [sys.executable, "-m", "tierslieu.cli"]
    subprocess.run([*ours, "upgrade", "--no-copy"], env=variables, check=True, timeout=200)

    def one_turn(*before: str) -> None:
        """The worker begins, does what is due at once, and is told to stop."""
        quiet = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
        turn = psutil.Popen([*before, *ours, "worker"], env=variables, **quiet)
        with suppress(psutil.TimeoutExpired):
            turn.wait(25)
        if turn.is_running():  # faketime stands before the worker, and would end alone
            told = [*turn.children(recursive=True), turn]
            for process in told:
                process.terminate()
            _gone, alive = psutil.wait_procs(told, timeout=60)
            assert not alive

    def counted() -> dict[str, int]:
        with sqlite3.connect(file) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            counts = {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for (name,) in names.fetchall()
            }
        connection.close()
        return counts

    one_turn()
    before = counted()
    one_turn("faketime", "-f", shift)
    after = counted()
    lost = {name for name, count in before.items() if after[name] < count}
    assert lost <= {"worker_beat"}
    assert after["job_run"] >= before["job_run"]
    done = subprocess.run([*ours, "audit"], env=variables, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
