"""A grade report of 50,000 lines, all of people who follow the path, beside a bare ``csv.reader``.

One process; each way reads the same bytes: the reader alone, the dry run, the import, and the
same file once more. Half are matched by their address, half by a declared username; a path of three
online steps, so that the import writes 150,000 rows. Seconds by the clock, commit included.

    python -m benchmarks.imports [--lines 50000] [--json]
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from benchmarks.booking_place import Database
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path as Curriculum
from courses.paths.models import PathVersion, Step, StepKind
from courses.progress.imports.models import OutsideUsername, Provider
from courses.progress.imports.reading import read_report
from courses.progress.imports.rules import import_file
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.base import Base, new_id
from tierslieu.db import db, set_wal
from tierslieu.people.models import User
from tierslieu.settings import Settings

STEPS, SLICE, FILENAME = 3, 2_000, "inria_41028_session01_grade_report_2026-01-15-0830.csv"
HEADER = (
    "Student ID", "Email", "Username", "Grade", *(f"Quiz {n}: Module {n}" for n in range(1, 11)),
    "Quiz (Avg)", "Cohort Name", "Enrollment Track", "Verification Status", "Certificate Eligible",
    "Certificate Delivered", "Certificate Type", "Enrollment Status",
)  # fmt: skip


def make_file(lines: int) -> bytes:
    """A modern report of ten subsections; every second line has an address unknown to the place."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for n in range(lines):
        email = f"person{n}@example.org" if n % 2 else f"elsewhere{n}@example.com"
        scores = [f"{(n + k) % 11 / 10}" for k in range(11)]
        beside = ("", "honor", "N/A", "Y", "N", "N/A", "enrolled")
        writer.writerow((n, email, f"user{n}", "0.75", *scores, *beside))
    return out.getvalue().encode()


def fill(lines: int) -> UUID:
    """So many people who follow one path; gives the path."""
    now, path_id, version_id = clock.now(), new_id(), new_id()
    path = Curriculum(id=path_id, slug="measured", title="Measured", short_title="M")
    version = PathVersion(id=version_id, path=path, number=1)
    version.steps = [
        Step(position=n, key=f"s{n}", title=f"Step {n}", kind=StepKind.ONLINE)
        for n in range(1, STEPS + 1)
    ]
    db.session.add(path)
    db.session.flush()
    for start in range(0, lines, SLICE):
        numbers = range(start, min(start + SLICE, lines))
        ids = {n: new_id() for n in numbers}
        people = [
            {"id": ids[n], "email": f"person{n}@example.org", "name": f"Person {n}",
             "sort_name": f"person {n}", "fs_uniquifier": str(ids[n]), "active": True,
             "confirmed_at": now, "is_15_or_over": True, "is_demo": False, "created_at": now}
            for n in numbers
        ]  # fmt: skip
        names = [
            {"id": new_id(), "user_id": ids[n], "provider": Provider.FUN, "username": f"user{n}",
             "folded": f"user{n}", "declared_at": now}
            for n in numbers
        ]  # fmt: skip
        followed = [
            {"id": new_id(), "user_id": ids[n], "path_id": path_id, "version_id": version_id,
             "status": EnrolmentStatus.ACTIVE, "started_at": now}
            for n in numbers
        ]  # fmt: skip
        for table, rows in ((User, people), (OutsideUsername, names), (Enrolment, followed)):
            db.session.execute(insert(table), rows)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))  # as its daemon does within a minute
        db.session.commit()
    return path_id


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds by the clock, and what it gave."""
    began = time.perf_counter()
    given = act()
    return time.perf_counter() - began, given


def measure(kind: str, lines: int) -> dict[str, Any]:
    """The seconds of each way on one kind of database."""
    data = make_file(lines)
    with tempfile.TemporaryDirectory(prefix="bench") as folder, Database(kind, Path(folder)) as url:
        settings = Settings(
            instance=Path(folder),
            database_url=url,
            base_url="http://localhost",
            secret_key="only-for-the-bench" * 3,
            place_name="Lieu",
            mail_from="no-reply@example.org",
        )
        with create_app(settings).app_context():
            set_wal(db.engine)
            Base.metadata.create_all(db.engine)
            try:
                return {"database": kind, "lines": lines, **_measure(data, fill(lines), lines)}
            finally:
                db.session.remove()
                db.engine.dispose()


def _measure(data: bytes, path_id: UUID, lines: int) -> dict[str, float]:
    session = db.session()

    def bring(*, is_applied: bool) -> dict[str, int]:
        counts = import_file(
            session, path_id, data, FILENAME, now=clock.now(), is_applied=is_applied
        )
        session.commit()
        return counts

    bare, rows = timed(lambda: sum(1 for _ in csv.reader(io.StringIO(data.decode()))))
    read, _report = timed(lambda: read_report(data, FILENAME))
    dry, foreseen = timed(lambda: bring(is_applied=False))
    first, applied = timed(lambda: bring(is_applied=True))
    again, unchanged = timed(lambda: bring(is_applied=True))
    assert rows == lines + 1
    assert foreseen == applied
    assert (applied["changed"], unchanged["changed"], unchanged["unchanged"]) == (lines, 0, lines)
    return {"bare": bare, "read": read, "dry run": dry, "import": first, "once more": again}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    found = [measure(kind, wanted.lines) for kind in ("sqlite", "postgresql")]
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    for row in found:
        print(f"{row['database']}, {row['lines']:,} lines")
        for way in ("bare", "read", "dry run", "import", "once more"):
            print(f"  {way:10} {row[way]:6.2f} s  {row[way] / row['bare']:6.1f} times bare")


if __name__ == "__main__":
    main()
