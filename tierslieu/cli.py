"""The command ``tierslieu``. Exits 0 on success, 1 when the answer is no, 2 on wrong use."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import psycopg
from flask import Flask
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from tierslieu import error_reports, jobs, logs, opening, schema, serving, setting_up, upgrading
from tierslieu.app import FEATURES, create_app
from tierslieu.backup import commands as backup_commands
from tierslieu.db import db, is_damage, is_without_tables, only_existing_files
from tierslieu.doctor import RESTORE, examine
from tierslieu.errors import Refused
from tierslieu.house import House, Invariant
from tierslieu.settings import (
    PREFIX,
    BadSetting,
    Settings,
    gather,
    read_settings,
)
from tierslieu.store.shelf import StoreAway

DEMO_ACCOUNTS = ("learner", "learner2", "facilitator", "researcher", "coordinator", "admin")
BEGINNERS = {"init", "serve", "demo", "restore"}  # commands that may make a database
DEMO_PASSWORD = "tiers-lieu-demo"  # noqa: S105 - public on purpose, in demonstrations only


class Commands(click.Group):
    """A database or a store of files that does not answer, is damaged or somebody else's is a
    sentence, not a trace, whichever command asked."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked."""
        try:
            return super().invoke(ctx)
        except (DatabaseError, psycopg.OperationalError, sqlite3.OperationalError) as error:
            said = _say_database(error)
            if said is None:
                raise
            told = said
        except StoreAway as error:
            told = f"the files of the place cannot be read or written: {error.strerror}"
        except PermissionError as error:
            told = (
                f"{error.filename} may not be read or written by this account: run the command "
                "as the one the place runs as (sudo -u tierslieu …)"
            )
        except opening.PlaceNotWhole as error:
            told = str(error)
        raise click.ClickException(told) from None


def _say_database(error: Exception) -> str | None:
    """What the database has, with its mend; None if a mistake of ours made it fail."""
    cause = getattr(error, "orig", error)
    if isinstance(error, DatabaseError) and is_damage(error):
        return f"the file of the database is damaged ({cause}): {RESTORE}"
    if is_without_tables(cause):
        return _lost() or (
            "the database is not ready: tierslieu init begins a new place, tierslieu upgrade "
            "brings one to this version"
        )
    if not isinstance(cause, psycopg.OperationalError | sqlite3.OperationalError):
        return None
    said = str(cause).strip().partition("\n")[0]
    if getattr(cause, "sqlstate", "") is None:  # no connection
        said += f" ({PREFIX}DATABASE_URL says where it is)"
    return (isinstance(cause, sqlite3.Error) and _lost()) or f"the database does not answer: {said}"


