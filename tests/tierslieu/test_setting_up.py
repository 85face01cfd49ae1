"""A new place is set up by five questions; doctor says what is unsafe or missing, and the mend."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask_migrate import stamp

from tests.support.buckets import environment_of_bucket
from tests.support.factories import Factory
from tierslieu import cli, doctor, setting_up
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db as database
from tierslieu.house import Setup
from tierslieu.mail.models import OutboxMessage
from tierslieu.opening import open_place
from tierslieu.people.models import User
from tierslieu.schema import MIGRATIONS, current_revision
from tierslieu.settings import BadSetting, Settings, read_settings
from tierslieu.store.buckets import Bucket

NAME = 'L’atelier "du" port \\ nord'
OPTIONS = ("--name", NAME, "--url", "https://lieu.example", "--contact", "equipe@lieu.example")
ADMIN = ("--admin", "Chef@Lieu.example")
SMTP = ("--smtp", "smtp://lieu:geheim@mail.example:587")


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a place that is not there yet."""
    for name in [name for name in os.environ if name.startswith("TIERSLIEU_")]:
        monkeypatch.delenv(name)
    instance = tmp_path / "place"
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(instance))
    monkeypatch.setattr(cli, "create_app", lambda settings: create_app(settings, TESTING=True))
    monkeypatch.setattr("tierslieu.opening.open_place", _open_quickly)
    return instance


def _open_quickly(app: Flask) -> None:
    """What ``open_place`` does, without its migrations one by one."""
    with app.app_context():
        if current_revision() is not None:
            return
        Base.metadata.create_all(database.engine)
        stamp(directory=str(MIGRATIONS))
        Factory(database.session()).roles()
        for setup in app.extensions["tierslieu.house"].all(Setup):
            setup.run(database.session(), app.config["TIERSLIEU"])
            database.session.commit()


