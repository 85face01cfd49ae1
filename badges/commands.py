"""``tierslieu badges …``: for scripts and for whoever has a badge file and a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import UUID

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from badges.awards import checks, rules
from badges.awards.keys import KeyUnreadable, load_signer
from badges.awards.publishing import own_documents
from badges.console import open_app
from badges.designs.queries import find_badge
from badges.engine import baking, presentations
from badges.engine.errors import EngineError
from badges.engine.report import Report
from badges.engine.verify import verify as verify_badge
from badges.key_commands import keys  # noqa: F401 - another group of the same feature
from badges.verification.fetching import Fetcher, Own
from badges.verification.presentations import to_json, verdict
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.house import House
from tierslieu.people.queries import find_user

SIGNS = {"passed": "✓", "failed": "✗", "unknown": "?", "not_applicable": "–"}


@click.group()
def badges() -> None:
    """Award, revoke, verify, bake and unbake badges."""


def _own(app: Flask) -> Own:
    """What this instance publishes, if it has been opened; a stranger's machine has nothing."""
    try:
        return own_documents(db.session(), app.config["TIERSLIEU"])
    except SQLAlchemyError:
        db.session.rollback()
        return lambda address: None


@badges.command()
@click.argument("source")
@click.option("--recipient", metavar="EMAIL", help="Check that it was awarded to this address.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(source: str, recipient: str | None, as_json: bool) -> None:
    """Verify any issuer's badge: SOURCE is a file (JSON, PNG, SVG, PDF), an address, or - .

    Exits 0 when the outcome is valid, 1 otherwise.
    """
    app = open_app()
    with app.app_context():
        fetch = Fetcher(_own(app), before_leaving=db.session.rollback)
        try:
            data = fetch(source) if source.startswith(("http://", "https://")) else _read(source)
        except EngineError as error:
            raise click.ClickException(f"{error.message}: {source}") from error
        if presentations.is_presentation(data):
            several = presentations.verify_presentation(
                data, fetch=fetch, now=clock.now(), recipient=recipient
            )
            _print_several(several, as_json)
            sys.exit(0 if several.outcome == "valid" else 1)
        report = verify_badge(data, fetch=fetch, now=clock.now(), recipient=recipient)
        _print(report, as_json)
    sys.exit(0 if report.outcome == "valid" else 1)


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{source}: {error.strerror}") from error


def _print_several(report: presentations.PresentationReport, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(to_json(report), ensure_ascii=False, indent=2))
        return
    click.echo(f"{report.outcome}: {verdict(report)}")
    for check in report.checks:
        click.echo(f"  {SIGNS[check.outcome]} {check.name:<12} {checks.say(check)}")
    for member in report.members:
        _print(member.report, as_json=False)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(checks.to_json(report), ensure_ascii=False, indent=2))
        return
    click.echo(f"{report.outcome}: {checks.verdict(report)}")
    for line in checks.describe(report):
        click.echo(f"  {SIGNS[line.outcome]} {line.name:<12} {line.label}")


@badges.command()
@click.argument("slug")
@click.argument("email")
@click.option("--session", "session_id", type=click.UUID, help="The session awarded from.")
@click.option("--by", metavar="EMAIL", help="Who awards it.")
def award(slug: str, email: str, session_id: UUID | None, by: str | None) -> None:
    """Award the badge SLUG to EMAIL if its criteria are met; prints the award's identifier."""
    app = open_app()
    with app.app_context():
        session = db.session()
        badge, person = find_badge(session, slug), find_user(session, email)
        actor = find_user(session, by) if by else None
        if badge is None or person is None or (by and actor is None):
            raise click.ClickException("no such badge or person here")
        house: House = app.extensions["tierslieu.house"]
        try:
            made = rules.award(
                session,
                badge.id,
                person.id,
                load_signer(session, app.config["TIERSLIEU"]),
                house=house,
                now=clock.now(),
                actor_id=actor.id if actor else None,
                session_id=session_id,
            )
            session.commit()
        except (Refused, KeyUnreadable) as error:
            session.rollback()
            raise click.ClickException(str(error)) from error
        click.echo(str(made.id))


@badges.command()
@click.argument("award_id", type=click.UUID)
@click.option("--reason", required=True, help="What its holder will read.")
@click.option("--by", metavar="EMAIL", help="Who revokes it.")
def revoke(award_id: UUID, reason: str, by: str | None) -> None:
    """Withdraw an award, by its identifier."""
    app = open_app()
    with app.app_context():
        session = db.session()
        actor = find_user(session, by) if by else None
        if by and actor is None:
            raise click.ClickException("no such person here")
        actor_id = actor.id if actor else None
        try:
            gone = rules.revoke(
                session, award_id, reason=reason, now=clock.now(), actor_id=actor_id
            )
            list_id = gone.status_list_id
            session.commit()
        except Refused as error:
            session.rollback()
            raise click.ClickException(str(error) or "no such award here") from error
        click.echo(f"revoked: {award_id}")
        try:
            rules.publish_status_list(session, list_id, app.config["TIERSLIEU"])
            session.commit()
        except KeyUnreadable as error:
            session.rollback()
            click.echo(f"the status list waits for its key: {error}", err=True)


@badges.command()
@click.argument("picture", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("credential", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
def bake(picture: Path, credential: Path, output: Path) -> None:
    """Put the signed CREDENTIAL into a PNG or SVG PICTURE, written to OUTPUT."""
    try:
        output.write_bytes(baking.bake(picture.read_bytes(), credential.read_text("utf-8")))
    except (EngineError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error


@badges.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("output", required=False, type=click.Path(dir_okay=False, path_type=Path))
def unbake(file: Path, output: Path | None) -> None:
    """Take the credential out of a PNG, SVG or PDF FILE: to OUTPUT, or printed."""
    try:
        found = baking.extract(file.read_bytes())
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    if output is None:
        click.echo(found.text, nl=False)
    else:
        output.write_bytes(found.text.encode())
