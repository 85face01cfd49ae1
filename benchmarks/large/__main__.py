"""Every page of a grown place beside the same page of the demonstration place.

    python -m benchmarks.large [--scale 0.05] [--databases postgresql] [--times 15] [--json]
                               [--people coordinator,researcher] [--pages '/,/chiffres,/etudes*']
                               [--keep FOLDER] [--no-night]

Both places are asked in turn, in one process, and a bare Flask page between them: read the ratios.
``--scale`` 1 is 200,000 people, 20,000 sessions, 2,000,000 bookings, 500,000 awards and 10,000,000
answers on PostgreSQL, and a tenth of that on SQLite. With ``--keep`` both places stay in a folder
and are found there again: pages can be mended and measured anew without making a place again.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.large.making import Size, count_all
from benchmarks.large.measuring import Row, measure, p95
from benchmarks.large.places import both, pass_night
from tierslieu.db import db

KINDS = {"postgresql": 1.0, "sqlite": 0.1}


def summary(row: Row) -> dict[str, Any]:
    """The figures of one page."""
    return {
        "page": row.kind,
        "person": row.person or "visitor",
        "small_ms": statistics.median(row.small),
        "large_ms": statistics.median(row.large),
        "ratio": row.ratio,
        "large_p95_ms": p95(row.large),
        "bare_p95_ms": p95(row.bare),
        "queries": row.queries,
    }


@contextmanager
def _folder(kept: Path | None, kind: str) -> Iterator[Path]:
    """Where the places of one database lie."""
    if kept is None:
        with tempfile.TemporaryDirectory(prefix="bench") as name:
            yield Path(name)
        return
    (kept / kind).mkdir(parents=True, exist_ok=True)
    yield kept / kind


def measured(kind: str, wanted: argparse.Namespace) -> dict[str, Any]:
    """Both places on one database, measured: what stands in the grown one, how long the figures of
    a night take in each, and a row a page, the worst first."""

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    size = Size().times(KINDS[kind] * wanted.scale)
    people, pages = (one.split(",") if one else None for one in (wanted.people, wanted.pages))
    with (
        _folder(wanted.keep, kind) as folder,
        both(kind, folder, size, say, kept=wanted.keep is not None) as pair,
    ):
        with pair.grown.app_context(), db.engine.connect() as connection:
            rows = count_all(connection)
        nights = []
        for app in (pair.demonstration, pair.grown) if wanted.night else ():
            began = time.perf_counter()
            pass_night(app, say)
            nights.append(time.perf_counter() - began)
            say(f"night: {nights[-1]:.0f} s")
        rows_of = measure(pair, wanted.times, people=people, pages=pages or (), say=say)
        found = [summary(row) for row in rows_of]
    found.sort(key=lambda one: -one["ratio"])
    return {"database": kind, "rows": rows, "nights_s": nights, "pages": found}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.05, help="1: all of it")
    parser.add_argument("--databases", default="postgresql,sqlite", help="one, or both")
    parser.add_argument("--times", type=int, default=15, help="how often each page is asked for")
    parser.add_argument("--people", help="these alone, by comma: coordinator,researcher")
    parser.add_argument("--pages", help="these alone, by comma: /,/chiffres,/etudes*")
    parser.add_argument("--keep", type=Path, help="a folder where both places stay")
    parser.add_argument(
        "--no-night", dest="night", action="store_false", help="the lists of the night are made"
    )
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    logging.disable(logging.INFO)  # a line for each request is the web server's to write
    found = [measured(kind, wanted) for kind in wanted.databases.split(",")]
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    for one in found:
        print(f"\n{one['database']}: " + ", ".join(f"{n:,} {k}" for k, n in one["rows"].items()))
        if one["nights_s"]:
            print("figures of the night: {:.0f} s, grown {:.0f} s".format(*one["nights_s"]))
        print("| page | as | demonstration ms | grown ms | ratio | p95 | of a bare p95 | queries |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for row in one["pages"]:
            print(
                f"| `{row['page']}` | {row['person']} | {row['small_ms']:.1f} "
                f"| {row['large_ms']:.1f} | {row['ratio']:.2f} | {row['large_p95_ms']:.1f} "
                f"| {row['large_p95_ms'] / row['bare_p95_ms']:.0f} "
                f"| {row['queries'][0]} → {row['queries'][1]} |"
            )


if __name__ == "__main__":
    main()
