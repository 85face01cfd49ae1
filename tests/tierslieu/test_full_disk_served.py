"""A served place on a disk that fills again and again, while programs book, mails leave and pages
are read: what was answered stands, nothing is an error of ours, no process has to begin anew."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from tests.support import driving
from tests.support.driving import Crowd, Ledger
from tests.support.served import ServedPlace, environment_of, free_port
from tests.support.small_disks import SmallDisk
from tierslieu import clock
from tierslieu.mail.models import OutboxMessage

pytestmark = [pytest.mark.proof, pytest.mark.beside]

MB = 1024 * 1024
FILLED = 6  # times
PATIENCE = 60.0  # seconds
MONITOR = "moniteur-du-lieu-" * 2


@dataclass
class Box:
    """A mail server that counts what it was sent, by its number."""

    came: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        head = envelope.content.decode(errors="replace").partition("\r\n\r\n")[0]
        number = next(one for one in head.split("\r\n") if one.lower().startswith("message-id:"))
        self.came[number] += 1
        return "250 OK"


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def _processes(place: ServedPlace) -> set[int]:
    return {one.pid for one in psutil.Process(place.process.pid).children(recursive=True)}


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "worker" in process.cmdline()
    except psutil.Error:  # it is gone, or was killed and is not reaped yet
        return False


def _await(found: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def test_a_disk_that_fills_again_and_again_loses_nothing_that_was_answered(
    small_disk: Callable[[int], SmallDisk], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, box, told = small_disk(200 * MB), Box(), Counter[int]()
    ask = driving.ask

    def heard(*asked: Any) -> tuple[int, str]:
        status, said = ask(*asked)
        told[status] += 1
        return status, said

    monkeypatch.setattr(driving, "ask", heard)
    post = Controller(box, hostname="127.0.0.1", port=free_port())
    post.start()
    place = ServedPlace(
        disk.folder,
        demo=False,
        TIERSLIEU_WORKERS="2",
        TIERSLIEU_SMTP_URL=f"smtp://127.0.0.1:{post.port}",
        TIERSLIEU_CONTACT="equipe@lieu.example",
        TIERSLIEU_METRICS_TOKEN=MONITOR,
    )
    try:
        place.wait_until_open()
        crowd, draw, before = Crowd(place, Ledger()), random.Random(5), _processes(place)
        for _time in range(FILLED):
            crowd.ledger.wait_for(draw.randint(3, 20))
            full = told[503]
            if draw.random() < 0.7:  # else what its log holds ready is written to first
                with closing(sqlite3.connect(disk.folder / "tierslieu.sqlite")) as raw:
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            disk.fill(draw.choice([0, 0, 20_000, 100_000]))
            _await(lambda full=full: told[503] > full + 3, "the disk is not full")  # type: ignore[misc]
            assert [_status(place.url + page) for page in ("/agenda", "/login")] == [200, 200]
            disk.empty()
        crowd.end()
        assert _processes(place) == before, "a process had to begin anew"
        assert set(told) <= {200, 201, 409, 429, 503}

        def all_left() -> bool:  # but those that by night wait for the morning
            with crowd.within() as db:
                waiting = select(OutboxMessage.id).where(OutboxMessage.sent_at.is_(None))
                due = waiting.where(OutboxMessage.next_try_at <= clock.now())
                return db.scalar(due.limit(1)) is None

        _await(all_left, "mails wait still")
        assert set(box.came.values()) == {1}, "a mail left twice"
        log = (disk.folder / "tierslieu.sqlite-wal").stat().st_size
        assert log < 32 * MB, "the log of SQLite grows and grows"
    finally:
        code = place.close()
        post.stop()
    said = "".join(place.lines)
    assert code == 0, said
    assert "Traceback" not in said
    assert not [line for line in place.lines if "@" in line.replace("request_id", "")]


def test_a_place_whose_disk_is_full_opens_says_so_and_is_not_closed_by_its_full_log(
    small_disk: Callable[[int], SmallDisk], tmp_path: Path
) -> None:
    disk, port = small_disk(60 * MB), free_port()
    place, logs = tmp_path / "place", small_disk(MB)
    place.mkdir()
    environment = environment_of(disk.folder, TIERSLIEU_DEMO="0", TIERSLIEU_WORKERS="1")
    ours = [sys.executable, "-m", "tierslieu.cli", "serve", "--port", str(port)]
    log = logs.folder / "log"
    with log.open("wb") as file:
        served = subprocess.Popen(ours, env=environment, stdout=file, stderr=file, cwd=place)
        try:
            url = f"http://127.0.0.1:{port}/agenda"

            def answers() -> bool:
                try:
                    return _status(url) == 200
                except OSError:
                    return False

            _await(lambda: "Ctrl-C closes it" in log.read_text(), "it does not open")
            assert "take care: the disk is full" in log.read_text()
            logs.fill()
            for child in psutil.Process(served.pid).children():
                if _is_worker(child):
                    child.kill()
            for _time in range(20):
                assert answers()
            _await(
                lambda: any(_is_worker(one) for one in psutil.Process(served.pid).children()),
                "the worker is not started again",
            )
            assert served.poll() is None
        finally:
            served.terminate()
            served.wait(40)
