"""Counting how often: slides, holds across processes, keeps no address."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.served import ROOT
from tierslieu.db import APART_TIMEOUT_MS, lock_for_writing
from tierslieu.db import db as database
from tierslieu.limits.kinds import Limit
from tierslieu.limits.models import RateCount
from tierslieu.limits.rules import Names, give_back, spend, sweep

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
THREE = Limit("three", 3, timedelta(minutes=3))
OTHER = Limit("other", 1, timedelta(minutes=1))

# What another process does: counts 40 goes and says how many it was let.
ANOTHER = """
import sys
from datetime import datetime, timedelta
from sqlalchemy import create_engine
from tierslieu.limits.kinds import Limit
from tierslieu.limits.rules import spend
engine = create_engine(sys.argv[1])
now = datetime.fromisoformat(sys.argv[2])
sys.stdin.readline()
many = Limit("many", 50, timedelta(hours=1))
print(sum(not spend(engine, [(many, "somebody")], now=now) for _ in range(40)))
"""


@pytest.mark.both_databases
def test_so_many_at_once_then_one_each_time_its_share_has_passed(db: Session) -> None:
    def go(seconds: float) -> int:
        at = NOW + timedelta(seconds=seconds)
        return spend(database.engine, [(THREE, "a")], now=at)

    assert [go(0), go(0), go(1)] == [0, 0, 0]
    assert go(2) == 58  # the first share of a minute ends then
    assert go(59) == 1
    assert go(60) == 0
    assert go(60) == 60
    assert [go(500), go(500), go(500)] == [0, 0, 0], "a pause gives all of it back, and no more"
    assert go(500) == 60


@pytest.mark.both_databases
def test_each_asker_counts_alone_and_one_over_its_limit_counts_nothing(db: Session) -> None:
    engine = database.engine
    assert spend(engine, [(OTHER, "b")], now=NOW) == 0
    for _again in range(5):
        assert spend(engine, [(THREE, "a"), (OTHER, "b")], now=NOW) == 60
    assert [spend(engine, [(THREE, "a")], now=NOW) for _again in range(3)] == [0, 0, 0]


@pytest.mark.both_databases
def test_what_turned_out_well_is_given_back_and_a_job_sweeps_the_rest(db: Session) -> None:
    for _again in range(10):
        assert spend(database.engine, [(THREE, "a")], now=NOW) == 0
        give_back(db, (THREE, "a"))
        db.commit()
    spend(database.engine, [(OTHER, "b")], now=NOW + timedelta(hours=1))
    assert sweep(db, NOW + timedelta(hours=1)) == 1
    assert [row.split(":")[0] for row in db.scalars(select(RateCount.name))] == ["other"]


@pytest.mark.both_databases
def test_two_processes_on_one_database_count_together(app: Flask, db: Session) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    ran = [
        subprocess.Popen(
            [sys.executable, "-c", ANOTHER, url, NOW.isoformat()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _process in range(2)
    ]
    for process in ran:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    let = [int(process.communicate(timeout=60)[0]) for process in ran]
    assert sum(let) == 50


def test_a_database_that_is_busy_lets_a_request_go_on_after_a_second(
    db: Session, caplog: pytest.LogCaptureFixture
) -> None:
    lock_for_writing(db)  # somebody writes, and takes their time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tierslieu.db.APART_TIMEOUT_MS", 20)
        assert spend(database.engine, [(OTHER, "a")], now=NOW) == 0
    assert "could not be counted" in caplog.text
    assert APART_TIMEOUT_MS <= 1000
    db.rollback()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_no_name_tells_whose_it_is() -> None:
    names, others = Names("secret"), Names("another")
    ada = names.of_account("ada@example.org")
    assert ada == names.of_account(" Ada@example.org")
    assert "ada" not in ada
    assert ada != others.of_account("ada@example.org")
    here = names.of_client("192.0.2.7", NOW)
    assert here != names.of_client("192.0.2.7", NOW + timedelta(days=1))
    assert here != names.of_client("192.0.2.8", NOW)


def test_an_address_of_ipv4_is_the_same_asker_as_a_socket_of_both_families_says_it() -> None:
    names = Names("secret")
    here = names.of_client("192.0.2.7", NOW)
    assert here == names.of_client("::ffff:192.0.2.7", NOW)
    assert here != names.of_client("::ffff:192.0.2.8", NOW)


def test_a_household_of_ipv6_is_one_asker_and_nonsense_is_one_too() -> None:
    names = Names("secret")
    one, two, three = (
        names.of_client(a, NOW) for a in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:9::")
    )
    assert one == two
    assert one != three
    assert names.of_client("unix:", NOW) == names.of_client("unix:", NOW)
