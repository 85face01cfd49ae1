"""A place that was just opened and the demonstration place, each made once a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.backups import app_of, back_up, within
from tierslieu.backup import age
from tierslieu.opening import open_place, play_demo
from tierslieu.settings import Settings


@pytest.fixture(autouse=True)
def _quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "WORK", 6)


@pytest.fixture(scope="session")
def _opened(make_settings: Callable[..., Settings]) -> Settings:
    settings = make_settings("backup-opened")
    with within(app_of(settings)) as app:
        open_place(app)
    return settings


@pytest.fixture(scope="session")
def _demo(make_settings: Callable[..., Settings]) -> Settings:
    settings = make_settings("backup-demo", demo=True)
    with within(app_of(settings)) as app:
        open_place(app)
        play_demo(app)
    return settings


@pytest.fixture
def opened_place(_opened: Settings) -> Settings:
    """A place nobody has come to; copy it before you change it."""
    return _opened


@pytest.fixture
def demo_place(_demo: Settings) -> Settings:
    """The demonstration place; copy it before you change it."""
    return _demo


@pytest.fixture(scope="session")
def _small(_opened: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "place.tar.gz.age"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(age, "WORK", 6)
        back_up(_opened, path)
    return path


@pytest.fixture
def small_backup(_small: Path) -> Path:
    """A backup of the place nobody has come to."""
    return _small


@pytest.fixture
def empty_place(
    tmp_path: Path, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> Callable[..., Settings]:
    """Makes an empty folder and an empty database of either kind."""
    made: list[str] = []

    def make(kind: str = "sqlite", **changes: object) -> Settings:
        folder = tmp_path / f"empty{len(made)}"
        folder.mkdir()
        url = f"sqlite:///{folder / 'tierslieu.sqlite'}"
        if kind == "postgresql":
            url = request.getfixturevalue("new_postgresql")(f"{tmp_path.name}_{len(made)}")
        made.append(url)
        settings = replace(make_settings("backup-empty"), instance=folder, database_url=url)
        return replace(settings, **changes)  # type: ignore[arg-type]

    return make
