"""A process that finds no room to count in leaves nothing that keeps others from being read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from tierslieu.home import metrics


def test_metrics_are_read_though_a_process_began_on_a_full_disk(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_words: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setenv(metrics.SHARED, str(tmp_path))
    monkeypatch.setitem(app.extensions, metrics.EXTENSION, CollectorRegistry())
    monkeypatch.setitem(app.extensions, metrics.SILENT, False)
    monkeypatch.setattr(os, "posix_fallocate", fill)
    metrics.begin_process(app)
    assert app.extensions[metrics.SILENT] is True
    assert list(tmp_path.iterdir()) == []
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))
    assert list(registry.collect()) == []
