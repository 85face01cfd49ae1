"""``tierslieu evaluation export``: a study's package from the command line."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.evaluation.kept.jobs import build
from tierslieu.evaluation.kept.rules import ask_package, open_package
from tierslieu.evaluation.rules import note_download
from tierslieu.settings import BadSetting, Settings
from tierslieu.surveys.queries import find_study_by_slug


@click.group("evaluation")
def group() -> None:
    """Studies and their data."""


@group.command()
@click.argument("study")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    required=True,
    help="the zip to write",
)
@click.option("--json", "as_json", is_flag=True, help="for scripts")
def export(study: str, out: Path, as_json: bool) -> None:
    """Write the package of STUDY (its slug), of those who consent to research today.

    That it left is written down first; the file is there whole or not at all, for its owner alone.
    Exits 1 when too few people consented, the key is gone or the file can't be written.
    """
    from tierslieu.app import create_app

    if out.exists() and not out.is_file():
        raise click.UsageError(f"{out} is no ordinary file")
    try:
        app = create_app()
    except BadSetting as wrong:
        raise click.UsageError(str(wrong)) from None
    settings: Settings = app.config["TIERSLIEU"]
    with app.app_context():
        session = db.session()
        found = find_study_by_slug(session, study)
        if found is None:
            raise click.ClickException(f"there is no study {study!r}")
        now = clock.now()
        asked = ask_package(session, found.id, user_id=None, now=now).id
        session.commit()
        build(session, asked, now=now)
        try:
            package, content = open_package(session, settings.packages, asked)
        except Refused as refusal:
            raise click.ClickException(refusal.message) from refusal
        said: dict[str, object] = {"name": package.name, "participants": package.participants}
        said |= {"sha256": package.sha256, "path": str(out)}
        try:
            with _whole(out, content):
                note_download(session, package, user_id=None, now=now)
                session.commit()
        except OSError as fault:
            raise click.ClickException(f"{out}: {fault.strerror}") from fault
    if as_json:
        click.echo(json.dumps(said))
    else:
        click.echo(f"{said['sha256']}  {out}")


@contextmanager
def _whole(out: Path, content: bytes) -> Iterator[None]:
    """Write ``content`` beside ``out``, for its owner alone; it becomes ``out`` once the block is
    done, and is gone if that failed."""
    target = out.resolve()  # where a link leads
    # Made with mode 0600, whatever the umask says.
    handle, partial = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield
        os.replace(partial, target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
