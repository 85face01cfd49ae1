"""A database that is away is said to be away: nothing is wrong with what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tierslieu.app import create_app
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
