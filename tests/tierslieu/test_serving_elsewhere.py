"""A place on PostgreSQL, and one that is torn down: whole processes, so slow."""

from __future__ import annotations

import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.served import ServedPlace

pytestmark = [pytest.mark.proof, pytest.mark.beside]


def test_a_closed_terminal_or_a_kill_leaves_no_process_behind(tmp_path: Path) -> None:
    for number, wanted in ((signal.SIGHUP, 0), (signal.SIGKILL, -signal.SIGKILL)):
        place = ServedPlace(tmp_path, demo=False)
        try:
            place.wait_until_open()
            place.process.send_signal(number)
            assert place.process.wait(timeout=40) == wanted
            assert place.is_all_gone(), f"signal {number} leaves processes behind"
        finally:
            place.close()


def test_a_place_opens_on_postgresql_too(
    tmp_path: Path, new_postgresql: Callable[[str], str]
) -> None:
    url = new_postgresql("served").replace("postgresql+psycopg://", "postgresql://")
    place = ServedPlace(tmp_path, TIERSLIEU_DATABASE_URL=url)
    try:
        place.wait_until_open()
        with urllib.request.urlopen(place.url + "/agenda") as answer:
            assert answer.status == 200
    finally:
        assert place.close() == 0, "".join(place.lines)
    assert not (tmp_path / "tierslieu.sqlite").exists()
