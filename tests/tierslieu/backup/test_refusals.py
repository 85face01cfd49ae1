"""A backup that is not whole, not ours or not for here is refused in a sentence, and nothing is
written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.support.backups import PASSPHRASE, back_up, is_untouched, put_back
from tierslieu.backup import archive
from tierslieu.backup.age import Damaged
from tierslieu.backup.copying import NotDone
from tierslieu.cli import main
from tierslieu.settings import RESTORING, Settings

few = limits(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ask(instance: Path, *words: str, **variables: str) -> tuple[int, str]:
    """The exit code and all that was said."""
    environment = {"TIERSLIEU_INSTANCE": str(instance), "TIERSLIEU_BACKUP_PASSPHRASE": PASSPHRASE}
    done = CliRunner().invoke(
        main, list(words), env={**environment, **variables}, catch_exceptions=False
    )
    return done.exit_code, done.output


@pytest.fixture(scope="session")
def plain_backup(_opened: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "place.tar.gz"
    back_up(_opened, path, None)
    return path


@few
@given(data=st.data(), is_cut=st.booleans(), is_sealed=st.booleans())
def test_a_file_changed_or_cut_anywhere_is_refused_in_a_sentence(
    small_backup: Path,
    plain_backup: Path,
    tmp_path: Path,
    data: st.DataObject,
    is_cut: bool,
    is_sealed: bool,
) -> None:
    whole = bytearray((small_backup if is_sealed else plain_backup).read_bytes())
    at = data.draw(st.one_of(st.integers(0, 400), st.integers(0, len(whole) - 1)))
    if is_cut:
        del whole[at:]
    else:
        whole[at] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "damaged"
    path.write_bytes(whole)
    code, said = ask(tmp_path, "restore", str(path))
    assert code == 1
    assert said.startswith("Error: ")
    assert "Traceback" not in said
    assert is_untouched(Settings(instance=tmp_path, database_url="")) or {
        p.name for p in tmp_path.iterdir()
    } <= {"damaged", "secret_key", "queue.sqlite"}


def test_a_whole_file_is_said_to_be_restorable_by_either_command(
    small_backup: Path, tmp_path: Path
) -> None:
    for words in (("backup", "--verify"), ("restore", "--check")):
        code, said = ask(tmp_path, *words, str(small_backup), "--json")
        assert code == 0, said
        facts = json.loads(said)
        assert facts["done"] is True
        assert facts["rows"] > 100
        assert not (tmp_path / "tierslieu.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "variables", "code"),
    [
        (("restore",), {"TIERSLIEU_BACKUP_PASSPHRASE": "un tout autre secret"}, "wrong_passphrase"),
        (("restore",), {"TIERSLIEU_BACKUP_PASSPHRASE": ""}, "passphrase_needed"),
        (("restore",), {"TIERSLIEU_SECRET_KEY": "x" * 40}, "other_secret"),
        (("backup", "--verify"), {"TIERSLIEU_BACKUP_PASSPHRASE": ""}, "passphrase_needed"),
    ],
)
def test_what_is_missing_has_a_code_for_scripts_and_a_sentence(
    small_backup: Path, tmp_path: Path, words: tuple[str, ...], variables: dict[str, str], code: str
) -> None:
    status, said = ask(tmp_path, *words, str(small_backup), "--json", **variables)
    assert status == 1
    assert json.loads(said)["code"] == code
    assert PASSPHRASE not in said


def test_another_secret_in_the_file_of_settings_is_refused_as_one_in_the_environment(
    small_backup: Path, tmp_path: Path
) -> None:
    (tmp_path / "tierslieu.env").write_text(f"TIERSLIEU_SECRET_KEY={'y' * 40}\n")
    for words in (("restore",), ("restore", "--check")):
        status, said = ask(tmp_path, *words, str(small_backup), "--json")
        assert (status, json.loads(said)["code"]) == (1, "other_secret")
    assert not (tmp_path / "tierslieu.sqlite").exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    for words in (("restore",), ("backup", "--verify")):
        code, said = ask(tmp_path, *words, str(tmp_path / "none"))
        assert (code, f"{tmp_path / 'none'} cannot be read: No such file" in said) == (1, True)


def test_a_place_that_is_not_empty_is_left_as_it_is(
    small_backup: Path, opened_place: Settings
) -> None:
    before = {p: p.read_bytes() for p in opened_place.instance.rglob("*") if p.is_file()}
    with pytest.raises(NotDone) as refused:
        put_back(small_backup, opened_place)
    assert refused.value.code == "not_empty"
    assert {p: p.read_bytes() for p in opened_place.instance.rglob("*") if p.is_file()} == before


def test_keys_of_another_place_are_never_written_over(
    small_backup: Path, empty_place: Callable[..., Settings]
) -> None:
    there = empty_place()
    there.keys.folder.mkdir()
    (there.keys.folder / "badges-somebody.pem").write_text("precious")
    with pytest.raises(NotDone) as refused:
        put_back(small_backup, there)
    assert refused.value.code == "not_empty"
    assert (there.keys.folder / "badges-somebody.pem").read_text() == "precious"


def test_what_a_killed_restore_left_is_no_leave_to_empty_files_that_lie_elsewhere(
    small_backup: Path, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    there, precious = empty_place(), tmp_path / "production"
    (precious / "keys").mkdir(parents=True)
    (precious / "keys" / "badges-somebody.pem").write_text("precious")
    killed = {"token": "x", "files": str(there.instance.resolve())}
    (there.instance / RESTORING).write_text(json.dumps(killed))
    with pytest.raises(NotDone) as refused:
        put_back(small_backup, replace(there, shared_files=precious))
    assert refused.value.code == "not_empty"
    assert (precious / "keys" / "badges-somebody.pem").read_text() == "precious"


def test_what_somebody_laid_beside_the_keys_neither_stops_a_backup_nor_goes_with_it(
    opened_place: Settings, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    folder = opened_place.keys.folder
    strays = [folder / "badges-x.pem~", folder / "former" / "badges-y.pem"]
    (folder / "former").mkdir()
    try:
        for stray in strays:
            stray.write_text("put aside")
        back_up(opened_place, tmp_path / "with.age")
        put_back(tmp_path / "with.age", there := empty_place())
        assert not any("put aside" in path.read_text() for path in there.keys.folder.iterdir())
    finally:
        for stray in strays:
            stray.unlink(missing_ok=True)
        (folder / "former").rmdir()


def test_a_backup_of_a_newer_version_is_refused(
    opened_place: Settings,
    empty_place: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "FORMAT_VERSION", 99)
    back_up(opened_place, tmp_path / "newer.age")
    there = empty_place()
    with pytest.raises(NotDone) as refused:
        put_back(tmp_path / "newer.age", there)
    assert refused.value.code == "newer"
    assert is_untouched(there)


def test_without_a_passphrase_nothing_is_written_unless_one_says_that_it_may_be_plain(
    opened_place: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "place.tar.gz"
    url = {"TIERSLIEU_DATABASE_URL": opened_place.database_url}
    for words, expected in (((), "no_passphrase"), (("--json",), "no_passphrase")):
        code, said = ask(
            tmp_path, "backup", str(path), *words, TIERSLIEU_BACKUP_PASSPHRASE="", **url
        )
        assert code == 1
        assert "BACKUP_PASSPHRASE" in said, expected
        assert not path.exists()
    code, said = ask(tmp_path, "backup", str(path), TIERSLIEU_BACKUP_PASSPHRASE="too short", **url)
    assert (code, path.exists()) == (1, False)
    code, said = ask(
        tmp_path, "backup", str(path), "--plain", TIERSLIEU_BACKUP_PASSPHRASE="", **url
    )
    assert code == 0
    assert "NOT sealed" in said
    assert path.stat().st_mode & 0o077 == 0
    code, said = ask(tmp_path, "backup", str(path), "--plain", **url)
    assert (code, "already" in said or "there" in said) == (1, True)


def test_a_folder_that_cannot_be_written_is_said(opened_place: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotDone) as refused:
        back_up(opened_place, tmp_path / "nowhere" / "place.age")
    assert refused.value.code == "unwritable"


def test_a_file_whose_name_leads_elsewhere_is_refused(
    opened_place: Settings,
    empty_place: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish = archive.ArchiveWriter.finish

    def smuggle(self: archive.ArchiveWriter) -> None:
        self.add("uploads/../../escaped", b"x")
        finish(self)

    monkeypatch.setattr(archive.ArchiveWriter, "finish", smuggle)
    back_up(opened_place, tmp_path / "evil.age")
    there = empty_place()
    with pytest.raises((NotDone, Damaged)):
        put_back(tmp_path / "evil.age", there)
    assert not list(tmp_path.rglob("escaped"))
    assert is_untouched(there)


def test_nobody_opens_a_place_in_which_a_restore_was_cut_short(tmp_path: Path) -> None:
    (tmp_path / RESTORING).write_text("{}")
    for command in ("init", "doctor", "audit", "worker"):
        code, said = ask(tmp_path, command)
        assert code == 2
        assert "restore was cut short" in said
