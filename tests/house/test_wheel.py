"""What `pip install` gives is whole: command, templates, static files, translations, migrations."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TRY = """
import tierslieu, pathlib
from tierslieu.app import TEMPLATES, create_app
from tierslieu.opening import open_place
assert pathlib.Path(tierslieu.__file__).is_relative_to(pathlib.Path({target!r})), tierslieu.__file__
assert TEMPLATES.is_relative_to(pathlib.Path({target!r}))
app = create_app()
open_place(app)
client = app.test_client()
assert client.get("/").status_code == 200
assert client.get("/parcours").status_code == 200
assert client.get("/static/css/tokens.css").status_code == 200
assert (pathlib.Path(app.root_path) / "translations/fr/LC_MESSAGES/messages.mo").exists()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked where pip would put it, away from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def test_the_installed_package_opens_a_place_away_from_its_source(
    installed: Path, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "TIERSLIEU_INSTANCE": str(tmp_path / "instance"),
    }
    done = subprocess.run(
        [sys.executable, "-c", TRY.format(target=str(installed))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_installed_package_gives_the_command(installed: Path) -> None:
    assert (installed / "bin" / "tierslieu").exists()
