"""What a small machine carries in each of its processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.served import ROOT, environment_of

#: Read by one act of one person: loaded then, not by every process from its first moment.
HEAVY = (
    "boto3", "botocore", "coloraide", "narwhals", "numpy", "openpyxl",
    "polars", "pyreadstat", "pyxform", "weasyprint",
)  # fmt: skip
LOADED = """
import gc, sys
from tierslieu.app import create_app
from tierslieu.cli import main
from tierslieu.settings import read_settings
create_app(read_settings())
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
print(gc.get_stats()[2]["collections"])
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a process tells of itself once it has loaded the place."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *HEAVY],
        env=environment_of(tmp_path_factory.mktemp("light"), TIERSLIEU_DEMO="1"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_process_of_the_place_loads_nothing_heavy_before_somebody_asks(
    loaded: list[str],
) -> None:
    assert loaded[0].split() == []


def test_no_process_looks_through_all_it_loads_while_it_loads(loaded: list[str]) -> None:
    assert int(loaded[1]) <= 1  # five times, and a quarter of its time, if Python is let
