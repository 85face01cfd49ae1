"""Every job of the house killed at random moments, and the place as if nobody had died."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from flask import Flask

from tests.support.served import ROOT
from tierslieu.house import House, Job

pytestmark = [pytest.mark.proof, pytest.mark.beside]

KILLS = 200


def test_every_job_killed_at_random_leaves_nothing_lost_and_nothing_twice(app: Flask) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.faults", "--kills", str(KILLS)],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    house: House = app.extensions["tierslieu.house"]
    assert {one["job"] for one in told} == {job.name for job in house.all(Job)}
    assert not [one for one in told if not one["whole"]]
    assert not [one["job"] for one in told if not one["kills"]]
    assert sum(one["kills"] for one in told) >= KILLS
