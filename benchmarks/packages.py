"""A study's package of 1,000,000 answers of 20,000 people, beside a bare CSV dump of the same rows.

One wave whose questionnaire has 50 coded variables, answered whole by everybody; the package is
built by the product's own path (``prepare_package``), the dump is a plain cursor over the answers
joined to their sheet, wave and questionnaire, into ``csv.writer``. Each in a fresh process: seconds
by the clock and of the processor (they mean the same on a machine that does other things
meanwhile), and the most memory the process ever held (``getrusage``). The parts are those of the
package, in seconds of the processor, timed where they are called.

    python -m benchmarks.packages [--people 20000] [--database sqlite] [--json]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from benchmarks.booking_place import Database
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.base import Base, new_id
from tierslieu.db import db, set_wal
from tierslieu.evaluation import package, rules, validation
from tierslieu.evaluation.tables import Table
from tierslieu.people.models import AgeBand, Audience, Consent, ConsentKind, Gender, Profile, User
from tierslieu.settings import Settings
from tierslieu.surveys.instruments.reading import content_hash
from tierslieu.surveys.models import Answer, Instrument, Invitation, ResponseSheet, Study, Wave
from tierslieu.surveys.pseudonyms import make_key, read_key, sheet_key

SLICE = 500  # people written at once
SLUG, DRAWN = "tiers-lieu", 20261127
GRID, CHOICES, NUMBERS, SLIDERS = 40, 5, 3, 2  # 50 variables
#: What is timed inside a build: where it is called, and what it is called here.
PARTS = (
    (rules, "gather_contents", "read and lay out"),
    (Table, "write_csv", "write the CSV"),
    (package, "write_labelled", "write .sav, .dta, Parquet"),
    (validation, "_tables", "frictionless"),
    (validation, "differences", "read these three back"),
    (package, "_zip", "zip"),
)
DUMP = """
SELECT answer.sheet_id, wave.slug, instrument.slug, instrument.version, answer.item, answer.value,
       response_sheet.language
