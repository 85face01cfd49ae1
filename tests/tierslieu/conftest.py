"""What tests of papers share, and those of disks that fill."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.small_disks import SmallDisk, can_mount, can_unshare
from tierslieu.db import db as database
from tierslieu.web import papers


@pytest.fixture
def drawn_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every paper is drawn outside any transaction; gives the kinds of PDF drawn."""
    drawn: list[str] = []
    draw = papers.draw_pdf

    def watched(*pages: Any, **more: Any) -> papers.Drawn:
        assert not database.session().in_transaction()
        made = draw(*pages, **more)
        assert not database.session().in_transaction()
        drawn.append(str(more["variant"]))
        return made

    monkeypatch.setattr(papers, "draw_pdf", watched)
    yield drawn
    assert drawn


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Who may mount nothing here has the test run where they may: in a name space of its own."""
    if "small_disk" not in pyfuncitem.fixturenames or can_mount():
        return None
    ours = ["-q", "-p", "no:xdist", "--rootdir", str(pyfuncitem.config.rootpath)]
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "pytest", *ours, pyfuncitem.nodeid],
        cwd=pyfuncitem.config.rootpath,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return True


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], SmallDisk]]:
    """Make a disk of so many bytes; it is gone after the test."""
    if not can_mount() and not can_unshare():
        pytest.skip("nothing can be mounted here: run as root, or allow user name spaces")
    made: list[SmallDisk] = []

    def make(size: int) -> SmallDisk:
        made.append(SmallDisk(tmp_path / f"disk-{len(made)}", size))
        return made[-1]

    yield make
    for disk in made:
        disk.close()
