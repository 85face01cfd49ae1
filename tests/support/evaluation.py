"""A study with enough people in it, and what is read in its package."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.surveys import answer, make_invitation, make_study, settings
from tierslieu.evaluation.kept.rules import ask_package, record_built, store_package
from tierslieu.evaluation.models import ResearchPackage
from tierslieu.evaluation.package import Package
from tierslieu.house import Column, House, ResearchTable
from tierslieu.people.models import AgeBand, ConsentKind, Gender, User
from tierslieu.people.rules import give_consent
from tierslieu.surveys.models import Study

T0 = datetime(2026, 9, 14, 10, 17, 43, tzinfo=UTC)
TOWNS = ("Vallauris", "Draguignan", "Antananarivo")


def make_participants(make: Factory, count: int = 12, *, consenting: bool = True) -> list[User]:
    """People of every gender and age, each with a name, a town and a day 0 of their own."""
    people = []
    for index in range(count):
        user = make.user(
            name=f"Zoé Delacroix{index}",
            confirmed_at=T0 + timedelta(days=index, minutes=index),
            profile={
                "town": TOWNS[index % len(TOWNS)],
                "gender": (Gender.WOMAN, Gender.MAN)[index % 2],
                "age_band": list(AgeBand)[index % 5],
            },
        )
        if consenting:
            give_consent(make.db, user.id, ConsentKind.RESEARCH, now=T0 + timedelta(days=index))
        people.append(user)
    make.db.commit()
    return people


def make_answered_study(db: Session, make: Factory, count: int = 12) -> tuple[Study, list[User]]:
    """A study where ``count`` people consented and answered after a session, 1 to 5 in turn."""
    study = make_study(db)
    people = make_participants(make, count)
    for index, user in enumerate(people):
        now = T0 + timedelta(days=40, hours=index)
        answer(db, make_invitation(db, user, now=now), value=str(index % 5 + 1), now=now)
    return study, people


def house_with(rows: Iterable[tuple[UUID, datetime, Sequence[Any]]], *columns: Column) -> House:
    """A house where one feature offers one research table, «visits»."""
    kept = list(rows)
    table = ResearchTable("visits", "Visites", columns, lambda db, ids: kept)
    return House((table,))


def read_zip(package: Package) -> dict[str, bytes]:
    """The files of a package by their path inside its folder."""
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def as_text(file: tuple[str, bytes]) -> str:
    """Every word of a file: read out of Parquet, byte by byte of SPSS and Stata."""
    path, data = file
    if path.endswith(".parquet"):
        table = pq.read_table(io.BytesIO(data))
        return f"{table.schema.to_string(show_schema_metadata=True)} {table.to_pylist()}"
    if path.endswith((".sav", ".dta")):
        return data.decode("utf-8", "replace") + data.decode("utf-16-le", "replace")
    return data.decode()


def read_rows(files: dict[str, bytes], table: str) -> list[dict[str, str]]:
    """The rows of one table."""
    return list(csv.DictReader(io.StringIO(files[f"data/{table}.csv"].decode())))


def unpack(package: Package, folder: Path) -> Path:
    """Write a package out; gives its folder."""
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        archive.extractall(folder)
    return folder / package.name


def keep(db: Session, study: Study, package: Package, now: datetime) -> ResearchPackage:
    """This package is kept as the worker would keep it."""
    asked = ask_package(db, study.id, user_id=None, now=now)
    store_package(settings().packages, package)
    record_built(db, asked.id, package, now=now)
    db.commit()
    return asked
