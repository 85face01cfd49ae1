"""Places that the code of an earlier version filled (``tests/data/places``), on either database."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from tests.support.backups import app_of, within
from tierslieu.backup.rows import read_rows, read_tables, set_sequences, write_rows
from tierslieu.db import db as database
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings

PLACES = Path(__file__).parents[1] / "data" / "places"


def unpack_whole(revision: str, folder: Path) -> None:
    """Put the data folder of that place there, its SQLite database inside."""
    with tarfile.open(PLACES / f"{revision}.tar.xz") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4
        archive.extractall(folder)


def unpack(revision: str, settings: Settings) -> Settings:
    """Put the place of that revision there; into PostgreSQL if these settings say so."""
    unpack_whole(revision, settings.instance)
    if not settings.database_url.startswith("sqlite"):
        file = settings.instance / "tierslieu.sqlite"
        _carry(sa.create_engine(f"sqlite:///{file}"), revision, settings)
        file.unlink()
    return settings


def _carry(source: sa.Engine, revision: str, settings: Settings) -> None:
    with within(app_of(settings)):
        upgrade(directory=str(MIGRATIONS), revision=revision)
        with source.connect() as theirs, database.engine.begin() as ours:
            names = set(sa.inspect(theirs).get_table_names()) - {"alembic_version"}
            tables = {table.name: table for table in read_tables(ours, names)}
            for table in read_tables(theirs, names):
                rows = (json.loads(line) for line in read_rows(theirs, table))
                write_rows(ours, tables[table.name], rows)
            set_sequences(ours, tables.values())
    source.dispose()