FROM answer
JOIN response_sheet ON response_sheet.id = answer.sheet_id
JOIN wave ON wave.id = response_sheet.wave_id
JOIN instrument ON instrument.id = response_sheet.instrument_id
WHERE response_sheet.is_submitted
ORDER BY answer.sheet_id, answer.item
"""


def questionnaire() -> dict[str, Any]:
    """A grid of 40 lines with its score, choices that open a page, numbers and sliders."""
    points = [{"value": n, "label": f"Point {n} sur cinq"} for n in range(1, 6)]
    rows = [{"name": f"r{n}", "text": f"Affirmation numéro {n}."} for n in range(1, GRID + 1)]
    said = {"text": "Qu’en dites-vous ?", "required": True}
    grid = {"name": "g", "kind": "grid", "label": "Accord", "options": points, "rows": rows, **said}
    choices = [
        {"name": f"c{n}", "kind": "choice", "label": f"Choix {n}", "options": points[:3], **said}
        for n in range(1, CHOICES + 1)
    ]
    numbers = [
        {"name": f"h{n}", "kind": "number", "label": f"Heures {n}", "maximum": 40, "decimals": 1,
         **said}
        for n in range(1, NUMBERS + 1)
    ]  # fmt: skip
    sliders = [
        {"name": f"s{n}", "kind": "slider", "label": f"Confiance {n}", "maximum": 100,
         "ends": ["pas du tout", "tout à fait"], **said}
        for n in range(1, SLIDERS + 1)
    ]  # fmt: skip
    scale = {
        "name": "accord",
        "label": "Accord moyen",
        "items": [f"g_{one['name']}" for one in rows],
    }
    return {
        "slug": "mesure", "version": 1, "title": "Mesure", "minutes": 9, "languages": ["fr"],
        "licence": "CC0", "source": "",
        "pages": [
            {"title": "Accord", "items": [grid]},
            {"title": "Choix", "items": choices},
            {"title": "Nombres", "items": [*numbers, *sliders],
             "when": {"item": "c1", "at_least": 1}},
        ],
        "scales": [scale],
    }  # fmt: skip


def answers_of(drawn: random.Random) -> list[tuple[str, str]]:
    """What one person answers: 50 variables, each with a value."""
    said = [(f"g_r{n}", drawn.choice("12345")) for n in range(1, GRID + 1)]
    said += [(f"c{n}", drawn.choice("123")) for n in range(1, CHOICES + 1)]
    said += [(f"h{n}", str(drawn.randrange(401) / 10)) for n in range(1, NUMBERS + 1)]
    return said + [(f"s{n}", str(drawn.randrange(101))) for n in range(1, SLIDERS + 1)]


def fill(settings: Settings, people: int) -> dict[str, Any]:
    """So many people who consent, and their answers."""
    set_wal(db.engine)
    Base.metadata.create_all(db.engine)
    now, content = clock.now(), questionnaire()
    instrument = Instrument(
        slug="mesure", version=1, title="Mesure", licence="CC0", content=content,
        content_sha256=content_hash(content),
    )  # fmt: skip
    study = Study(slug=SLUG, title="Évaluation", opened_at=now)
    wave = Wave(position=1, slug="t1", title="Mesure", occasion="entry", instrument=instrument)
    study.waves.append(wave)
    db.session.add(study)
    db.session.flush()
    key, drawn = make_key(settings.keys, SLUG), random.Random(DRAWN)
    for start in range(0, people, SLICE):
        _join(range(start, min(start + SLICE, people)), wave, key, drawn, now)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))  # as its daemon does within a minute
        db.session.commit()
    return {}


def _join(numbers: range, wave: Wave, key: bytes, drawn: random.Random, now: datetime) -> None:
    tables: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for n in numbers:
        user_id, asked, sheet = new_id(), uuid.UUID(int=drawn.getrandbits(128)), new_id()
        since = now - timedelta(days=100 + n % 90)
        tables[User].append(
            {"id": user_id, "email": f"person{n}@example.org", "name": f"Person {n}",
             "sort_name": f"person {n}", "fs_uniquifier": str(user_id), "active": True,
             "confirmed_at": since, "is_15_or_over": True, "is_demo": False, "created_at": since}
        )  # fmt: skip
        tables[Profile].append(
            {"user_id": user_id, "audience": list(Audience)[n % 4], "gender": list(Gender)[n % 2],
             "age_band": list(AgeBand)[n % 5]}
        )  # fmt: skip
        tables[Consent].append(
            {"id": new_id(), "user_id": user_id, "kind": ConsentKind.RESEARCH,
             "text_version": "2026-11", "given_at": since}
        )  # fmt: skip
        tables[Invitation].append(
            {"id": asked, "wave_id": wave.id, "user_id": user_id, "subject": "study", "label": "",
             "occurred_at": since, "code": f"code-{n}", "invited_at": since, "closes_at": now,
             "answered_at": since + timedelta(days=n % 40, minutes=n)}
        )  # fmt: skip
        tables[ResponseSheet].append(
            {"id": sheet, "wave_id": wave.id, "instrument_id": wave.instrument_id,
             "sheet_key": sheet_key(key, asked), "language": "fr", "is_submitted": True}
        )  # fmt: skip
        tables[Answer] += [
            {"sheet_id": sheet, "item": item, "value": value} for item, value in answers_of(drawn)
        ]
    for table, rows in tables.items():
        db.session.execute(insert(table), rows)


def dump(settings: Settings, _people: int) -> dict[str, Any]:
    """The same rows by a plain cursor."""
    began, cpu, rows = time.perf_counter(), time.process_time(), 0
    connection = db.engine.raw_connection()
    streamed = {"name": "dump"} if db.engine.dialect.name == "postgresql" else {}
    cursor = connection.cursor(**streamed)
    cursor.execute(DUMP)
    with (settings.instance / "dump.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        while taken := cursor.fetchmany(1_000):
            writer.writerows(taken)
            rows += len(taken)
    connection.close()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": seconds, "cpu": cpu, "answers": rows}


def build(settings: Settings, people: int) -> dict[str, Any]:
    """The package as the worker builds it, and what each part of it took."""
    spent: dict[str, float] = defaultdict(float)
    for module, name, said in PARTS:
        setattr(module, name, _timed(getattr(module, name), said, spent))
    session = db.session()
    study = session.scalars(select(Study).where(Study.slug == SLUG)).one()
    house = create_app(settings).extensions["tierslieu.house"]
    began, cpu = time.perf_counter(), time.process_time()
    key = read_key(settings.keys, SLUG)
    made = rules.prepare_package(session, study, key, house, "Lieu", now=clock.now())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert made.participants == people
    found = {"seconds": seconds, "cpu": cpu, "bytes": len(made.content), "sha256": made.sha256}
    return {**found, **spent}


def _timed(act: Callable[..., Any], said: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*given: Any, **more: Any) -> Any:
        began = time.process_time()
        try:
            return act(*given, **more)
        finally:
            spent[said] += time.process_time() - began

    return timed


WAYS = {"fill": fill, "dump": dump, "package": build}


def run(way: str, url: str, instance: Path, people: int) -> dict[str, Any]:
    """One way, in this process; with the most memory it held, in MB."""
    settings = Settings(
        instance=instance,
        database_url=url,
        base_url="http://localhost",
        secret_key="only-for-the-bench" * 3,
        place_name="Lieu",
        mail_from="no-reply@example.org",
    )
    with create_app(settings).app_context():
        found = WAYS[way](settings, people)
        db.session.remove()
        db.engine.dispose()
    return {**found, "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure(kind: str, people: int) -> dict[str, Any]:
    """Fill a database of one kind, then each way in a process of its own."""
    found: dict[str, Any] = {"database": kind, "people": people}
    with tempfile.TemporaryDirectory(prefix="bench") as folder, Database(kind, Path(folder)) as url:
        for way in WAYS:
            command = [sys.executable, "-m", "benchmarks.packages", "--way", way, "--url", url]
            command += ["--instance", folder, "--people", str(people)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            found[way] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--json", action="store_true", help="for scripts")
    for own in ("--way", "--url", "--instance"):  # how it starts itself
        parser.add_argument(own, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.way:
        print(json.dumps(run(wanted.way, wanted.url, Path(wanted.instance), wanted.people)))
        return
    kinds = [wanted.database] if wanted.database else ["sqlite", "postgresql"]
    found = [measure(kind, wanted.people) for kind in kinds]
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    for one in found:
        bare, made = one["dump"], one["package"]
        print(f"{one['database']}, {bare['answers']:,} answers of {one['people']:,} people")
        print("  what                            s   of the processor  times bare     MB")
        for said, way in (("bare CSV dump", bare), ("package", made)):
            times = way["cpu"] / bare["cpu"]
            print(f"  {said:24} {way['seconds']:9.1f} {way['cpu']:18.1f} ", end="")
            print(f"{times:11.1f} {way['MB']:6.0f}")
        for _module, _name, said in PARTS:
            print(f"    {said:32} {made[said]:18.1f} {made[said] / bare['cpu']:11.1f}")


if __name__ == "__main__":
    main()
