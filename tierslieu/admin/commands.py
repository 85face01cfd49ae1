"""``tierslieu retention`` and ``tierslieu breach``: the two hands of who protects data;
``tierslieu logbook``: where the logbook ends, and whether it still passes by an earlier end."""

from __future__ import annotations

import csv
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.admin.breach import Breach, find_concerned
from tierslieu.admin.jobs import sweep
from tierslieu.admin.works.rules import confirm_clock
from tierslieu.clockwork import find_leap, say_leap
from tierslieu.house import House
from tierslieu.house_kept import Retention, Treatment
from tierslieu.logbook.checks import passes_by
from tierslieu.logbook.queries import find_head
from tierslieu.people.commands import place
from tierslieu.people.register.drawing import tables_of
from tierslieu.web.sheets import harmless


def _house() -> House:
    house: House = current_app.extensions["tierslieu.house"]
    return house


def count_due(db: Session, rules: tuple[Retention, ...], now: datetime) -> dict[str, int]:
    """What each rule would forget: it is done, and taken back. Nothing is written."""
    counts = {}
    for rule in rules:
        counts[rule.name] = 0
        while count := rule.sweep(db, now):
            counts[rule.name] += count
        db.rollback()
    return counts


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@click.option("--clock-is-right", is_flag=True, help="The clock leapt, and it is right.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def retention(dry_run: bool, clock_is_right: bool, as_json: bool) -> None:
    """Forget all that is past its term, as the jobs of every night do."""
    now = clock.now()
    with place() as db:
        if clock_is_right and not dry_run:
            confirm_clock(db, now=now)
            db.commit()
        leap = find_leap(db, now)
        if leap is not None and not dry_run and not current_app.config["TIERSLIEU"].demo:
            raise click.ClickException(
                f"{say_leap(leap)}. Set the clock right; if it is right, say --clock-is-right"
            )
        rules = _house().all(Retention)
        counts = count_due(db, rules, now) if dry_run else sweep(db, rules, now)
    if as_json:
        told = {
            rule.name: {
                "label": str(rule.label),
                "term": str(rule.term),
                "job": rule.job,
                "count": counts[rule.name],
            }
            for rule in rules
        }
        click.echo(json.dumps({"dry_run": dry_run, "rules": told}, ensure_ascii=False))
        return
    for rule in rules:
        click.echo(f"{counts[rule.name]:7} {rule.label} ({rule.term})")
    click.echo("Nothing was forgotten: this was a dry run." if dry_run else "Forgotten.")


class Instant(click.ParamType):  # type: ignore[type-arg]  # generic in newer click alone
    """A day or an instant, ISO 8601; without a zone it is of the place's clock."""

    name = "instant"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The instant, in UTC."""
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-11-28 or 2026-11-28T14:30", param, ctx)
        return (found if found.tzinfo else found.replace(tzinfo=clock.PARIS)).astimezone(UTC)


@click.group(invoke_without_command=True)
@click.option("--since", type=Instant(), required=True, help="When it began.")
@click.option("--until", type=Instant(), required=True, help="When it was over (not included).")
@click.option("--treatment", "wanted", multiple=True, help="An activity; all without it.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("breach.csv"),
    show_default=True,
    help="Where to write whom to notify; must not exist yet.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def breach(
    since: datetime, until: datetime, wanted: tuple[str, ...], output: Path, as_json: bool
) -> None:
    """Say who is concerned by a breach of data, and write whom to notify to a file of your own."""
    if since >= until:
        raise click.UsageError("--since must be before --until")
    with place() as db:
        house = _house()
        known = [one.key for one in house.all(Treatment)]
        if unknown := [key for key in wanted if key not in known]:
            raise click.UsageError(f"no activity {unknown[0]!r}: one of {', '.join(known)}")
        treatments = list(wanted) or known
        tables = sorted({table for key in treatments for table in tables_of(house, key)})
        found = find_concerned(db, tables, since, until)
    try:
        _write(output, found)
    except FileExistsError:
        raise click.ClickException(f"{output} exists already: choose another --output") from None
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    told = {
        "treatments": treatments,
        "concerned": len(found.concerned),
        "with_account": sum(one.has_account for one in found.concerned),
        "changed": sum(one.changed for one in found.concerned),
        "unreachable": found.unreachable,
        "rows": found.rows,
        "contacts": str(output),
    }
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{told['concerned']} people concerned ({told['with_account']} with an account), "
        f"{told['changed']} whose data changed in that time, "
        f"{found.unreachable} who left and cannot be written to."
    )
    for table, count in found.rows.items():
        if count:
            click.echo(f"{count:9} {table}")
    click.echo(f"Whom to notify: {output}. The notice: docs/privacy.md.")


def _write(output: Path, found: Breach) -> None:
    # Born readable by its owner alone: nobody opens it between its birth and a chmod.
    handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "name", "account", "changed", "tables"])
        for one in found.concerned:
            writer.writerow(
                [
                    harmless(one.email),
                    harmless(one.name),
                    "yes" if one.has_account else "no",
                    "yes" if one.changed else "no",
                    " ".join(sorted(one.tables)),
                ]
            )


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
        raise click.ClickException(
            "that row is older than what is kept; if you noted it within three years, the logbook"
            " was cut off at its beginning"
        )
    if not found:
        raise click.ClickException("the logbook was rewritten, or its end was cut off")
    click.echo("It passes by there.")
