"""A database that may be read alone says so on PostgreSQL in a class of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, InternalError

from tierslieu import clock
from tierslieu.db import db as database
from tierslieu.limits import rules
from tierslieu.limits.kinds import API_TOKEN, SIGN_IN_ACCOUNT


def failing_with(cause: Exception) -> object:
    @contextmanager
    def apart(_engine: object) -> Iterator[None]:
        raise InternalError("", {}, cause)
        yield

    return apart


def test_what_guesses_nothing_goes_on_and_what_may_guess_is_let_through_by_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = psycopg.errors.ReadOnlySqlTransaction()
    monkeypatch.setattr(rules, "apart", failing_with(alone))
    with app.app_context():
        engine = database.engine
        assert rules.spend(engine, [(API_TOKEN, "a")], now=clock.now()) == 0
        with pytest.raises(DBAPIError):
            rules.spend(engine, [(SIGN_IN_ACCOUNT, "a")], now=clock.now())


def test_another_fault_of_the_database_is_not_taken_for_a_full_disk(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "apart", failing_with(psycopg.errors.InternalError_()))
    with app.app_context(), pytest.raises(DBAPIError):
        rules.spend(database.engine, [(API_TOKEN, "a")], now=clock.now())
