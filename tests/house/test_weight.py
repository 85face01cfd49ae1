"""What a small machine carries in each of its processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.served import ROOT, environment_of

#: Read by one act of one person: loaded then, not by every process from its first moment.
HEAVY = (
    "coloraide", "narwhals", "numpy", "openpyxl",
    "polars", "pyreadstat", "pyxform", "weasyprint",
)  # fmt: skip
LOADED = """
import sys
from tierslieu.app import create_app
from tierslieu.cli import main
from tierslieu.settings import read_settings
create_app(read_settings())
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_a_process_of_the_place_loads_nothing_heavy_before_somebody_asks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *HEAVY],
        env=environment_of(tmp_path, TIERSLIEU_DEMO="1"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
