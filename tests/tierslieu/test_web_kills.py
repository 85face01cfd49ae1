"""Web processes killed, and a database that stops, in the middle of what people do: what was
answered stands."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.support.driving import Crowd, Ledger
from tests.support.postgresql import begin_server
from tests.support.served import ServedPlace

pytestmark = [pytest.mark.proof, pytest.mark.beside]

KILLS = 50  # of web processes, on each database
STOPS = 12


def _web_processes(place: ServedPlace) -> list[psutil.Process]:
    """Those that answer: children of the one that watches over them."""
    return [
        answering
        for one in psutil.Process(place.process.pid).children()
        if "gunicorn" in " ".join(one.cmdline())
        for answering in one.children()
    ]


@pytest.mark.both_databases
def test_web_processes_killed_at_random_lose_nothing_that_was_answered(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    more = {"TIERSLIEU_WORKERS": "2"}
    if database_kind == "postgresql":
        new: Callable[[str], str] = request.getfixturevalue("new_postgresql")
        more["TIERSLIEU_DATABASE_URL"] = new(f"web_kills_{os.getpid()}")
    place = ServedPlace(tmp_path, demo=False, **more)
    try:
        place.wait_until_open()
        crowd = Crowd(place, Ledger())
        draw, killed = random.Random(7), 0
        while killed < KILLS:
            crowd.ledger.wait_for(draw.randint(1, 4))
            if running := _web_processes(place):
                draw.choice(running).send_signal(signal.SIGKILL)
                killed += 1
        crowd.end()
    finally:
        code = place.close()
    assert code == 0, "".join(place.lines)


def test_a_postgresql_that_stops_again_and_again_loses_nothing_that_was_answered(
    tmp_path: Path,
) -> None:
    server = begin_server()
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    place = ServedPlace(tmp_path, demo=False, TIERSLIEU_DATABASE_URL=address)
    try:
        place.wait_until_open()
        crowd = Crowd(place, Ledger())
        draw = random.Random(11)
        for _stop in range(STOPS):
            crowd.ledger.wait_for(draw.randint(5, 30))
            server.stop()
            server.start()
        crowd.end()
    finally:
        place.close()
        server.cleanup()
