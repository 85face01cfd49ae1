"""The place grown for measuring: as many rows as asked, the same at each run, and pages open."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, text

from benchmarks.large import measuring
from benchmarks.large.functions import install, remove
from benchmarks.large.making import Size
from benchmarks.large.measuring import find_addresses
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.surveys.pseudonyms import sheet_key

MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
KEY = bytes(range(32))
ASK = (
    "SELECT bench_rnd('x', n, 1000), bench_text(bench_id('x', n)), "
    "bench_sheet(bench_id('x', n)), CAST(bench_ago(n * 3600) AS {kind}) "
    "FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) x ORDER BY n"
)


def made(connection: Connection, seed: int, kind: str) -> list[tuple[int, UUID, str, str]]:
    install(connection, seed, MIDNIGHT, KEY)
    rows = connection.execute(text(ASK.format(kind=kind))).all()
    remove(connection)
    return [(int(n), UUID(one), sheet, str(at)[:19]) for n, one, sheet, at in rows]


def test_a_share_of_a_place_is_a_share_of_everything_in_it() -> None:
    assert vars(Size().times(0.01)) == {
        "people": 2_000,
        "sessions": 200,
        "bookings": 20_000,
        "awards": 5_000,
        "answers": 100_000,
    }


def test_one_seed_gives_one_place_and_another_gives_another() -> None:
    with create_engine("sqlite://").connect() as connection:
        first = made(connection, 7, "text")
        assert made(connection, 7, "text") == first
        assert made(connection, 8, "text") != first
    for _n, identifier, sheet, _at in first:
        assert identifier.version == 4
        assert sheet == sheet_key(KEY, identifier)  # as the product finds answers again
    assert [at for *_rest, at in first] == [
        "2026-11-28 00:00:00",
        "2026-11-27 23:00:00",
        "2026-11-27 22:00:00",
    ]


def test_both_databases_make_the_same_of_a_seed(new_postgresql: object) -> None:
    with create_engine("sqlite://").connect() as connection:
        here = made(connection, 7, "text")
    assert callable(new_postgresql)
    engine = create_engine(new_postgresql("functions"))
    with engine.connect() as connection:
        connection.execute(text("SET timezone = 'UTC'"))
        there = made(connection, 7, "text")
        assert not connection.execute(
            text("SELECT proname FROM pg_proc WHERE proname LIKE 'bench%'")
        ).all()
    engine.dispose()
    assert there == here


def test_pages_asked_for_alone_are_walked_to_only_where_a_star_stands_for_something(
    client: LookingClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(make.user("coordinator"))
    walked = {"/": "/", "/chiffres": "/chiffres", "/etudes/*": "/etudes/42"}
    monkeypatch.setattr(measuring, "addresses", lambda _client: walked)
    assert find_addresses(client, []) == walked
    assert find_addresses(client, ["/et*", "/"]) == {"/": "/", "/etudes/*": "/etudes/42"}
    # Of somebody who may not open it, a page is left out.
    assert find_addresses(client, ["/chiffres", "/a-traiter"]) == {"/chiffres": "/chiffres"}
