"""A database that is away is said to be away: nothing is wrong with what was asked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError, PendingRollbackError

from tierslieu.app import create_app
from tierslieu.db import LOST_IN_MIDST, db, is_passing
from tierslieu.settings import Settings


@pytest.fixture
def away(tmp_path: Path) -> Flask:
    """A place whose database cannot be opened."""
    settings = Settings(
        instance=tmp_path,
        database_url="sqlite:////nowhere/geheim.sqlite",
        base_url="http://localhost",
        secret_key="only-for-tests" * 4,
    )
    return create_app(settings)


def test_a_program_is_told_that_the_place_is_unavailable_and_when_to_come_back(
    away: Flask,
) -> None:
    for address in ("/status/1", "/agenda"):
        answer = away.test_client().get(address, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert "geheim" not in answer.text


def test_a_person_is_told_so_in_words_even_where_the_page_itself_needs_the_database(
    away: Flask,
) -> None:
    for address in ("/agenda", "/parcours"):
        answer = away.test_client().get(address)
        assert answer.status_code == 503, address
        assert int(answer.headers["Retry-After"]) > 0
        assert "éessayez dans quelques" in answer.text
        assert "geheim" not in answer.text
        assert "Traceback" not in answer.text


def test_a_database_that_goes_away_while_we_excuse_ourselves_is_away_as_well(
    away: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go, times = db.session.rollback, []

    def still_going() -> None:
        times.append(1)
        if len(times) == 1:
            raise OperationalError("ROLLBACK", {}, sqlite3.OperationalError("disk I/O error"))
        let_go()

    monkeypatch.setattr(db.session, "rollback", still_going)
    answer = away.test_client().get("/agenda", headers={"Accept": "application/json"})
    assert len(times) > 1
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_connection_that_went_with_its_transaction_is_a_database_away() -> None:
    assert is_passing(PendingRollbackError("it went", code=LOST_IN_MIDST))
    assert is_passing(psycopg.OperationalError("it is closed"))
    assert not is_passing(PendingRollbackError("what we flushed was wrong", code="7s2a"))