def _lost() -> str | None:
    """Whether it is gone although the keys of a place are here."""
    with suppress(BadSetting, StoreAway, SQLAlchemyError):
        return schema.find_loss(read_settings(is_restoring=True))
    return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tierslieu")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Run a tiers-lieu: paths, sessions, badges, evaluation.

    TIERSLIEU_INSTANCE says which: its data folder, where tierslieu.env holds its settings
    (docs/settings.md). Run everything as the account the place runs as.
    """
    before = only_existing_files(ctx.invoked_subcommand not in BEGINNERS)
    ctx.call_on_close(partial(only_existing_files, before))


def _settings() -> Settings:
    try:
        return read_settings()
    except BadSetting as error:
        raise click.UsageError(str(error)) from error


def _gathered() -> dict[str, str]:
    try:
        return gather()
    except BadSetting as error:
        raise click.UsageError(str(error)) from error


def _app() -> Flask:
    return create_app(_settings())


def _refuse_unsafe(app: Flask) -> None:
    """A production instance has no demonstration account."""
    from tierslieu.people.rules import refuse_demo_accounts

    settings: Settings = app.config["TIERSLIEU"]
    if settings.demo:
        return
    with app.app_context():
        try:
            refuse_demo_accounts(db.session())
        except Refused as refusal:
            raise click.ClickException(refusal.message) from refusal


@main.command()
@click.option("--name", help="The name of the place.")
@click.option("--url", help="Its public address.")
@click.option("--contact", help="The address people write to.")
@click.option("--smtp", help="The mail server, smtp://user:password@host:587.")
@click.option("--admin", help="The address of who runs the place.")
@click.option("--env-file", type=click.Path(path_type=Path), help="Where the settings are written.")
def init(env_file: Path | None, admin: str | None, **given: str | None) -> None:
    """Create or migrate the database, keys and catalogue of this instance.

    With options, or where nothing is set yet (it asks then), it first writes a file of settings
    with strong secrets, and afterwards opens the account of who runs the place. Cut short, it goes
    on when it is run again.
    """
    admin = setting_up.ask(given, admin, env_file)
    app = _app()
    opening.open_place(app)
    _open_first_account(app, admin)
    click.echo("The place is ready to open.")


def _open_first_account(app: Flask, admin: str | None) -> None:
    """The account of who runs the place, unless somebody does. A former run may have been cut short
    before it came to this: then it is asked for again, or what remains is said."""
    if opening.is_administered(app):
        if admin:
            click.echo(f"Somebody runs the place already: no account was made for {admin}.")
    elif app.config["TIERSLIEU"].demo:
        return
    elif not admin and setting_up.is_terminal():
        click.echo("Nobody runs the place yet.")
        admin = setting_up.ask_for_administrator(app.config["TIERSLIEU"].instance)
    elif not admin:
        click.echo("Nobody runs the place yet. Open their account: tierslieu init --admin ADDRESS")
    try:
        link = opening.welcome_administrator(app, admin)
    except Refused as refusal:
        told = refusal.message
        if refusal.code == "already_known":
            told += f" (tierslieu user role {admin} --add administrator)"
        raise click.ClickException(told) from refusal
    if link:
        click.echo(f"Who runs the place chooses a password here, within a day:\n  {link}")


@main.command()
@click.option(
    "--copy",
    "copy_to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="where the copy goes that is made first; else into TIERSLIEU_BACKUP_DIR",
)
@click.option("--plain", is_flag=True, help="that copy is unsealed: who holds it can read it")
@click.option("--no-copy", is_flag=True, help="make none: you have one")
@click.option("--in-use", "anyway", is_flag=True, help="although others use the database")
@click.option("--json", "as_json", is_flag=True, help="for scripts")
def upgrade(copy_to: Path | None, plain: bool, no_copy: bool, anyway: bool, as_json: bool) -> None:
    """Bring a stopped place to this version: a copy first, the database, then the audit.

    Exits 1 and changes nothing when the place is in use, or its database newer than this software;
    1 as well when the audit finds something broken.
    """
    upgrading.run(
        _app,
        _settings(),
        copy_to=copy_to,
        plain=plain,
        no_copy=no_copy,
        anyway=anyway,
        as_json=as_json,
    )


@main.command()
def demo() -> None:
    """Fill an empty instance with the demonstration place."""
    app = _app()
    if not app.config["TIERSLIEU"].demo:
        raise click.UsageError("set TIERSLIEU_DEMO=1: a production place has no demonstration")
    opening.open_place(app)
    if not opening.is_empty(app):
        raise click.ClickException("somebody lives here already: the demonstration is not loaded")
    opening.play_demo(app)
    click.echo("The demonstration place is ready.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-worker", is_flag=True, help="Pages alone: tierslieu worker runs elsewhere.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve pages and background jobs until Ctrl-C; migrates first, loads the demonstration."""
    if why := serving.why_not_there(host, port):
        raise click.ClickException(why)
    if "TIERSLIEU_BASE_URL" not in _gathered():
        os.environ["TIERSLIEU_BASE_URL"] = f"http://localhost:{port}"
    app = _app()
    settings: Settings = app.config["TIERSLIEU"]
    opening.open_place(app)
    _refuse_unsafe(app)
    if settings.demo and opening.is_empty(app):
        click.echo("First run: making the demonstration place…")
        opening.play_demo(app)
    with app.app_context():
        db.engine.dispose()
    os.environ["TIERSLIEU_INSTANCE"] = str(settings.instance)
    household = serving.Household(settings, host, port, has_worker=not no_worker)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # nohup: a closed terminal is no reason
            signal.signal(name, household.ask_to_stop)
    code = 1
    try:
        household.start_all()
        if household.wait_until_ready():
            with suppress(OSError):  # a log whose disk is full is no reason to close
                _announce(settings, port)
            code = household.watch()
        elif household.stopping:
            code = 0
        else:
            serving.say(f"The place did not open: {serving.health(host, port)}")
    finally:
        household.stop()
    sys.exit(code)


