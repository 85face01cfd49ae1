"""Schemathesis calls every call of the API for ten minutes, by its description, with real ids."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import requests

from badges.awards.api import AT_ONCE
from tests.support.served import ROOT, ServedPlace
from tierslieu.people.models import ROLES
from tierslieu.tokens.scopes import SCOPES

pytestmark = [pytest.mark.proof, pytest.mark.beside]

SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "600"))
OWNER = "programme@example.org"


# What a schema cannot say is refused in words: a cursor that leads nowhere, a period that ends
# before it begins, a credential without its contexts; the description names every such status all
# the same. Real bookings are seldom given back, so that there is something to change.
CHECKS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "400", "403", "404", "409", "414", "422"]
negative_data_rejection.expected-statuses = [
"400", "401", "403", "404", "405", "409", "413", "414", "415", "422"]
[[operations]]
include-name = "DELETE /api/v1/bookings/{booking_id}"
parameters = { "path.booking_id" = { dictionary = "booking_id", probability = 0.02 } }
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[ServedPlace]:
    """A demonstration place, whose background jobs run too."""
    folder = tmp_path / "place"
    folder.mkdir()
    served = ServedPlace(folder, TIERSLIEU_WORKERS="2")
    try:
        served.wait_until_open()
        yield served
    finally:
        served.close()


def command(place: ServedPlace, *words: str) -> str:
    """What ``tierslieu …`` prints at that place."""
    done = subprocess.run(
        [sys.executable, "-m", "tierslieu.cli", *words],
        env={
            **os.environ,
            "TIERSLIEU_INSTANCE": str(place.instance),
            "TIERSLIEU_DEMO": "1",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=True,
        input="un-mot-de-passe-d-essai",
    )
    return done.stdout.strip()


def ids(place: ServedPlace, statement: str) -> list[str]:
    """The first column of what the place's database answers, identifiers as addresses show them."""
    database = sqlite3.connect(f"file:{place.instance / 'tierslieu.sqlite'}?mode=ro", uri=True)
    try:
        rows = [str(row[0]) for row in database.execute(statement)]
    finally:
        database.close()
    return [str(UUID(row)) if len(row) == 32 else row for row in rows]


def bound(name: str, probability: float) -> str:
    """That this parameter is a real one as often as that."""
    return f'"path.{name}" = {{ dictionary = "{name}", probability = {probability} }}'


def test_schemathesis_finds_nothing_in_ten_minutes(place: ServedPlace, tmp_path: Path) -> None:
    command(
        place, "user", "create", OWNER, "--name", "Programme", "--password-stdin",
        *(word for role in ROLES for word in ("--role", role)),
    )  # fmt: skip
    key = command(
        place, "user", "token", OWNER, *(word for scope in SCOPES for word in ("--scope", scope))
    )
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {key}"
    v1 = f"{place.url}/api/v1"
    to_come = [one["id"] for one in api.get(f"{v1}/sessions", timeout=30).json()["items"]]
    bookings = []
    for session_id in to_come[:4]:
        where = f"{v1}/sessions/{session_id}/bookings"
        told = api.post(where, json={"mode": "onsite"}, timeout=30).json()
        bookings += [told["id"]] if "id" in told else []
    badges = [one["slug"] for one in api.get(f"{v1}/badges", timeout=30).json()["items"]]
    paths = [one["slug"] for one in api.get(f"{v1}/paths", timeout=30).json()["items"]]
    begun = [api.post(f"{v1}/enrolments", json={"path": slug}, timeout=30) for slug in paths[:3]]
    many = {"recipients": [f"personne{n}@example.org" for n in range(AT_ONCE + 1)]}
    batch = api.post(f"{v1}/badges/{badges[0]}/awards", json=many, timeout=30).json()
    study = api.get(f"{v1}/studies", timeout=30).json()["items"][0]["id"]
    export = api.post(f"{v1}/studies/{study}/exports", timeout=30).json()["id"]
    api.close()
    real = {
        "session_id": [*to_come[:4], *ids(place, "SELECT id FROM learning_session LIMIT 4")],
        "booking_id": bookings,
        "slug": [*badges, *paths],
        "enrolment_id": [one.json()["id"] for one in begun],
        "award_id": ids(place, "SELECT id FROM award ORDER BY id LIMIT 4"),
        "batch_id": [batch["id"]],
        "study_id": [study],
        "export_id": [export],
    }
    assert all(real.values()), real
    lines = []
    for name, values in real.items():
        listed = ", ".join(f'"{value}"' for value in values)
        lines += [f"[dictionaries.{name}]", f"values = [{listed}]"]
    lines += ["[parameters]", *(bound(name, 0.8) for name in real)]
    settings = tmp_path / "schemathesis.toml"
    settings.write_text("\n".join(lines) + CHECKS)
    # One worker: two that describe their functions at once meet a fault of CPython 3.11's own
    # («AST constructor recursion depth mismatch»), which ends a phase.
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings),
            "run", f"{place.url}/api/v1/openapi.json",
            "--max-time", str(SECONDS), "--workers", "1", "--no-color", "--continue-on-failure",
            "--generation-database", "none",
            "--header", f"Authorization: Bearer {key}",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
