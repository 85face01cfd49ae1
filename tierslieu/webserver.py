"""What gunicorn is told beyond its command line: one copy of the code for all its processes.

The price: new code needs a new master (stop and start); a HUP starts the same code again.
"""

from __future__ import annotations

import gc
from typing import Any

preload_app = True


def when_ready(server: Any) -> None:
    """The collector leaves alone what the processes share: else its marks would copy it to each."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A process has connections of its own."""
    from tierslieu.db import db

    app = server.app.wsgi()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