def _announce(settings: Settings, port: int) -> None:
    click.echo(f"\n  {settings.place_name} is open: {settings.base_url}")
    if settings.base_url != f"http://localhost:{port}":
        click.echo(f"  on this machine:  http://localhost:{port}")
    click.echo(f"  data in {settings.instance}")
    if settings.demo:
        click.echo(f"\n  Demonstration accounts, password {DEMO_PASSWORD}:")
        for name in DEMO_ACCOUNTS:
            click.echo(f"    {name}@example.org")
        click.echo(f"  Mails that would leave: {settings.base_url}/boite-aux-lettres")
    click.echo("\n  Ctrl-C closes it.\n", nl=True)
    sys.stdout.flush()


@main.command()
def worker() -> None:
    """Run background jobs until told to stop (``serve`` starts one by itself)."""
    settings = _settings()
    logs.set_up(settings.log)
    error_reports.set_up(settings.sentry_dsn)
    app = create_app(settings)
    with app.app_context():
        jobs.beat()
    jobs.run_due_jobs(app)
    # Idle, it looks for work every two seconds: who confirms awards in number sees them begin.
    consumer = app.extensions["tierslieu.huey"].create_consumer(
        workers=2, periodic=True, max_delay=2.0
    )
    consumer.run()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="for scripts")
def doctor(as_json: bool) -> None:
    """Say what is missing or unsafe; exits 1 if anything is."""
    app = _app()
    with app.app_context():
        schema.current_revision()  # who does not answer is told as for every command
    if (said := schema.find_loss(app.config["TIERSLIEU"])) is not None:
        raise opening.PlaceNotWhole(said)  # told to upgrade it, one would be sent in a circle
    found = examine(app)
    if as_json:
        told = {"well": not found.wrong, "wrong": found.wrong, "unknown": found.unknown}
        click.echo(json.dumps(told))
    else:
        for name, sentence in found.wrong.items():
            click.echo(f"{name}: {sentence}")
        for name, sentence in found.unknown.items():
            click.echo(f"({name}: {sentence})")
        click.echo("Something needs care." if found.wrong else "All is well.")
    sys.exit(1 if found.wrong else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="for scripts")
def audit(as_json: bool) -> None:
    """Check every invariant on the live data; exits 1 if one is broken."""
    app = _app()
    house: House = app.extensions["tierslieu.house"]
    report = []
    with app.app_context():
        for invariant in house.all(Invariant):
            finding = invariant.check(db.session())
            db.session.rollback()
            report.append(
                {
                    "name": invariant.name,
                    "label": invariant.label,
                    "checked": finding.checked,
                    "broken": list(finding.broken),
                    "note": finding.note,
                }
            )
    broken = [entry for entry in report if entry["broken"]]
    if as_json:
        click.echo(json.dumps({"holds": not broken, "invariants": report}))
    else:
        for entry in report:
            sign = "BROKEN" if entry["broken"] else "holds"
            click.echo(f"{sign:7} {entry['label']} ({entry['checked']} checked)")
            if entry["note"]:
                click.echo(f"        {entry['note']}")
            for line in entry["broken"]:  # type: ignore[attr-defined]
                click.echo(f"        {line}")
    sys.exit(1 if broken else 0)


for _feature in (*FEATURES, "badges"):
    if find_spec(f"{_feature}.commands"):
        for _group in vars(import_module(f"{_feature}.commands")).values():
            if isinstance(_group, click.Group):
                main.add_command(_group)
for _command in backup_commands.COMMANDS:
    main.add_command(_command)


if __name__ == "__main__":
    main()
