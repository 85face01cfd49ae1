"""Every page of a grown place beside the same page of the demonstration place.

    python -m benchmarks.large [--scale 0.05] [--databases postgresql] [--times 15] [--json]
                               [--people coordinator,researcher] [--pages '/,/chiffres,/etudes*']

Both places are asked in turn, in one process, and a bare Flask page between them: read the ratios.
``--scale`` 1 is 200,000 people, 20,000 sessions, 2,000,000 bookings, 500,000 awards and 10,000,000
answers on PostgreSQL, and a tenth of that on SQLite.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
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


def measured(
    kind: str, scale: float, times: int, people: Sequence[str] | None, pages: Sequence[str]
) -> dict[str, Any]:
    """Both places on one database, measured: what stands in the grown one, how long the figures of
    a night take in each, and a row a page, the worst first."""

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    size = Size().times(KINDS[kind] * scale)
    with (
        tempfile.TemporaryDirectory(prefix="bench") as name,
        both(kind, Path(name), size, say) as pair,
    ):
        with pair.grown.app_context(), db.engine.connect() as connection:
            rows = count_all(connection)
        nights = []
        for app in (pair.demonstration, pair.grown):
            began = time.perf_counter()
            pass_night(app)
            nights.append(time.perf_counter() - began)
            say(f"night: {nights[-1]:.0f} s")
        rows_of = measure(pair, times, people=people, pages=pages, say=say)
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
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    logging.disable(logging.INFO)  # a line for each request is the web server's to write
    people, pages = (one.split(",") if one else None for one in (wanted.people, wanted.pages))
    found = [
        measured(kind, wanted.scale, wanted.times, people, pages or ())
        for kind in wanted.databases.split(",")
    ]
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    for one in found:
        print(f"\n{one['database']}: " + ", ".join(f"{n:,} {k}" for k, n in one["rows"].items()))
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