def run(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(cli.main, list(arguments), input=answers)


def test_a_place_whose_bucket_does_not_answer_is_not_begun_and_a_sentence_says_so(
    new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tierslieu.opening.open_place", open_place)
    told = environment_of_bucket(Bucket("lieu", "", "http://127.0.0.1:9", "", "tests", "hidden"))
    for name, value in {**told, "TIERSLIEU_INSTANCE": str(new)}.items():
        monkeypatch.setenv(name, value)
    done = run("init", *OPTIONS, *ADMIN)
    assert done.exit_code == 1
    assert "the files of the place cannot be read or written" in done.output
    assert "does not answer" in done.output
    assert "hidden" not in done.output
    assert not (new / "tierslieu.sqlite").exists()
    assert not list(new.glob("keys*"))


def test_a_place_set_up_by_options_lacks_nothing_that_can_be_known(new: Path) -> None:
    done = run("init", *OPTIONS, *ADMIN, *SMTP)
    assert done.exit_code == 0, done.output
    file = new / "tierslieu.env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode & 0o077 == 0
    settings = read_settings()
    assert (settings.place_name, settings.base_url) == (NAME, "https://lieu.example")
    assert (settings.contact, settings.proxies) == ("equipe@lieu.example", 1)
    assert len(settings.secret_key) >= 64
    assert len(settings.key_passphrase) >= 40
    for secret in (settings.secret_key, settings.key_passphrase, "geheim"):
        assert secret not in done.output
    assert b"ENCRYPTED" in next(settings.keys.folder.glob("badges-*")).read_bytes()
    told = run("doctor", "--json")
    assert json.loads(told.output) | {"unknown": {}} == {"well": True, "wrong": {}, "unknown": {}}
    assert set(json.loads(told.output)["unknown"]) == {"worker", "backups"}
    assert told.exit_code == 0
    with create_app(settings, TESTING=True).app_context():
        (mail,) = database.session.query(OutboxMessage).all()
        assert mail.recipient == "chef@lieu.example"
        database.session.remove()
        database.engine.dispose()


@pytest.mark.parametrize(
    ("option", "address"),
    [("--admin", "chéf@lieu.example"), ("--admin", "chef@lieu"), ("--contact", "é@lieu.example")],
)
def test_an_address_that_cannot_be_one_is_told_before_anything_is_made(
    new: Path, option: str, address: str
) -> None:
    done = run("init", *OPTIONS, *ADMIN, option, address)
    assert done.exit_code == 2, done.output
    assert "no e-mail address" in done.output
    assert not new.exists() or not list(new.iterdir())
    assert run("init", *OPTIONS, *ADMIN).exit_code == 0  # nothing stands in the way


def test_without_a_mail_server_the_link_is_printed_and_opens_once(new: Path) -> None:
    done = run("init", *OPTIONS, *ADMIN)
    assert done.exit_code == 0, done.output
    link = next(line.strip() for line in done.output.splitlines() if "https://lieu" in line)
    assert set(json.loads(run("doctor", "--json").output)["wrong"]) == {"smtp"}
    app = create_app(read_settings(), TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    path = link.removeprefix("https://lieu.example")
    word = "une phrase bien longue et à moi"
    https: dict[str, Any] = {"base_url": "https://lieu.example"}
    assert client.get(path, **https).status_code == 200
    chosen = {"password": word, "password_confirm": word}
    assert client.post(path, data=chosen, **https).status_code == 302
    again = app.test_client().post(path, data=chosen | {"password": "x" + word}, **https)
    assert "mot-de-passe-oublie" in again.headers.get("Location", ""), "it opens once"
    signed_in = app.test_client().post(
        "/login", json={"email": "chef@lieu.example", "password": word}, **https
    )
    assert signed_in.status_code == 200
    with app.app_context():
        database.engine.dispose()
    assert "Who runs the place" not in run("init").output, "a second run opens no second account"


def test_on_a_terminal_where_nothing_is_set_five_questions_are_asked(
    new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_up, "is_terminal", lambda: True)
    monkeypatch.setattr("tierslieu.opening.welcome_administrator", lambda app, admin: admin)
    answers = [
        NAME, "lieu.example", "https://lieu.example", "nobody", "equipe@lieu.example",
        "mail.example", "", "chef@lieu.example",
    ]  # fmt: skip
    done = run("init", answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert done.output.count("TIERSLIEU_") == 3, "each wrong answer is told and asked again"
    settings = read_settings()
    assert (settings.place_name, settings.smtp_url) == (NAME, "")
    assert "chef@lieu.example" in done.output


def test_answers_may_come_from_a_pipe_and_none_or_a_wrong_one_leaves_nothing(new: Path) -> None:
    answers = [NAME, "https://lieu.example", "equipe@lieu.example", "", "chef@lieu.example"]
    for given, code, said in (
        ([], 2, "--name, --url, --contact, --admin"),
        (answers[:4], 2, "nobody answers"),
        ([""], 1, "something must be answered"),
        ([NAME, "lieu.example", *answers[1:]], 1, "BASE_URL must be like"),
    ):
        done = run("init", answers="".join(f"{line}\n" for line in given))
        assert (done.exit_code, said in done.output) == (code, True), done.output
        assert not new.exists() or not list(new.iterdir())
    done = run("init", answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert set(json.loads(run("doctor", "--json").output)["wrong"]) == {"smtp"}


@pytest.mark.parametrize("cut_in", ["open_place", "welcome_administrator"])
def test_a_set_up_cut_short_goes_on_at_a_second_run(
    new: Path, monkeypatch: pytest.MonkeyPatch, cut_in: str
) -> None:
    def cut_short(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as first:
        first.setattr(f"tierslieu.opening.{cut_in}", cut_short)
        assert run("init", *OPTIONS, *ADMIN).exit_code == 1
    secret = read_settings().secret_key
    quiet = run("init")  # as a unit runs it
    assert quiet.exit_code == 0
    assert "tierslieu init --admin ADDRESS" in quiet.output
    assert "administrator" in json.loads(run("doctor", "--json").output)["wrong"]
    for wrong, said in ((("--admin", "é@x.example"), "no e-mail"), (("--name", "X"), "--name:")):
        assert said in run("init", *wrong).output
    monkeypatch.setattr(setting_up, "is_terminal", lambda: True)
    done = run("init", answers="nobody\nchef@lieu.example\n")
    assert done.exit_code == 0, done.output
    assert "Nobody runs the place yet" in done.output
    assert "https://lieu.example/" in done.output
    assert read_settings().secret_key == secret, "the settings are those of the first run"
    assert set(json.loads(run("doctor", "--json").output)["wrong"]) == {"smtp"}


def test_the_same_command_typed_again_goes_on_and_opens_one_account(new: Path) -> None:
    first, again = (run("init", *OPTIONS, *ADMIN) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0), again.output
    assert "already: no account was made for chef@lieu.example" in again.output
    for done in (first, again):  # the first may be lost: while no password was chosen, one more
        assert "https://lieu.example/" in done.output
    assert "Somebody runs" in run("init", "--admin", "autre@lieu.example").output
    with create_app(read_settings(), TESTING=True).app_context():
        assert database.session.query(User).count() == 1
        database.session.remove()
        database.engine.dispose()


def test_who_has_an_account_already_is_made_administrator_by_another_command(new: Path) -> None:
    with pytest.MonkeyPatch.context() as first:
        first.setattr("tierslieu.opening.welcome_administrator", lambda app, admin: None)
        run("init", *OPTIONS, *ADMIN)
    assert run("user", "create", "chef@lieu.example", "--name", "Chef").exit_code == 0
    done = run("init", *ADMIN)
    assert done.exit_code == 1
    assert "tierslieu user role chef@lieu.example --add administrator" in done.output


def test_where_the_data_lies_is_kept_in_the_file_of_settings(
    new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    (tmp_path / "shared").mkdir(mode=0o700)
    monkeypatch.setenv("TIERSLIEU_DATABASE_URL", url)
    monkeypatch.setenv("TIERSLIEU_FILES", str(tmp_path / "shared"))
    assert setting_up.is_new(), "where it lies says nothing of what it is: the questions are asked"
    assert run("init", *OPTIONS, *ADMIN).exit_code == 0
    monkeypatch.delenv("TIERSLIEU_DATABASE_URL")  # a unit reads the file alone
    monkeypatch.delenv("TIERSLIEU_FILES")
    settings = read_settings()
    assert (settings.database_url, settings.shared_files) == (url, tmp_path / "shared")
    assert set(json.loads(run("doctor", "--json").output)["wrong"]) == {"smtp"}


def test_nobody_is_asked_where_something_is_set(new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert setting_up.is_new()
    monkeypatch.setenv("TIERSLIEU_CONTACT", "equipe@lieu.example")
    assert not setting_up.is_new()
    done = run("init")
    assert done.exit_code == 0
    assert done.output.splitlines()[1:] == ["The place is ready to open."]
    assert not (new / "tierslieu.env").exists()


def test_what_is_missing_or_there_already_is_said_and_nothing_is_written(new: Path) -> None:
    done = run("init", "--name", "Lieu", *ADMIN)
    assert done.exit_code == 2
    assert "--url, --contact" in done.output
    wrong = run("init", "--name", "Lieu", "--url", "lieu", "--contact", "a@b.example", *ADMIN)
    assert wrong.exit_code == 2
    assert not (new / "tierslieu.env").exists()
    new.mkdir(exist_ok=True)
    (new / "tierslieu.env").write_text("TIERSLIEU_CONTACT=first@lieu.example\n")
    again = run("init", *OPTIONS, *ADMIN)
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert (new / "tierslieu.env").read_text() == "TIERSLIEU_CONTACT=first@lieu.example\n"
    with pytest.raises(FileExistsError):
        setting_up.write_file(new / "tierslieu.env", {})
    assert [path.name for path in new.iterdir() if path.name.startswith(".")] == []


def test_the_environment_wins_over_the_file(new: Path, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.env"
    setting_up.write_file(file, {"TIERSLIEU_CONTACT": "file@x.example", "TIERSLIEU_WORKERS": "3"})
    values = {
        "TIERSLIEU_INSTANCE": str(new),
        "TIERSLIEU_ENV_FILE": str(file),
        "TIERSLIEU_CONTACT": "environment@x.example",
    }
    settings = read_settings(values)
    assert (settings.contact, settings.workers) == ("environment@x.example", 3)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///place.sqlite"])
def test_a_database_that_depends_on_where_one_stands_or_keeps_nothing_is_refused(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(BadSetting, match="sqlite:////path/file"):
        read_settings({"TIERSLIEU_INSTANCE": str(tmp_path), "TIERSLIEU_DATABASE_URL": url})


@pytest.mark.parametrize(
    "written", ["TIERSLIEU_CONTAKT=a@b.example\n", "TIERSLIEU_CONTACT\n", b"TIERSLIEU_CONTACT=\xff"]
)
def test_a_file_with_a_fault_is_refused(tmp_path: Path, written: str | bytes) -> None:
    (tmp_path / "tierslieu.env").write_bytes(
        written if isinstance(written, bytes) else written.encode()
    )
    with pytest.raises(BadSetting, match=r"CONTA|tierslieu\.env"):
        read_settings({"TIERSLIEU_INSTANCE": str(tmp_path)})


def test_a_file_or_a_shared_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("ENV_FILE", "FILES"):
        with pytest.raises(BadSetting, match=name):
            read_settings(
                {"TIERSLIEU_INSTANCE": str(tmp_path), f"TIERSLIEU_{name}": str(tmp_path / "gone")}
            )


def _say(settings: Settings) -> dict[str, str]:
    found = doctor.Finding()
    doctor._look_at_settings(settings, found, settings.contact)
    doctor._look_at_files(settings, found)
    return found.wrong


def test_doctor_names_each_thing_unsafe_with_its_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    safe = Settings(
        tmp_path, "sqlite://", "https://lieu.example", "aB3-" * 3 + "cD4_eF5gH6iJ7kL8mN9oP0",
        "smtp://mail.example", contact="a@lieu.example", key_passphrase="x" * 30, proxies=1,
    )  # fmt: skip
    assert _say(safe) == {}
    for name, mend, worse in (
        ("base_url", "docs/deploy", {"base_url": "http://lieu.example"}),
        ("proxies", "number of your proxies", {"proxies": 0}),
        ("contact", "set it", {"contact": ""}),
        ("smtp", "set your mail server", {"smtp_url": ""}),
        ("keys", "tierslieu init", {"key_passphrase": ""}),
        ("secret_key", "token_urlsafe", {"secret_key": "changez-moi"}),
        ("secret_key", "token_urlsafe", {"secret_key": "a" * 64}),
    ):
        said = _say(replace(safe, **worse))  # type: ignore[arg-type]
        assert set(said) == {name}
        assert mend in said[name]
    file = tmp_path / "open.env"
    file.write_text("")
    file.chmod(0o644)
    monkeypatch.setenv("TIERSLIEU_ENV_FILE", str(file))
    assert "chmod 600" in _say(safe)["secrets"]
    file.chmod(0o600)
    tmp_path.chmod(0o755)
    assert "chmod o-rwx" in _say(safe)["data"]


def test_doctor_looks_at_the_server_of_the_database(
    make_settings: Callable[..., Settings], new_postgresql: Callable[[str], str]
) -> None:
    settings = make_settings("doctor", database_url=new_postgresql("doctor"))
    with create_app(settings, TESTING=True).app_context():
        found = doctor.Finding()
        doctor._look_at_server(database.session(), settings, found)
        assert (found.wrong, set(found.unknown)) == ({}, {"connections"})
        doctor._look_at_server(database.session(), replace(settings, workers=50), found)
        assert "raise max_connections" in found.wrong["connections"]
        database.session.remove()
        database.engine.dispose()
