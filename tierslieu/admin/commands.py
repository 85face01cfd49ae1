"""``tierslieu logbook …``: where it ends, and whether it still passes by an earlier end."""

from __future__ import annotations

import re

import click

from tierslieu.logbook.checks import passes_by
from tierslieu.logbook.queries import find_head
from tierslieu.people.commands import place

HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@click.group()
def logbook() -> None:
    """Who did what: where the logbook ends, and whether it was rewritten."""


@logbook.command("head")
def head() -> None:
    """Print NUMBER:HASH of its last row. Keep it elsewhere, for instance each week on paper."""
    with place() as session:
        found = find_head(session)
        if found is None or not found.length:
            raise click.ClickException("nothing is written yet")
        click.echo(f"{found.length}:{found.head}")


@logbook.command("passes-by")
@click.argument("noted")
def passes(noted: str) -> None:
    """Say whether the logbook still holds NOTED, a head printed earlier.

    Rows older than three years are swept: of those nothing can be said, and the answer is no.
    """
    asked = HEAD.fullmatch(noted.strip())
    if asked is None:
        raise click.UsageError("a head is NUMBER:HASH, as tierslieu logbook head prints it")
    with place() as session:
        found = passes_by(session, int(asked[1]), asked[2])
    if found is None:
        raise click.ClickException("that row is older than what is kept")
    if not found:
        raise click.ClickException("the logbook was rewritten, or its end was cut off")
    click.echo("It passes by there.")
