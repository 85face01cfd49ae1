"""An address that leads to no database is one sentence for every command, without its password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tierslieu import serving
from tierslieu.cli import main
from tierslieu.settings import BadSetting, read_settings

WHO = "lieu"
COMMANDS = (
    ["init"],
    ["init", "--name", "Lieu", "--url", "https://lieu.example", "--contact", "a@lieu.example",
     "--admin", "b@lieu.example"],
    ["serve", "--port", "1"],
    ["worker"],
    ["doctor"],
    ["audit"],
    ["upgrade"],
    ["demo"],
    ["backup", "place.tar.gz"],
    ["restore", "place.tar.gz"],
    ["retention"],
    ["user", "list"],
    ["evaluation", "export", "study", "--out", "x.zip"],
    ["keys", "list"],
)  # fmt: skip


def run(words: list[str]) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("TIERSLIEU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path / "place"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "place"


@pytest.mark.parametrize(
    ("scheme", "rest"),
    [
        ("postgresql+psycopg2", "gehheim@db.example/lieu"),
        ("mysql", "gehheim@db.example/lieu"),
        ("postgresql", "geh heim@db.example/lieu"),
        ("postgresql", "gehheim@db example/lieu"),
        ("postgresql", "gehheim@db.example/lieu "),
        ("postgresql", "gehheim@db.example:port/lieu"),
        ("postgresql", "gehheim@db.example:0/lieu"),
        ("postgresql", "gehheim@db.example:70000/lieu"),
        ("postgresql", "gehheim@one.example:5432,two.example:5432/lieu"),
        ("postgresql", "gehheim@[::1/lieu"),
        ("postgresql", "geh%heim@db.example/lieu"),
        ("postgresql", "geh%00heim@db.example/lieu"),
        ("postgresql", "geh@heim@db.example/lieu"),
        ("postgresql", "geh/heim@db.example/lieu"),
        ("postgresql", "gehheim@db.example/lieu?colour=red"),
        ("postgresql", "gehheim@db.example/lieu?connect_timeout=soon"),
        ("sqlite", "gehheim.sqlite"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_by_name_and_its_password_is_not_said(
    instance: Path, scheme: str, rest: str
) -> None:
    url = f"{scheme}://lieu:{rest}"
    with pytest.raises(BadSetting, match="TIERSLIEU_DATABASE_URL") as refused:
        read_settings({"TIERSLIEU_INSTANCE": str(instance), "TIERSLIEU_DATABASE_URL": url})
    assert "heim" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///lieu?host=/run/postgresql",
        "postgresql://lieu@/lieu?host=/run/postgresql&connect_timeout=2",
        f"postgres://{WHO}:%40%2F%3A%25%20@db.example:5433/lieu",
        f"postgresql+psycopg://{WHO}:a#b?c@[::1]:5432/lieu",
        "postgresql://:5433/lieu",
        "sqlite:////srv/le lieu/100 % lieu.sqlite",
    ],
)
def test_an_address_that_may_lead_somewhere_is_taken(instance: Path, url: str) -> None:
    told = {"TIERSLIEU_INSTANCE": str(instance), "TIERSLIEU_DATABASE_URL": url}
    assert read_settings(told).database_url.partition("://")[2] == url.partition("://")[2]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_every_command_says_so_in_one_sentence(
    instance: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(serving, "why_not_there", lambda host, port: None)
    Path("place.tar.gz").write_bytes(b"\x1f\x8b")
    monkeypatch.setenv("TIERSLIEU_DATABASE_URL", f"postgresql://{WHO}:geh heim@db.example/lieu")
    done = run(words)
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 2, done.output
    assert "TIERSLIEU_DATABASE_URL has a space" in done.output
    assert "heim" not in done.output
    assert not list(instance.glob("*")), "nothing is made, no file of settings either"


def test_where_no_database_answers_the_setting_that_leads_there_is_named(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERSLIEU_DATABASE_URL", f"postgresql://{WHO}:geheim@127.0.0.1:1/lieu")
    done = run(["doctor"])
    assert done.exit_code == 1
    assert "(TIERSLIEU_DATABASE_URL says where it is)" in done.output
    assert "geheim" not in done.output
