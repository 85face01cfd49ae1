"""The command ``tierslieu``. Exits 0 on success, 1 when the answer is no, 2 on wrong use."""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
import psycopg
from flask import Flask
from sqlalchemy.exc import OperationalError

from tierslieu import clock, jobs, opening, schema, serving
from tierslieu.app import FEATURES, create_app
from tierslieu.db import db
from tierslieu.house import Check, House, Invariant
from tierslieu.settings import BadSetting, Settings, read_settings

DEMO_ACCOUNTS = ("learner", "learner2", "facilitator", "researcher", "coordinator", "admin")
DEMO_PASSWORD = "tiers-lieu-demo"  # noqa: S105 - public on purpose, in demonstrations only


class Commands(click.Group):
    """A database that does not answer is a sentence, not a trace, whichever command asked."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked."""
        try:
            return super().invoke(ctx)
        except (OperationalError, psycopg.OperationalError) as error:
            said = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            raise click.ClickException(f"the database does not answer: {said}") from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tierslieu")
def main() -> None:
    """Run a tiers-lieu: paths, sessions, badges, evaluation."""


def _settings() -> Settings:
    try:
        return read_settings()
    except BadSetting as error:
        raise click.UsageError(str(error)) from error


def _app() -> Flask:
    return create_app(_settings())


def _refuse_unsafe(app: Flask) -> None:
    """A production instance has no demonstration account."""
    from tierslieu.errors import Refused
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
def init() -> None:
    """Create or migrate the database, keys and catalogue of this instance."""
    opening.open_place(_app())
    click.echo("The place is ready to open.")


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
def serve(host: str, port: int) -> None:
    """Serve pages and background jobs until Ctrl-C; migrates first, loads the demonstration."""
    if not serving.port_is_free(host, port):
        raise click.ClickException(
            f"port {port} is taken by another program: stop it, or choose one with PORT={port + 1}"
        )
    os.environ.setdefault("TIERSLIEU_BASE_URL", f"http://localhost:{port}")
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
    household = serving.Household(settings, host, port)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # nohup: a closed terminal is no reason
            signal.signal(name, household.ask_to_stop)
    code = 1
    try:
        household.start("web")
        household.start("worker")
        if household.wait_until_ready():
            _announce(settings, port)
            code = household.watch()
        elif household.stopping:
            code = 0
        else:
            click.echo(f"The place did not open: {serving.health(host, port)}", err=True)
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
    app = _app()
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
    settings: Settings = app.config["TIERSLIEU"]
    wrong: dict[str, str] = {}
    with app.app_context():
        if schema.current_revision() != schema.newest_revision():
            wrong["migrations"] = "the database is not up to date: run tierslieu init"
        else:
            house: House = app.extensions["tierslieu.house"]
            for check in house.all(Check):
                said = check.ask(db.session(), clock.now())
                db.session.rollback()
                if said:
                    wrong[check.name] = said
    if not settings.demo:
        if not settings.is_https:
            wrong["base_url"] = "TIERSLIEU_BASE_URL is not https: badges will not carry a did:web"
        if not settings.contact:
            wrong["contact"] = "TIERSLIEU_CONTACT is not set: people have nobody to write to"
        if not settings.smtp_url:
            wrong["smtp"] = "TIERSLIEU_SMTP_URL is not set: no mail leaves"
        if not settings.key_passphrase:
            wrong["keys"] = "TIERSLIEU_KEY_PASSPHRASE is not set: keys lie in the clear"
    if as_json:
        click.echo(json.dumps({"well": not wrong, "wrong": wrong}))
    else:
        for name, sentence in wrong.items():
            click.echo(f"{name}: {sentence}")
        click.echo("Something needs care." if wrong else "All is well.")
    sys.exit(1 if wrong else 0)


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


if __name__ == "__main__":
    main()
