"""Programs that race for seats through the API: each process is a whole place of its own.

As when several workers of one place answer at once: every process has its own application and its
own connections, and shares nothing with the others but the database.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from tests.support.forking import START
from tests.support.tokens import bearing
from tierslieu.settings import Settings


@dataclass(frozen=True)
class ApiRace:
    """``secrets``: one key a person, dealt out to ``processes``. ``rounds`` 0: each books once;
    else each does that many things, drawn by ``seed``, to what they hold."""

    settings: Settings
    session_id: UUID
    secrets: list[str]
    now: datetime
    processes: int
    rounds: int = 0
    seed: int = 0


@dataclass
class ApiOutcome:
    """Every answer, counted: ``POST 201 waiting``, ``DELETE 409 closed``…"""

    answers: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def count(self, ending: str) -> int:
        """How many answers end so."""
        return sum(count for said, count in self.answers.items() if said.endswith(ending))


def run(race: ApiRace, watch: Callable[[], None]) -> ApiOutcome:
    """Run a race to its end; ``watch`` is called again and again while it lasts."""
    barrier, queue = START.Barrier(race.processes + 1), START.SimpleQueue()
    shares = [race.secrets[n :: race.processes] for n in range(race.processes)]
    runners = [
        START.Process(target=_runner, args=(race, n, share, barrier, queue), daemon=True)
        for n, share in enumerate(shares)
    ]
    for runner in runners:
        runner.start()
    barrier.wait(timeout=180)
    outcome = ApiOutcome()
    left = race.processes
    while left:
        watch()
        while left and not queue.empty():
            answers, errors = queue.get()
            outcome.answers.update(answers)
            outcome.errors += errors
            left -= 1
        assert left == 0 or any(runner.is_alive() for runner in runners), "a process died"
    for runner in runners:
        runner.join(timeout=30)
    return outcome


def _runner(race: ApiRace, number: int, secrets: list[str], barrier: Any, queue: Any) -> None:
    from tierslieu import clock
    from tierslieu.app import create_app
    from tierslieu.db import db

    answers: Counter[str] = Counter()
    errors: list[str] = []
    # Not TESTING: what fails answers 500, as to a program outside.
    app = create_app(race.settings, SERVER_NAME="localhost")
    client = app.test_client()
    draw = random.Random(race.seed * 1000 + number)
    with clock.fixed_at(race.now):
        client.get("/api/v1/openapi.json")  # warm before the start
        barrier.wait(timeout=180)
        for _round in range(race.rounds or 1):
            for secret in secrets:
                try:
                    said = _act(client, race, bearing(secret), draw)
                    answers[said] += 1
                except Exception as error:
                    errors.append(f"{type(error).__name__}: {error}"[:300])
    with app.app_context():
        db.engine.dispose()
    queue.put((answers, errors))


def _act(client: FlaskClient, race: ApiRace, key: dict[str, str], draw: random.Random) -> str:
    book = f"/api/v1/sessions/{race.session_id}/bookings"
    if not race.rounds:
        return _said("POST", client.post(book, json={"mode": "onsite"}, headers=key))
    mode = draw.choice(["onsite", "online"])
    held = client.get("/api/v1/bookings", headers=key).get_json()["items"]
    if not held:
        return _said("POST", client.post(book, json={"mode": mode}, headers=key))
    mine = f"/api/v1/bookings/{held[0]['id']}"
    if held[0]["status"] == "offered" and draw.random() < 0.7:
        return _said("acceptance", client.post(f"{mine}/acceptance", headers=key))
    if draw.random() < 0.5:
        return _said("mode", client.post(f"{mine}/mode", json={"mode": mode}, headers=key))
    return _said("DELETE", client.delete(mine, headers=key))


def _said(what: str, answer: Any) -> str:
    told = answer.get_json()
    return f"{what} {answer.status_code} {told.get('code') or told['status']}"
