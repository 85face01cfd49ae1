"""One command serves the place; it says when it is ready, keeps its data, and closes cleanly."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.support.served import ServedPlace
from tierslieu import webserver
from tierslieu.cli import main
from tierslieu.db import db as database
from tierslieu.db import only_existing_files
from tierslieu.serving import web_command, why_not_there
from tierslieu.webserver import post_fork

pytestmark = pytest.mark.xdist_group("served")


def test_a_place_opens_once_is_kept_and_closes_on_ctrl_c(tmp_path: Path) -> None:
    first = ServedPlace(tmp_path)
    try:
        first.wait_until_open()
        with urllib.request.urlopen(first.url + "/healthz") as answer:
            assert json.load(answer) == {"status": "ok"}
        printed = "".join(first.lines)
        assert "First run" in printed
        assert "learner@example.org" in printed
        assert first.url in printed
    finally:
        code = first.close()
    assert code == 0, "".join(first.lines)
    second = ServedPlace(tmp_path)
    try:
        second.wait_until_open(30)
        assert "First run" not in "".join(second.lines)
    finally:
        assert second.close() == 0


def _ask(url: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return str(answer.read().decode())


def test_a_visitor_says_neither_where_the_place_begins_nor_by_which_scheme(
    tmp_path: Path,
) -> None:
    place = ServedPlace(tmp_path, demo=False, TIERSLIEU_WORKERS="1", TIERSLIEU_PROXIES="1")
    try:
        place.wait_until_open()
        # From this machine, as a proxy that hands on what it was sent.
        page = _ask(place.url + "/agenda", SCRIPT_NAME="/ailleurs")
        assert '"/ailleurs' not in page
        with pytest.raises(urllib.error.HTTPError) as refused:
            _ask(place.url + "/agenda/healthz", SCRIPT_NAME="/agenda")
        refused.value.close()
        assert refused.value.code == 404
        claims = {"X-Forwarded-Ssl": "on", "X-Forwarded-Proto": "http"}
        assert _ask(place.url + "/agenda", **claims) == _ask(place.url + "/agenda")
    finally:
        place.close()


def test_web_processes_and_worker_log_by_line_and_count_together(tmp_path: Path) -> None:
    token = "un-jeton-pour-le-moniteur"
    place = ServedPlace(
        tmp_path, demo=False, TIERSLIEU_LOG="json", TIERSLIEU_METRICS_TOKEN=token,
        TIERSLIEU_WORKERS="2",
    )  # fmt: skip
    try:
        place.wait_until_open()
        for _turn in range(24):
            _ask(place.url + "/verifier?q=jeanne", **{"X-Request-ID": "f" * 32})
        measures = _ask(place.url + "/metrics", Authorization=f"Bearer {token}")
        counted = 'requests_total{endpoint="verification.ask",method="GET",status="200"} 24.0'
        assert counted in measures
        assert 'tierslieu_job_runs_total{job="send_mail",outcome="done"}' in measures
    finally:
        assert place.close() == 0, "".join(place.lines)
    told = [json.loads(line) for line in place.lines if line.startswith("{")]
    asked = [line for line in told if line.get("endpoint") == "verification.ask"]
    assert len(asked) == 24
    assert {line["request_id"] for line in asked} == {"f" * 32}
    assert all(line["count"] for line in told if line.get("job")), "nothing found is no news"
    assert not [line for line in place.lines if "jeanne" in line or "/verifier" in line]


def test_a_web_process_has_connections_of_its_own_and_leaves_those_of_its_parent_alone(
    app: Flask,
) -> None:
    with app.app_context():
        with database.engine.connect() as inherited:
            raw = inherited.connection.driver_connection
        pool = database.engine.pool
        post_fork(SimpleNamespace(app=SimpleNamespace(wsgi=lambda: app)), None)
        only_existing_files(False)  # this process goes on
        assert database.engine.pool is not pool
        assert isinstance(raw, sqlite3.Connection)
        assert raw.execute("SELECT 1").fetchone() == (1,), "the parent still speaks through it"


def test_the_web_processes_share_one_copy_of_the_code(app: Flask) -> None:
    command = web_command(app.config["TIERSLIEU"], "127.0.0.1", 1)
    assert f"--config=python:{webserver.__name__}" in command
    assert webserver.preload_app


def test_a_taken_port_is_said_with_the_mend(tmp_path: Path) -> None:
    import subprocess
    import sys
    from socket import socket

    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "tierslieu.cli", "serve", "--port", str(port)],
            env={"TIERSLIEU_INSTANCE": str(tmp_path), "PATH": ""},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert f"PORT={port + 1}" in done.stderr


def test_an_address_that_is_not_of_this_machine_is_no_taken_port() -> None:
    said = "192.0.2.7 is no address of this machine: say another with --host"
    assert why_not_there("192.0.2.7", 8000) == said


@pytest.mark.parametrize("command", [["init"], ["doctor"], ["audit"], ["serve", "--port", "1"]])
@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.sqlite", "postgresql://x:y@localhost:1/z"]
)
def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], url: str
) -> None:
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path))
    monkeypatch.setenv("TIERSLIEU_DATABASE_URL", url)
    monkeypatch.setattr("tierslieu.serving.why_not_there", lambda host, port: "")
    monkeypatch.setenv("TIERSLIEU_BASE_URL", "http://localhost:8000")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "the database does not answer: " in done.output
    assert "x:y" not in done.output
