"""What a public page costs, by processor time: drawn anew, kept, asked whether it is still good;
beside a bare Flask page.

    python -m benchmarks.public [--times 400] [--instance FOLDER]

No web server stands between (its share is the same for both), and the processor's time is counted,
not the clock's: the figures hold on a machine that others use. ``--instance`` takes a demonstration
place on SQLite that lies in that folder instead of playing one.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from benchmarks.bare import app as bare
from benchmarks.pages import public_pages
from tierslieu.app import create_app
from tierslieu.opening import is_empty, open_place, play_demo
from tierslieu.settings import Settings

ROUNDS = 5


def ask(app: Flask, path: str, how: dict[str, str]) -> Any:
    """One answer, whole: its status and headers."""
    environ = EnvironBuilder(path=path, headers=how).get_environ()
    body, status, headers = run_wsgi_app(app, environ, buffered=True)
    b"".join(body)
    return int(status[:3]), headers


def cost(app: Flask, path: str, how: dict[str, str], times: int) -> float:
    """Microseconds of the processor for one answer."""
    began = time.process_time()
    for _turn in range(times):
        ask(app, path, how)
    return 1e6 * (time.process_time() - began) / times


def main() -> None:
    """Print one line a page and way."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=400, help="how often in all")
    parser.add_argument("--instance", type=Path, help="where a demonstration place lies")
    wanted = parser.parse_args()
    logging.disable(logging.INFO)  # the bare page writes no log either
    with tempfile.TemporaryDirectory() as name:
        folder = wanted.instance or Path(name)
        url = f"sqlite:///{folder / 'tierslieu.sqlite'}"
        app = create_app(
            Settings(instance=folder, database_url=url, secret_key="bench" * 10, demo=True)
        )
        open_place(app)
        if is_empty(app):
            play_demo(app)
        print(f"{'page':44} {'µs':>8} {'bare µs':>8} {'times the bare rate':>20}")
        for label, path in public_pages(folder):
            tag = ask(app, path, {})[1].get("ETag")
            ways = {"drawn anew": {"Cache-Control": "no-cache"}}
            if tag:
                ways |= {"kept": {}, "is it still good": {"If-None-Match": tag}}
            for way, how in ways.items():
                few = max(4, wanted.times // ROUNDS // (10 if way == "drawn anew" else 1))
                pairs = [
                    (cost(app, path, how, few), cost(bare, "/", {}, few)) for _ in range(ROUNDS)
                ]
                ours, floor = (statistics.median(one) for one in zip(*pairs, strict=True))
                print(f"{label + ', ' + way:44} {ours:8.0f} {floor:8.0f} {floor / ours:20.2f}")


if __name__ == "__main__":
    main()
