"""``tierslieu backup`` and ``tierslieu restore``: the whole place into one file, and back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tierslieu import clock
from tierslieu.backup.age import Damaged, WrongPassphrase
from tierslieu.backup.archive import PassphraseNeeded
from tierslieu.backup.copying import Contents, NotDone, make_backup
from tierslieu.backup.restoring import Wishes, check_backup
from tierslieu.backup.restoring import restore as put_back
from tierslieu.db import db
from tierslieu.schema import current_revision, find_loss, newest_revision
from tierslieu.settings import PREFIX, BadSetting, Settings, gather, read_settings

FILE = click.Path(dir_okay=False, path_type=Path)
_json = click.option("--json", "as_json", is_flag=True, help="for scripts")
NEEDED = (
    f"set {PREFIX}BACKUP_PASSPHRASE: a backup holds everybody's data and the keys that sign badges"
)


def _settings(*, is_restoring: bool = False) -> Settings:
    try:
        return read_settings(is_restoring=is_restoring)
    except BadSetting as error:
        raise click.UsageError(str(error)) from error


def _passphrase(settings: Settings) -> str | None:
    if not settings.backup_passphrase and sys.stdin.isatty():
        return str(click.prompt("Passphrase of the backup", hide_input=True, err=True))
    return settings.backup_passphrase or None


@contextmanager
def _said(as_json: bool) -> Iterator[None]:
    """What cannot be done is a sentence, and for a script its code."""
    try:
        yield
        return
    except NotDone as error:
        code, message = error.code, str(error)
    except WrongPassphrase:
        code, message = "wrong_passphrase", "the passphrase does not open this file"
    except PassphraseNeeded:
        code = "passphrase_needed"
        message = f"this backup is sealed: set {PREFIX}BACKUP_PASSPHRASE to its passphrase"
    except Damaged as error:
        code, message = "damaged", f"this file is no whole backup: {error}"
    except OSError as error:
        what = error.filename or "the file"
        code, message = "unreadable", f"{what} cannot be read: {error.strerror}"
    if as_json:
        click.echo(json.dumps({"done": False, "code": code, "message": message}))
    else:
        click.echo(f"Error: {message}", err=True)
    sys.exit(1)


def _facts(contents: Contents) -> dict[str, Any]:
    return {
        **{k: v for k, v in contents.about.items() if k != "format"},
        "is_sealed": contents.is_sealed,
        "size": contents.size,
        "rows": contents.rows,
        "files": contents.files,
        "missing": contents.manifest.missing,
        "changed": contents.manifest.changed,
    }


def _tell(contents: Contents, as_json: bool, said: str, **more: Any) -> None:
    if as_json:
        click.echo(json.dumps({"done": True, **_facts(contents), **more}))
        return
    click.echo(said)
    about = contents.about
    click.echo(
        f"  made {about['made_at']}, {about['base_url']}, {about['database']}, "
        f"software {about['software']}, revision {about['revision']}"
    )
    click.echo(f"  {contents.rows} rows, {contents.files} files, {contents.size} bytes")
    for problem in ("missing", "changed"):
        for name in getattr(contents.manifest, problem):
            click.echo(f"  {problem} when the copy was made: {name}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--plain", is_flag=True, help="unsealed: whoever holds the file can read everything")
@click.option("--verify", is_flag=True, help="write nothing: read FILE and say whether it is whole")
@_json
def backup(file: Path, plain: bool, verify: bool, as_json: bool) -> None:
    """Copy the whole place, while it is in use, into FILE (ending: .tar.gz.age).

    Sealed under TIERSLIEU_BACKUP_PASSPHRASE; read back before it gets its name. Exits 1 when it
    could not be made.
    """
    if verify:
        _check(file, as_json)
        return
    from tierslieu.app import create_app

    settings = _settings()
    passphrase = None if plain else _passphrase(settings)
    app = create_app(settings)
    with _said(as_json), app.app_context():
        if not plain and not passphrase:
            raise NotDone(f"{NEEDED}. --plain writes it unsealed all the same", "no_passphrase")
        if current_revision() != newest_revision():
            raise NotDone(
                find_loss(settings)
                or "the database is not up to date: run tierslieu upgrade, which makes a copy "
                "first",
                "revision",
            )
        house = app.extensions["tierslieu.house"]
        try:
            contents = make_backup(file, passphrase, db.engine, house, settings, now=clock.now())
        finally:
            db.engine.dispose()
        _tell(contents, as_json, f"{file} is written, and was read back whole.")
        if plain and not as_json:
            click.echo("It is NOT sealed: keep it where nobody else can read it.", err=True)


def _check(file: Path, as_json: bool, fixed_secret: str = "") -> None:
    settings = _settings(is_restoring=True)
    with _said(as_json):
        contents = check_backup(file, _passphrase_for(file, settings), fixed_secret)
        _tell(contents, as_json, f"{file} is whole and can be restored.")


def _passphrase_for(file: Path, settings: Settings) -> str | None:
    """Nobody is asked for the passphrase of a file that needs none."""
    with file.open("rb") as raw:
        return None if raw.read(2) == b"\x1f\x8b" else _passphrase(settings)


@click.command()
@click.argument("file", type=FILE)
@click.option("--check", is_flag=True, help="write nothing: read FILE and say whether it would do")
@click.option("--send-mails", is_flag=True, help="let the mails that waited leave")
@click.option("--keep-sessions", is_flag=True, help="whoever was signed in still is")
@_json
def restore(file: Path, check: bool, send_mails: bool, keep_sessions: bool, as_json: bool) -> None:
    """Put the backup FILE into this empty place: all of it, or nothing.

    Everybody's sessions end and the mails that waited are held back, unless told otherwise. Exits 1
    when the place is not empty, or the file is not whole.
    """
    if check:
        _check(file, as_json, gather().get(f"{PREFIX}SECRET_KEY", ""))
        return
    from tierslieu.app import create_app

    settings = _settings(is_restoring=True)
    with _said(as_json):
        done = put_back(
            file,
            _passphrase_for(file, settings),
            settings,
            create_app,
            Wishes(send_mails, keep_sessions),
            now=clock.now(),
            fixed_secret=gather().get(f"{PREFIX}SECRET_KEY", ""),
        )
        held, ended = done.mails_held, done.sessions_ended
        _tell(
            done.contents,
            as_json,
            f"The place of {file} is back. Ask tierslieu doctor and tierslieu audit, then open it.",
            mails_held=held,
            sessions_ended=ended,
        )
        if as_json:
            return
        if ended:
            click.echo(f"  every session is ended ({ended} accounts): everybody signs in again")
        if held:
            click.echo(f"  {held} mails that waited are held back: an administrator lets them go")
        if done.contents.about["base_url"] != settings.base_url:
            click.echo(
                f"  its badges live at {done.contents.about['base_url']}: set {PREFIX}BASE_URL to "
                "it before you open it to others"
            )


COMMANDS = (backup, restore)
