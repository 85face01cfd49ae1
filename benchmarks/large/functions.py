"""What the rows of a grown place are made of, the same on both databases: chance from a seed,
identifiers, instants. PostgreSQL is given them in SQL, SQLite in Python."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Connection, text

from tierslieu.surveys.pseudonyms import sheet_key

NAMES = ("bench_md5", "bench_rnd", "bench_id", "bench_text", "bench_ago", "bench_sheet")


def install(connection: Connection, seed: int, midnight: datetime, key: bytes) -> None:
    """Make the functions known to this connection.

    - ``bench_rnd(tag, n, m)``: a whole number under ``m``, evenly spread;
    - ``bench_id(tag, n)``: an identifier; ``bench_text(id)``: it with hyphens;
    - ``bench_ago(seconds)``: an instant so long before ``midnight`` (aware, UTC);
    - ``bench_sheet(invitation)``: what finds its answers again, by the study's ``key``.
    """
    if connection.dialect.name == "postgresql":
        for line in _words(seed, midnight, key):
            connection.execute(text(line.replace(":", "\\:")))
        return
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)

    def md5(tag: str, n: int) -> str:
        return hashlib.md5(f"{seed}:{tag}:{n}".encode()).hexdigest()

    def ago(seconds: int) -> str:
        return f"{midnight - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}.000000"

    def hyphens(digits: str) -> str:
        cuts = (0, 8, 12, 16, 20, 32)
        return "-".join(digits[a:b] for a, b in pairwise(cuts))

    def identify(tag: str, n: int) -> str:
        found = md5(tag, n)
        return f"{found[:12]}4{found[13:16]}8{found[17:]}"

    def sheet(invitation: str) -> str:
        return sheet_key(key, UUID(invitation))

    for name, count, made in (
        ("bench_rnd", 3, lambda tag, n, m: int(md5(tag, n)[:8], 16) % m),
        ("bench_id", 2, identify),
        ("bench_text", 1, hyphens),
        ("bench_ago", 1, ago),
        ("bench_sheet", 1, sheet),
    ):
        raw.create_function(name, count, made, deterministic=True)


def _words(seed: int, midnight: datetime, key: bytes) -> list[str]:
    block = key.ljust(64, b"\0")
    inner, outer = (bytes(b ^ pad for b in block).hex() for pad in (0x36, 0x5C))
    how = "LANGUAGE sql IMMUTABLE PARALLEL SAFE AS"
    md5 = f"md5('{seed}:' || tag || ':' || n)"
    return [
        f"CREATE OR REPLACE FUNCTION bench_rnd(tag text, n bigint, m bigint) RETURNS bigint {how} "
        f"$$ SELECT ('x' || substr({md5}, 1, 8))::bit(32)::bigint % m $$",
        f"CREATE OR REPLACE FUNCTION bench_id(tag text, n bigint) RETURNS uuid {how} "
        f"$$ SELECT overlay(overlay({md5} placing '4' from 13) placing '8' from 17)::uuid $$",
        f"CREATE OR REPLACE FUNCTION bench_text(id uuid) RETURNS text {how} $$ SELECT id::text $$",
        f"CREATE OR REPLACE FUNCTION bench_ago(s bigint) RETURNS timestamptz {how} "
        f"$$ SELECT '{midnight:%Y-%m-%d %H:%M:%S}+00'::timestamptz - s * interval '1 second' $$",
        f"CREATE OR REPLACE FUNCTION bench_sheet(id uuid) RETURNS text {how} $$ SELECT encode("
        f"sha256('\\x{outer}'::bytea || sha256('\\x{inner}'::bytea || "
        "convert_to('sheet|' || id::text, 'UTF8'))), 'hex') $$",
    ]


def remove(connection: Connection) -> None:
    """Take them out of the database again."""
    if connection.dialect.name == "postgresql":
        for name in NAMES:
            connection.execute(text(f"DROP FUNCTION IF EXISTS {name}"))
