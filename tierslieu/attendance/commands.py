"""``tierslieu attendance …``: names on rolls and sheets, forgotten in time."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask import current_app

from tierslieu import clock
from tierslieu.attendance.retention import count_old, forget_old, horizon
from tierslieu.people.commands import place


@click.group()
def attendance() -> None:
    """Rolls, sheets and signatures."""


@attendance.command()
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def forget(dry_run: bool, as_json: bool) -> None:
    """Take the names off the rolls that have kept them for long enough."""
    with place() as db:
        years = current_app.config["TIERSLIEU"].attendance_years
        before = horizon(clock.now(), years)
        old = count_old(db, before)
        db.rollback()
        while not dry_run and forget_old(db, before):
            db.commit()
    if as_json:
        click.echo(json.dumps({**asdict(old), "before": before.date().isoformat()}))
        return
    would = "would be" if dry_run else "were"
    click.echo(
        f"{old.sessions} sessions that ended before {before:%Y-%m-%d}: {old.lines} lines, "
        f"{old.signatures} signatures and {old.records} records {would} made nameless."
    )
