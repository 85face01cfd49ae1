"""What a monitor reads at ``/metrics`` (Prometheus), for who bears the token and nobody else.

Requests are counted by each web process, in files that all processes of a host share when
``PROMETHEUS_MULTIPROC_DIR`` names their folder (``tierslieu serve`` does). What the whole place
shares (jobs, mails, the worker) is asked of the database at each reading, so that it is true on
every host. No label holds an address, a name or an identifier.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from flask import Flask, Response, abort, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from tierslieu import clock
from tierslieu.clockwork import JobRun, WorkerBeat
from tierslieu.db import db
from tierslieu.home.health import ask_health, is_well
from tierslieu.mail.queries import measure_waiting
from tierslieu.settings import Settings
from tierslieu.web.journal import seconds_taken
from tierslieu.web.visitors import Answered, listeners

SHARED = "PROMETHEUS_MULTIPROC_DIR"
EXTENSION, SILENT = "tierslieu.metrics", "tierslieu.metrics.silent"
_log = logging.getLogger(__name__)
# The files of each process in that folder, by the kinds of measures below.
FILES = ("counter", "histogram", "gauge_livesum")
ROOM = 4 * 1024 * 1024  # bytes of each: every endpoint in every bucket, four times
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


def begin_process(app: Flask) -> None:
    """A process that answers has begun: take the room of what it will count.

    The library writes to files through memory, and the kernel ends whoever writes there to a page
    that a full disk cannot back. So all of it is taken now; without room, nothing is counted.
    """
    is_shared = EXTENSION in app.extensions and os.environ.get(SHARED)
    if not is_shared or not hasattr(os, "posix_fallocate"):
        return
    folder = Path(os.environ[SHARED])
    files = [folder / f"{name}_{os.getpid()}.db" for name in FILES]
    try:
        for path in files:
            with path.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, ROOM)
    except OSError as error:
        for path in files:  # one that is cut short is read by nobody, nor are the others beside it
            with suppress(OSError):
                path.unlink(missing_ok=True)
        app.extensions[SILENT] = True
        _log.warning("no room to count requests in: %s", type(error).__name__)


def install(app: Flask) -> None:
    """Count the requests of ``app``, if there is somebody to read it."""
    settings: Settings = app.config["TIERSLIEU"]
    if not settings.metrics_token:
        return
    registry = CollectorRegistry()
    app.extensions[EXTENSION] = registry
    requests = Counter(
        "tierslieu_requests",
        "Requests answered",
        ("endpoint", "method", "status"),
        registry=registry,
    )
    durations = Histogram(
        "tierslieu_request_seconds",
        "Time a request took",
        ("endpoint",),
        buckets=BUCKETS,
        registry=registry,
    )
    connections = Gauge(
        "tierslieu_database_connections",
        "Connections of the web processes, in use or waiting, when each last answered",
        ("state",),
        multiprocess_mode="livesum",
        registry=registry,
    )

    # Registered after the journal, so that it runs before: the time is that of the page.
    @app.after_request
    def count(response: Response) -> Response:
        if SILENT in app.extensions:
            return response
        endpoint = request.endpoint or "none"
        method = request.method if request.url_rule else "none"
        requests.labels(endpoint, method, str(response.status_code)).inc()
        durations.labels(endpoint).observe(seconds_taken())
        pool = db.engine.pool
        if isinstance(pool, QueuePool):
            connections.labels("in_use").set(pool.checkedout())
            connections.labels("waiting").set(pool.checkedin())
        return response

    def count_kept(told: Answered) -> None:
        """What was answered before Flask began is a request like the others."""
        if SILENT in app.extensions:
            return
        requests.labels(told.endpoint, told.method, str(told.status)).inc()
        durations.labels(told.endpoint).observe(told.seconds)

    listeners(app).append(count_kept)


def answer_metrics() -> Response:
    """The measures, as text. 404 where no token is set, 401 for who does not bear it."""
    settings: Settings = current_app.config["TIERSLIEU"]
    if not settings.metrics_token:
        abort(404)
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.metrics_token.encode()
    if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted):
        return Response("", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    registry = app.extensions[EXTENSION]
    if shared := os.environ.get(SHARED):
        registry = CollectorRegistry()
        if Path(shared).is_dir():  # a full disk had no room for it: the rest is told
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    place = CollectorRegistry()
    place.register(_Place(app))
    body = generate_latest(registry) + generate_latest(place)
    return Response(
        body, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    )


class _Place(Collector):
    """What all hosts share."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is, is found when it is read."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Whether the place is well, and, while its database answers, the rest."""
        wrong = ask_health(self._app)
        yield GaugeMetricFamily(
            "tierslieu_well", "1 while /healthz answers 200", int(is_well(wrong))
        )
        faults = GaugeMetricFamily(
            "tierslieu_fault", "1 for each fault /healthz names", labels=["code"]
        )
        for code in sorted(wrong):
            faults.add_metric([code], 1)
        yield faults
        if {"database", "migrations"} & set(wrong):
            return  # who reads is not kept waiting for it
        try:
            yield from _shared(db.session(), clock.now())
        except SQLAlchemyError:
            db.session.rollback()


def _shared(session: Session, now: datetime) -> Iterable[Metric]:
    beat = session.get(WorkerBeat, "worker")
    if beat is not None:
        age = (now - beat.at).total_seconds()
        yield GaugeMetricFamily("tierslieu_worker_beat_age_seconds", "Since a worker beat", age)
    waiting = measure_waiting(session, now)
    yield GaugeMetricFamily("tierslieu_mails_waiting", "Mails that are to leave", waiting.count)
    yield GaugeMetricFamily("tierslieu_mails_failed", "Mails given up", waiting.failed)
    yield GaugeMetricFamily(
        "tierslieu_mail_queue_age_seconds", "How long the oldest mail has been due", waiting.age
    )
    runs = CounterMetricFamily(
        "tierslieu_job_runs", "Turns of each job on all hosts", labels=["job", "outcome"]
    )
    ended = GaugeMetricFamily(
        "tierslieu_job_ended_timestamp_seconds", "When each job last ended", labels=["job"]
    )
    for job in session.scalars(select(JobRun).order_by(JobRun.name)):
        runs.add_metric([job.name, "done"], job.done_runs)
        runs.add_metric([job.name, "failed"], job.failed_runs)
        if job.last_finished_at is not None:
            ended.add_metric([job.name], job.last_finished_at.timestamp())
    yield runs
    yield ended
