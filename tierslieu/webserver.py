"""What gunicorn is told beyond its command line: one copy of the code for all its processes.

The price: new code needs a new master (stop and start); a HUP starts the same code again.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

preload_app = True
# gunicorn would believe the machine it runs on, where the proxy is, and with it whatever a visitor
# sends through: where the place begins (SCRIPT_NAME), by which scheme. ``TIERSLIEU_PROXIES`` says
# whom we believe.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}


class Logger(GunicornLogger):  # type: ignore[misc]
    """gunicorn's own words go through our log; requests are told by the application."""

    def setup(self, cfg: Any) -> None:
        """Called when the master starts, before the application is loaded."""
        from tierslieu import error_reports, logs
        from tierslieu.settings import read_settings

        super().setup(cfg)
        settings = read_settings()
        logs.set_up(settings.log)
        error_reports.set_up(settings.sentry_dsn)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


logger_class = Logger


def when_ready(server: Any) -> None:
    """The collector leaves alone what the processes share: else its marks would copy it to each."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A process has connections of its own, and room for what it counts."""
    from tierslieu.db import db, only_existing_files
    from tierslieu.home.metrics import begin_process

    only_existing_files(True)
    app = server.app.wsgi()
    begin_process(app)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)


def child_exit(server: Any, worker: Any) -> None:
    """What a process that is gone held of the present moment is counted no more."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
