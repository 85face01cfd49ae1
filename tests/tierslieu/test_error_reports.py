"""Failures told to a Sentry: what it receives, over HTTP, is what the log says."""

from __future__ import annotations

import gzip
import json
import logging
import queue
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask

from tests.support.client import LookingClient
from tests.support.served import ServedPlace
from tierslieu import error_reports, jobs
from tierslieu.home import views as home_views
from tierslieu.house import Job
from tierslieu.settings import BadSetting, read_settings

SECRET = "jeanne.secrete@example.org"


class Sentry:
    """Takes envelopes as Sentry does (its «envelopes» and «authentication»)."""

    def __init__(self) -> None:
        self.came: queue.Queue[tuple[str, str, str]] = queue.Queue()
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                read = {"gzip": gzip.decompress, "br": brotli.decompress}
                body = read[self.headers["Content-Encoding"]](body)
                key = self.headers.get("X-Sentry-Auth", "")
                came.put((self.path, key, body.decode()))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_args: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://clef@127.0.0.1:{self.server.server_port}/7"

    def next(self) -> tuple[dict[str, Any], str]:
        """The next event, and all that came with it."""
        path, key, body = self.came.get(timeout=20)
        assert path == "/api/7/envelope/"
        assert "sentry_key=clef" in key
        _head, item, payload = body.strip().split("\n")
        assert json.loads(item)["type"] == "event"
        return json.loads(payload), body


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    found = Sentry()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@contextmanager
def telling(sentry: Sentry) -> Iterator[None]:
    """Within the block, this process tells it."""
    error_reports.set_up(sentry.dsn)
    try:
        yield
    finally:
        error_reports.set_up("")


def say(level: int, words: str) -> None:
    """A line of our own code."""
    line = logging.LogRecord("tierslieu", level, home_views.__file__, 1, words, (), None)
    logging.getLogger("tierslieu").handle(line)


def test_a_page_that_fails_is_told_with_its_place_and_nothing_of_anybody(
    app: Flask, client: LookingClient, sentry: Sentry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> str:
        known = SECRET
        raise ValueError(known)

    monkeypatch.setattr(home_views, "render_template", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    mark = "0" * 32
    with telling(sentry):
        answer = client.get(f"/?nom={SECRET}", headers={"X-Request-ID": mark, "X-Nom": SECRET})
        event, whole = sentry.next()
    assert answer.status_code == 500
    (told,) = event["exception"]["values"]
    assert told["type"] == "ValueError"
    assert told["stacktrace"]["frames"][-1]["filename"].startswith("tierslieu/home/")
    assert event["logentry"]["formatted"] == "unhandled ValueError at home.index"
    assert event["tags"]["request_id"] == mark
    assert event["release"].startswith("tierslieu@")
    assert "secrete" not in whole
    assert not {"request", "user", "breadcrumbs", "modules", "extra"} & event.keys()
    assert "vars" not in json.dumps(event)


def test_a_job_that_fails_is_told_by_its_name(
    app: Flask, sentry: Sentry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(job: Job, now: datetime) -> int:
        if job.name == "sweep_logbook":
            raise ValueError(SECRET) from OSError(SECRET)
        return 0

    monkeypatch.setattr(jobs, "run_job", fail)
    with telling(sentry):
        jobs.run_due_jobs(app)
        event, whole = sentry.next()
    assert event["tags"]["job"] == "sweep_logbook"
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert event["exception"]["values"][0]["value"] == "OSError"
    assert "secrete" not in whole


def test_a_warning_is_told_to_nobody_and_a_sentry_that_is_away_stops_nothing(
    sentry: Sentry, client: LookingClient
) -> None:
    with telling(sentry):
        say(logging.WARNING, "low")
        say(logging.ERROR, "high")
        event, _whole = sentry.next()
    assert event["logentry"]["formatted"] == "high"
    gone = Sentry()
    gone.server.server_close()
    with telling(gone):
        say(logging.ERROR, "high")
        assert client.get("/verifier").status_code == 200


def test_what_cannot_be_told_breaks_nothing_that_is_at_work(
    sentry: Sentry, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(facts: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(SECRET)

    monkeypatch.setattr(logging, "raiseExceptions", False)  # as in every process that serves
    monkeypatch.setattr(error_reports, "to_event", fail)
    with telling(sentry):
        say(logging.ERROR, "high")
        assert client.get("/verifier").status_code == 200


def test_a_place_that_is_served_tells_what_fails_in_a_process_of_its_own(
    tmp_path: Path, sentry: Sentry
) -> None:
    place = ServedPlace(
        tmp_path, demo=False, arguments=["--no-worker"], TIERSLIEU_SENTRY_DSN=sentry.dsn
    )
    try:
        place.wait_until_open()
        with sqlite3.connect(tmp_path / "tierslieu.sqlite") as database:
            database.execute("ALTER TABLE learning_session RENAME TO gone")
        database.close()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{place.url}/agenda?q={SECRET}")
        assert refused.value.code == 503  # as when the database is away
        refused.value.close()
        event, whole = sentry.next()
    finally:
        place.close()
    assert event["exception"]["values"][0]["type"] == "OperationalError"
    assert "secrete" not in whole
    assert "SELECT" not in whole


@pytest.mark.parametrize(
    "dsn",
    [
        "sentry",
        "http://clef@sentry.example.org/1",
        "https://sentry.example.org/1",
        "https://clef@sentry.example.org/lieu",
        "https://clef@sentry.example.org:abc/1",
        "https://clef@[sentry/1",
    ],
)
def test_an_address_that_is_none_or_would_be_read_on_the_way_is_refused(
    dsn: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match="SENTRY_DSN") as refused:
        read_settings({"TIERSLIEU_INSTANCE": str(tmp_path), "TIERSLIEU_SENTRY_DSN": dsn})
    assert dsn not in str(refused.value)
    good = {"TIERSLIEU_SENTRY_DSN": "https://clef@sentry.example.org/1"}
    assert "clef" not in repr(read_settings({"TIERSLIEU_INSTANCE": str(tmp_path), **good}))
