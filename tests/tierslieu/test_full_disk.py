"""A disk that fills under files, mails, jobs and pages: nothing half written is left or offered,
each says so, and with room again all goes on by itself."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from badges.awards.papers import folder as papers
from tests.support.evaluation import T0, make_answered_study
from tests.support.factories import Factory
from tests.support.people import with_password
from tests.support.small_disks import SmallDisk
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.clockwork import JobRun
from tierslieu.db import db as database
from tierslieu.db import is_full, set_wal
from tierslieu.evaluation.kept import jobs as packages
from tierslieu.evaluation.kept.rules import ask_package, sweep_drafts
from tierslieu.evaluation.models import PackageState, ResearchPackage
from tierslieu.home import health, metrics
from tierslieu.house import House, Job
from tierslieu.jobs import run_due_jobs, run_job
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rules import write_mail
from tierslieu.mail.sender import send_due
from tierslieu.schema import newest_revision
from tierslieu.serving import Household
from tierslieu.settings import Settings
from tierslieu.store.folders import FolderShelf
from tierslieu.uploads.models import Upload
from tierslieu.uploads.rules import store_upload

MB = 1024 * 1024
Disks = Callable[[int], SmallDisk]
MONITOR = "moniteur-du-lieu-" * 2
PDF = b"%PDF-1.7\n"


def _full(error: pytest.ExceptionInfo[OSError]) -> bool:
    return error.value.errno == errno.ENOSPC


@pytest.mark.parametrize(
    ("cause", "says_full"),
    [
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.errors.LockNotAvailable(), False),
        (sqlite3.OperationalError("database is locked"), False),
    ],
)
def test_a_postgresql_whose_disk_is_full_says_so_alike(cause: Exception, says_full: bool) -> None:
    assert is_full(DBAPIError("", {}, cause)) is says_full


@pytest.mark.parametrize("seed", range(5))
def test_a_file_is_there_whole_or_not_at_all_however_much_room_there_was(
    small_disk: Disks, seed: int
) -> None:
    disk, draw = small_disk(2 * MB), Random(seed)
    shelf, kept = FolderShelf(disk.folder), dict[Path, bytes]()
    for number in range(20):
        path, data = disk.folder / str(number), draw.randbytes(draw.randint(1, 300_000))
        disk.fill(draw.randint(0, 400_000))
        try:
            shelf.write(path.name, data)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        else:
            kept[path] = data
        disk.empty()
        there = {one: one.read_bytes() for one in disk.folder.iterdir()}
        assert there == kept
        if sum(map(len, kept.values())) > MB:
            kept.clear()
            for one in there:
                one.unlink()


def test_an_upload_that_finds_no_room_leaves_nothing_behind(
    small_disk: Disks, db: Session, make: Factory
) -> None:
    disk, owner = small_disk(2 * MB), make.user()
    folder, data = disk.folder / "uploads", PDF + b"x" * MB
    shelf = FolderShelf(folder)
    disk.fill(MB // 2)
    with pytest.raises(OSError, match="space") as told:
        store_upload(db, shelf, owner.id, "notes.pdf", data, now=clock.now())
    assert _full(told)
    assert not list(folder.iterdir())
    assert not db.scalars(select(Upload)).all()
    disk.empty()
    store_upload(db, shelf, owner.id, "notes.pdf", data, now=clock.now())
    assert [path.read_bytes() for path in folder.iterdir()] == [data]


def test_certificates_that_find_no_room_are_not_bound_and_are_once_there_is(
    small_disk: Disks,
) -> None:
    disk, batch = small_disk(2 * MB), UUID(int=7)
    folder = disk.folder / "papers"
    shelf = FolderShelf(folder)
    lines = [
        papers.Paper(UUID(int=n), UUID(int=n << 96), f"Élève {n}", clock.now()) for n in range(1, 7)
    ]
    for line in lines:
        papers.keep_paper(shelf, batch, line.line_id, PDF + bytes(150_000))
    disk.fill(100_000)
    for _again in range(2):
        with pytest.raises(OSError, match="space"):
            papers.keep_paper(shelf, batch, UUID(int=99), PDF + bytes(150_000))
        with pytest.raises(OSError, match="space"):
            papers.bind(shelf, batch, "badge", lines)
    assert [path.name for path in folder.iterdir()] == [str(batch)]
    assert len(list((folder / str(batch)).iterdir())) == len(lines)
    disk.empty()
    assert papers.bind(shelf, batch, "badge", lines) > 900_000
    with zipfile.ZipFile(folder / papers.zip_file(batch)) as bound:
        assert (len(bound.namelist()), bound.testzip()) == (len(lines), None)


def test_a_package_that_finds_no_room_is_offered_to_nobody_and_built_once_there_is(
    small_disk: Disks, app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = small_disk(2 * MB)
    settings = replace(app.config["TIERSLIEU"], instance=disk.folder)
    now = T0 + timedelta(days=60)
    with clock.fixed_at(now):
        study, _people = make_answered_study(db, make)
        asked = ask_package(db, study.id, user_id=None, now=now)
        db.commit()
        here: Settings = app.config["TIERSLIEU"]
        (disk.folder / "keys").symlink_to(here.instance / "keys")
        monkeypatch.setitem(app.config, "TIERSLIEU", settings)
        disk.fill(8192)
        with pytest.raises(OSError, match="space"):
            packages.build_asked(db, now)
    folder, shelf = disk.folder / "packages", settings.packages
    assert not list(folder.iterdir())
    db.rollback()
    assert db.get_one(ResearchPackage, asked.id).state is PackageState.ASKED
    disk.empty()
    with clock.fixed_at(now + timedelta(minutes=11)):
        assert packages.build_asked(db, clock.now()) == 1
    db.rollback()
    assert db.get_one(ResearchPackage, asked.id).state is PackageState.BUILT
    # What a killed worker left is erased, and nothing else.
    (folder / ".left.partial").write_bytes(b"half")
    assert sweep_drafts(shelf, clock.now()) == 0
    assert sweep_drafts(shelf, clock.now() + timedelta(hours=2)) == 1
    assert len(list(folder.iterdir())) == 1


@contextmanager
def _place(disk: SmallDisk, **config: object) -> Iterator[Flask]:
    """A place whose database lies on that disk."""
    settings = Settings(
        instance=disk.folder,
        database_url=f"sqlite:///{disk.folder / 'tierslieu.sqlite'}",
        base_url="http://localhost",
        secret_key="only-for-tests" * 4,
        smtp_url="smtp://localhost:1",
        mail_from="no-reply@lieu.example",
        contact="equipe@lieu.example",
        metrics_token=MONITOR,
    )
    app = create_app(settings, WTF_CSRF_ENABLED=False, **config)
    with app.app_context():
        set_wal(database.engine)
        Base.metadata.create_all(database.engine)
        Factory(database.session()).roles()
        yield app
        database.session.remove()
        database.engine.dispose()
        queue = app.extensions["tierslieu.huey"]
        if not app.testing:
            queue.storage.close()


def _fill_up(disk: SmallDisk, app: Flask) -> None:
    """No byte is left, not even in what SQLite holds ready in its log."""
    database.session.rollback()
    raw = sqlite3.connect(disk.folder / "tierslieu.sqlite")
    assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    raw.close()
    disk.fill()


def test_a_mail_that_left_while_it_could_not_be_noted_leaves_no_second_time(
    small_disk: Disks,
) -> None:
    disk = small_disk(16 * MB)
    left: list[str] = []
    with _place(disk, TESTING=True) as app:
        db = database.session()
        for name in ("ada", "bob"):
            write_mail(
                db,
                f"{name}@lieu.example",
                "security_reset_notice",
                {"name": "Zoé"},
                now=clock.now(),
            )
        db.commit()

        def deliver(email: object) -> None:
            left.append(str(email))
            if len(left) == 1:
                _fill_up(disk, app)

        settings = app.config["TIERSLIEU"]
        for _again in range(3):
            with pytest.raises(OperationalError):
                send_due(db, clock.now(), settings, deliver)
            db.rollback()
            with clock.fixed_at(clock.now() + timedelta(minutes=10)):  # its lease is over
                with pytest.raises(OperationalError):
                    send_due(db, clock.now(), settings, deliver)
                db.rollback()
        assert len(left) == 1
        disk.empty()
        assert send_due(db, clock.now(), settings, deliver) == 1
        assert len(left) == 2
        assert all(one.sent_at and not one.last_error for one in db.scalars(select(OutboxMessage)))


def test_a_job_whose_end_could_not_be_noted_is_done_at_once_when_there_is_room(
    small_disk: Disks,
) -> None:
    disk = small_disk(16 * MB)
    done: list[int] = []
    with _place(disk, TESTING=True) as app:
        db = database.session()

        def run(db: Session, now: object) -> int:
            if not done:
                _fill_up(disk, app)
            done.append(1)
            return 1

        job, now = Job("rare", timedelta(days=1), run), clock.now()
        with pytest.raises(OperationalError):
            run_job(job, now)
        db.rollback()
        with pytest.raises(OperationalError):
            run_job(job, now + timedelta(minutes=1))
        db.rollback()
        disk.empty()
        assert run_job(job, now + timedelta(minutes=2)) == 1
        assert run_job(job, now + timedelta(minutes=3)) is None, "its turn is tomorrow"
        assert db.get_one(JobRun, "rare").leased_until is None
        # Another worker, who knows nothing of it, keeps away as before.
        db.get_one(JobRun, "rare").leased_until = now + timedelta(minutes=9)
        db.commit()
        assert run_job(job, now + timedelta(minutes=4)) is None


def test_pages_are_read_and_what_is_sent_is_told_that_there_is_no_room(
    small_disk: Disks, caplog: pytest.LogCaptureFixture
) -> None:
    disk = small_disk(16 * MB)
    with _place(disk) as app:
        app.config["RATE_LIMITS_FACTOR"] = 1
        ada = with_password(Factory(database.session()), "learner", email="ada@lieu.example")
        database.session.commit()
        _fill_up(disk, app)
        sent = {"email": ada.email, "password": "not hers"}
        for _again in range(12):
            client = app.test_client()
            for address in ("/login", "/agenda", "/verifier"):
                assert client.get(address).status_code == 200
            answer = client.post("/login", data=sent)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
            assert "Le disque du lieu est plein" in answer.text
            assert "Traceback" not in answer.text
        answer = client.post("/login", json=sent, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        # Woken in vain, the worker finds it by itself: what was written before stands.
        with caplog.at_level(logging.WARNING):
            app.extensions["tierslieu.deliver"]()
            app.extensions["tierslieu.wake"]("papers")
        assert caplog.text.count("could not be woken") == 2
        disk.empty()
        assert client.post("/login", data=sent).status_code == 422
        assert client.post("/login", data=sent | {"password": "une phrase bien longue"}).location


def test_a_monitor_is_answered_and_told_of_it_though_its_own_measures_find_no_room(
    small_disk: Disks, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = small_disk(16 * MB)
    bearing = {"Authorization": f"Bearer {MONITOR}"}
    with _place(disk, TESTING=True) as app:
        app.extensions["tierslieu.house"] = House(())  # its keys and mails are not what is asked of
        monkeypatch.setattr(health, "current_revision", lambda connection: newest_revision())
        household = Household(app.config["TIERSLIEU"], "127.0.0.1", 1)
        monkeypatch.setenv(*next(iter(household._share_measures().items())))
        database.session.commit()
        assert run_due_jobs(app) == {}  # the worker beats
        client = app.test_client()

        def read() -> str:
            answer = client.get("/metrics", headers=bearing)
            assert answer.status_code == 200, answer.text
            return answer.text

        _fill_up(disk, app)
        metrics.begin_process(app)
        shared = Path(os.environ[metrics.SHARED])
        assert list(shared.iterdir()) == [], "nothing half taken is left"
        for _again in range(3):
            told = read()
            assert "tierslieu_well 0.0" in told
            assert 'tierslieu_fault{code="disk"} 1.0' in told
            assert "tierslieu_mails_waiting 0.0" in told, "what the database knows is told as well"
        shared.rmdir()
        assert 'tierslieu_fault{code="disk"} 1.0' in read(), "opened where there was none for it"
        other = small_disk(MB)
        other.freeze()
        household = Household(replace(household.settings, instance=other.folder), "127.0.0.1", 1)
        assert household._share_measures() == {metrics.SHARED: str(other.folder / "metrics-1")}
