"""``tierslieu user``: for scripts and for the first administrator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask_security import verify_password

from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.cli import main
from tierslieu.db import db, set_wal
from tierslieu.people import commands
from tierslieu.people.commands import user as command
from tierslieu.people.queries import find_user
from tierslieu.settings import read_settings

EMAIL = "ada@example.org"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own, migrated and empty."""
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path))
    monkeypatch.setattr("tierslieu.app.create_app", _quiet_app)
    app = _quiet_app()
    with app.app_context():
        set_wal(db.engine)
        Base.metadata.create_all(db.engine)
        db.engine.dispose()
    return tmp_path


def _quiet_app() -> Any:
    return create_app(read_settings(), TESTING=True)


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin)


def test_the_first_administrator_is_made_with_a_password_from_stdin(place: Path) -> None:
    made = run(
        *("create", EMAIL, "--name", "Ada", "--role", "administrator", "--role", "learner"),
        *("--password-stdin", "--json"),
        stdin="une phrase bien longue\n",
    )
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    assert (told["roles"], told["confirmed"]) == (["learner", "administrator"], True)
    with _quiet_app().app_context():
        person = find_user(db.session(), EMAIL)
        assert person is not None
        assert verify_password("une phrase bien longue", person.password)
        assert not person.is_demo
        db.engine.dispose()


def test_without_a_password_one_signs_in_by_link(place: Path) -> None:
    assert run("create", EMAIL, "--name", "Ada").exit_code == 0
    with _quiet_app().app_context():
        person = find_user(db.session(), EMAIL)
        assert person is not None
        assert person.password is None
        db.engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("create", "personne", "--name", "Ada"), 1, "pas complète"),
        (("create", EMAIL, "--name", " "), 1, "Écrivez votre nom"),
        (("create", EMAIL, "--name", "Ada", "--role", "king"), 2, "'king' is not one of"),
        (("create", EMAIL), 2, "--name"),
        (("create", EMAIL, "--name", "Ada", "--password-stdin"), 2, "12 to 128"),
        (("role", EMAIL, "--add", "learner"), 1, "no account"),
        (("role", EMAIL), 2, "--add"),
        (("role", EMAIL, "--add", "learner", "--remove", "learner"), 2, "at once"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_1_or_2(
    place: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = run(*arguments, stdin="court\n")
    assert result.exit_code == code, result.output
    assert words in result.output
    assert "Traceback" not in result.output


def test_the_same_address_twice_is_refused(place: Path) -> None:
    run("create", EMAIL, "--name", "Ada")
    again = run("create", "ADA@example.org", "--name", "Une autre")
    assert again.exit_code == 1
    assert "existe déjà" in again.output


def test_roles_are_given_and_taken_but_for_the_last_administrator(place: Path) -> None:
    run("create", EMAIL, "--name", "Ada", "--role", "administrator")
    given = run("role", EMAIL, "--add", "researcher", "--json")
    assert json.loads(given.output)["roles"] == ["researcher", "administrator"]
    refused = run("role", EMAIL, "--remove", "administrator")
    assert refused.exit_code == 1
    assert "dernière personne" in refused.output


@pytest.mark.parametrize("some", [1, 3, 500])
def test_people_are_listed_by_name_whatever_their_accents(
    place: Path, monkeypatch: pytest.MonkeyPatch, some: int
) -> None:
    monkeypatch.setattr(commands, "SLICE", some)  # read at once
    for name in ("Zoé", "Élodie", "emma"):
        run("create", f"{name[0].lower() if name != 'Élodie' else 'l'}@example.org", "--name", name)
    listed = run("list")
    assert [line.split("\t")[1] for line in listed.output.splitlines()] == ["Élodie", "emma", "Zoé"]
    found = run("list", "--search", "elodie", "--json")
    assert json.loads(found.output)["name"] == "Élodie"


def test_a_place_that_is_not_open_yet_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path))
    monkeypatch.setattr("tierslieu.app.create_app", _quiet_app)
    monkeypatch.setenv("TIERSLIEU_SECRET_KEY", "s" * 40)
    (tmp_path / "tierslieu.sqlite").touch()
    result = CliRunner().invoke(main, ["user", "list"])
    assert result.exit_code == 1
    assert "the database is not ready: tierslieu init" in result.output


def test_an_administrator_makes_one_account_of_two(place: Path) -> None:
    for email, role in ((EMAIL, "learner"), ("ada@ecole.example", "facilitator")):
        assert run("create", email, "--name", "Ada", "--role", role).exit_code == 0
    assert run("join", EMAIL, "--into", EMAIL).exit_code == 1
    assert run("join", EMAIL, "--into", "nobody@example.org").exit_code == 1
    joined = run("join", "ada@ecole.example", "--into", EMAIL, "--json")
    assert joined.exit_code == 0, joined.output
    assert json.loads(joined.output)["roles"] == ["learner", "facilitator"]
    assert run("join", "ada@ecole.example", "--into", EMAIL).exit_code == 1  # there is one left
