"""Measures for a monitor: true, without anything personal, for who bears the token alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tierslieu import clock, schema
from tierslieu.clockwork import WorkerBeat
from tierslieu.home import health, metrics
from tierslieu.house import House, Job
from tierslieu.jobs import run_due_jobs
from tierslieu.mail.models import OutboxMessage

TOKEN = "un-jeton-pour-le-moniteur-du-lieu"
BEARING = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def measured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The place, with a token for its monitor."""
    settings = replace(app.config["TIERSLIEU"], metrics_token=TOKEN)
    monkeypatch.setitem(app.config, "TIERSLIEU", settings)
    monkeypatch.setattr(health, "current_revision", lambda connection: schema.newest_revision())
    hooks = app.after_request_funcs[None]
    before = list(hooks)
    monkeypatch.setattr(app, "_got_first_request", False)
    metrics.install(app)
    yield app
    hooks[:] = before
    app.extensions.pop(metrics.EXTENSION)


def read(client: LookingClient) -> dict[str, dict[tuple[str, ...], float]]:
    """The measures: name → values of the labels → number."""
    answer = client.get("/metrics", headers=BEARING)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_without_a_token_there_is_no_such_page(client: LookingClient) -> None:
    assert client.get("/metrics", headers=BEARING).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer é"])
def test_who_does_not_bear_the_token_is_refused(
    measured: Flask, client: LookingClient, given: str
) -> None:
    headers = {"Authorization": given.encode("utf-8").decode("latin-1")} if given else {}
    answer = client.get(f"/metrics?token={TOKEN}", headers=headers)
    assert (answer.status_code, answer.data) == (401, b"")


def test_requests_are_counted_by_endpoint_and_status(
    measured: Flask, client: LookingClient
) -> None:
    client.get("/verifier")
    client.get("/verifier")
    client.get("/jeanne@example.org")
    client.open("/verifier", method="JEANNE")
    found = read(client)
    requests = found["tierslieu_requests_total"]
    assert requests["verification.ask", "GET", "200"] == 2
    assert requests["none", "none", "404"] == 1
    assert found["tierslieu_request_seconds_count"]["verification.ask",] == 2
    assert "eanne" not in str(found).lower()


@pytest.mark.both_databases
def test_jobs_are_counted_by_outcome_whoever_ran_them(
    measured: Flask, client: LookingClient, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Session, now: object) -> int:
        raise RuntimeError

    every = timedelta(minutes=5)
    jobs = (Job("good", every, lambda session, now: 3), Job("bad", every, fail))
    monkeypatch.setitem(measured.extensions, "tierslieu.house", House(jobs))
    start = clock.now()
    for turn in range(2):
        with clock.fixed_at(start + turn * every):
            run_due_jobs(measured)
    runs = read(client)["tierslieu_job_runs_total"]
    assert runs == {("good", "done"): 2, ("good", "failed"): 0} | {
        ("bad", "done"): 0,
        ("bad", "failed"): 2,
    }


@pytest.mark.both_databases
def test_mails_that_wait_or_were_given_up_and_the_worker_are_measured(
    measured: Flask, client: LookingClient, db: Session
) -> None:
    now = clock.now()
    db.add(WorkerBeat(name="worker", at=now - timedelta(seconds=40)))
    for minutes, next_try, sent in (
        (5, now - timedelta(minutes=1), None),
        (2, now + timedelta(minutes=4), None),
        (90, now + timedelta(days=9000), None),
        (600, now - timedelta(hours=9), now),
    ):
        made = now - timedelta(minutes=minutes)
        db.add(
            OutboxMessage(
                recipient="jeanne@example.org", template="x", context={}, created_at=made,
                next_try_at=next_try, sent_at=sent,
            )
        )  # fmt: skip
    db.commit()
    found = read(client)
    assert found["tierslieu_mails_waiting"] == {(): 2}
    assert found["tierslieu_mails_failed"] == {(): 1}
    assert 300 <= found["tierslieu_mail_queue_age_seconds"][()] < 330
    assert 40 <= found["tierslieu_worker_beat_age_seconds"][()] < 70


def test_a_fault_of_healthz_is_measured_even_without_a_database(
    measured: Flask, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "look_at", lambda app, now, note: {"database": "gone"})
    found = read(client)
    assert found["tierslieu_well"] == {(): 0}
    assert found["tierslieu_fault"] == {("database",): 1}
    assert "tierslieu_mails_waiting" not in found


def test_a_token_that_is_too_short_is_refused_without_being_repeated(
    tmp_path: object, make_settings: Callable[..., object]
) -> None:
    from tierslieu.settings import BadSetting, read_settings

    with pytest.raises(BadSetting, match="METRICS_TOKEN") as refusal:
        read_settings({"TIERSLIEU_INSTANCE": str(tmp_path), "TIERSLIEU_METRICS_TOKEN": "court"})
    assert "court" not in str(refusal.value)
