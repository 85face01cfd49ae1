"""``tierslieu user token``: for scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db, set_wal
from tierslieu.settings import read_settings
from tierslieu.tokens.commands import user as command
from tierslieu.tokens.rules import recognise

EMAIL = "ada@example.org"


def _quiet_app() -> Any:
    return create_app(read_settings(), TESTING=True)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own where Ada facilitates."""
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path))
    monkeypatch.setattr("tierslieu.app.create_app", _quiet_app)
    app = _quiet_app()
    with app.app_context():
        set_wal(db.engine)
        Base.metadata.create_all(db.engine)
        db.engine.dispose()
    assert run("create", EMAIL, "--name", "Ada", "--role", "facilitator").exit_code == 0
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_it_prints_the_token_alone(place: Path) -> None:
    printed = run("token", EMAIL, "--scope", "awards:write", "--scope", "credentials:issue")
    assert printed.exit_code == 0, printed.output
    secret = printed.output.removesuffix("\n")
    with _quiet_app().app_context():
        token = recognise(db.session(), secret, clock.now())
        assert token is not None
        assert token.scopes == ["awards:write", "credentials:issue"]
        db.engine.dispose()
    assert run("token", EMAIL, "--scope", "awards:write").exit_code == 0  # as often as one likes


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ((EMAIL, "--scope", "studies:export"), 1, "no role of this person allows studies:export"),
        (("nobody@example.org", "--scope", "awards:write"), 1, "no account has the address"),
        ((EMAIL, "--scope", "everything"), 2, "'everything' is not one of"),
        ((EMAIL,), 2, "Missing option '--scope'"),
    ],
)
def test_what_it_refuses(
    place: Path, arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    answer = run("token", *arguments)
    assert answer.exit_code == exit_code
    assert said in answer.output
