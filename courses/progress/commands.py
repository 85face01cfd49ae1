"""``tierslieu progress …``: what other systems know of people, brought in from files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from courses.paths.queries import find_path
from courses.progress.imports.outcomes import COUNTED
from courses.progress.imports.reading import MAX_BYTES
from courses.progress.imports.rules import import_file
from tierslieu import clock
from tierslieu.people.commands import place
from tierslieu.uploads.kinds import clean_name


@click.group()
def progress() -> None:
    """Steps of paths that are done."""


@progress.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--path", "slug", required=True, help="The path's name in its address: nsi.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def import_(file: Path, slug: str, dry_run: bool, as_json: bool) -> None:
    """Validate the steps that a report says are passed: grades of FUN or Open edX, or completed
    activities of Moodle, once their worth was said on the path's page.

    The same file twice changes nothing. A line that cannot be used is counted among the errors;
    exits 1 when no line could be.
    """
    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    with place() as db:
        path = find_path(db, slug)
        if path is None:
            raise click.UsageError(f"there is no path {slug!r}")
        counts = import_file(
            db,
            path.id,
            data,
            clean_name(file.name) or "notes.csv",
            now=clock.now(),
            is_applied=not dry_run,
        )
        if dry_run:
            db.rollback()
        else:
            db.commit()
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo(", ".join(f"{counts[name]} {name}" for name in COUNTED) + ".")
        if dry_run:
            click.echo("A dry run: nothing was changed.")
    sys.exit(1 if counts["errors"] == counts["lines"] else 0)
