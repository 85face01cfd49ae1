"""``tierslieu badges …``: for scripts and for whoever has a badge file and a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from badges.awards import archiving, checks, rules
from badges.awards.batches import terminal
from badges.awards.keys import KeyUnreadable, load_signer
from badges.awards.publishing import own_documents
from badges.console import open_app
from badges.designs.queries import find_badge
from badges.engine import baking
from badges.engine.badge2_shape import read_assertion
from badges.engine.dids import is_web_address
from badges.engine.errors import EngineError
from badges.engine.presentations import PresentationReport
from badges.engine.reading import read as read_badge
from badges.engine.report import Report
from badges.key_commands import keys  # noqa: F401 - another group of the same feature
from badges.verification import reading
from badges.verification.fetching import Fetcher
from badges.verification.presentations import to_json, verdict
from badges.verification.reading import Reading
from badges.verification.summary import summarise
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.house import House, PublishedDocument
from tierslieu.people.queries import find_user
from tierslieu.settings import Settings
from tierslieu.web.formats import long_day

SIGNS = {"passed": "✓", "failed": "✗", "unknown": "?", "not_applicable": "–"}


@click.group()
def badges() -> None:
    """Award, revoke, verify, bake and unbake badges."""


def _fetcher(app: Flask) -> Fetcher:
    """Answers from what this instance publishes, if it was opened; a stranger's has nothing."""
    house: House = app.extensions["tierslieu.house"]
    try:
        own, typed = (
            own_documents(db.session(), app.config["TIERSLIEU"], others)
            for others in ((), house.all(PublishedDocument))
        )
    except SQLAlchemyError:
        db.session.rollback()
        own = typed = _nothing
    return Fetcher(own, typed=typed, before_leaving=db.session.rollback)


def _nothing(address: str) -> None:
    """A place that publishes nothing."""


@badges.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--recipient", metavar="EMAIL", help="Check that it was awarded to this address.")
@click.option("--details", is_flag=True, help="Print what each step found exactly, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(sources: tuple[str, ...], recipient: str | None, details: bool, as_json: bool) -> None:
    """Verify any issuer's badge: SOURCE is a file (JSON, PNG, SVG, PDF), an address, or - .

    Several are verified one after the other; --json then prints a list of reports, each with its
    source. Exits 0 when the outcome of all is valid, 1 otherwise.
    """
    app = open_app()
    reports: dict[str, Reading] = {}
    given = {source: _bytes_of(source) for source in sources}  # all are there before any is judged
    with app.app_context():
        settings: Settings = app.config["TIERSLIEU"]
        here = (f"{settings.base_url}/verifier", f"{settings.base_url}/verify")
        for source, data in given.items():
            how: dict[str, Any] = {
                "fetch": _fetcher(app),
                "now": clock.now(),
                "recipient": recipient,
            }
            found = (
                reading.read(data, **how)
                if data is not None
                else reading.read_address(source, here, **how)
            )
            reports[source] = found
        if as_json:
            _print_json(reports)
        else:
            for source, found in reports.items():
                if len(reports) > 1:
                    click.echo(f"{source}:")
                if found.several is not None:
                    _print_several(found.several, details, settings.base_url)
                else:
                    _print(found.report, details, settings.base_url)
    sys.exit(0 if all(found.report.outcome == "valid" for found in reports.values()) else 1)


def _bytes_of(source: str) -> bytes | None:
    """What the file holds; None for an address, which is fetched later."""
    return None if source.startswith(("http://", "https://")) else _read(source)


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{source}: {error.strerror}") from error


def _print_json(reports: dict[str, Reading]) -> None:
    """One report as it is; several as a list, each with its source."""
    told = {
        name: to_json(found.several) if found.several is not None else checks.to_json(found.report)
        for name, found in reports.items()
    }
    said: Any = [{"source": name, **report} for name, report in told.items()]
    if len(reports) == 1:
        (said,) = told.values()
    click.echo(json.dumps(said, ensure_ascii=False, indent=2))


def _print_several(several: PresentationReport, details: bool, base_url: str) -> None:
    """The whole in one line, its own steps, then each badge as if it came alone."""
    click.echo(f"{several.outcome}: {verdict(several)}")
    for check in several.checks:
        click.echo(f"  {SIGNS[check.outcome]} {check.name:<12} {_printable(checks.say(check))}")
    for member in several.members:
        _print(member.report, details, base_url)
        held = member.holder
        click.echo(f"  {SIGNS[held.outcome]} {held.name:<12} {_printable(checks.say(held))}")


def _print(report: Report, details: bool, base_url: str) -> None:
    """The answer in one line, the badge in the next, then every step."""
    click.echo(f"{report.outcome}: {checks.verdict(report)}")
    for words in _facts(report, base_url):
        click.echo(f"  {_printable(words)}")
    for line in checks.describe(report):
        click.echo(f"  {SIGNS[line.outcome]} {line.name:<12} {_printable(line.label)}")
        if details:
            said = _printable(", ".join(f"{n}={value}" for n, value in line.params.items()))
            click.echo(f"      {line.outcome}, {line.code}" + (f" ({said})" if said else ""))


def _facts(report: Report, base_url: str) -> list[str]:
    """What the badge is, in the words of the page."""
    if report.credential is None or report.checks[0].outcome == "failed":
        return []
    about = summarise(report.credential, report, base_url)
    parts = [
        about.name,
        about.holder and _("Délivré à %(name)s", name=about.holder),
        about.issuer and _("Délivré par %(issuer)s", issuer=about.issuer),
        about.since and _("le %(day)s", day=long_day(about.since)),
        about.until and _("valable jusqu’au %(day)s", day=long_day(about.until)),
    ]
    words = ", ".join(part for part in parts if part)
    claimed = "" if about.is_proven or not words else _("Ce qui suit est ce que le fichier prétend")
    return [part for part in (claimed, words) if part]


def _printable(words: str) -> str:
    """A stranger's words without what a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\u00a0\u202f" else " " for c in words)


@badges.command()
@click.argument("slug")
@click.argument("email", required=False)
@click.option("--session", "session_id", type=click.UUID, help="The session awarded from.")
@click.option("--by", metavar="EMAIL", help="Who awards it.")
@click.option("--csv", "source", metavar="FILE", help="To all of a CSV file ( - reads it piped).")
@click.option("--ground", default="", help="What it rests on; asked for addresses unknown here.")
@click.option("--dry-run", is_flag=True, help="With --csv: say what would happen, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="With --csv: print the counts as JSON.")
def award(
    slug: str,
    email: str | None,
    session_id: UUID | None,
    by: str | None,
    source: str | None,
    ground: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Award the badge SLUG to EMAIL if its criteria are met; prints the award's identifier.

    With --csv, to every line of a file (columns e-mail, nom, note): counts what was awarded, and
    exits 1 if a line could neither be awarded nor was held already.
    """
    if (email is None) == (source is None):
        raise click.UsageError("give either an EMAIL or --csv FILE")
    if source is None and (dry_run or as_json or ground):
        raise click.UsageError("--ground, --dry-run and --json go with --csv")
    data = _read(source) if source is not None else b""
    app = open_app()
    with app.app_context():
        session = db.session()
        badge = find_badge(session, slug)
        person = find_user(session, email) if email is not None else None
        actor = find_user(session, by) if by else None
        if badge is None or (email is not None and person is None) or (by and actor is None):
            raise click.ClickException("no such badge or person here")
        house: House = app.extensions["tierslieu.house"]
        actor_id = actor.id if actor else None
        try:
            signer = load_signer(session, app.config["TIERSLIEU"])
            if source is not None:
                order = terminal.Order(
                    data, Path(source).name, session_id, actor_id, ground, dry_run
                )
                counts = terminal.award_file(session, badge.id, order, signer, house)
            elif person is not None:
                made = rules.award(
                    session,
                    badge.id,
                    person.id,
                    signer,
                    house=house,
                    now=clock.now(),
                    actor_id=actor_id,
                    session_id=session_id,
                )
                session.commit()
                click.echo(str(made.id))
        except (Refused, KeyUnreadable) as error:
            session.rollback()
            raise click.ClickException(str(error) or "no such badge or session here") from error
    if source is not None:
        _print_counts(counts, as_json=as_json)
        sys.exit(0 if terminal.is_well(counts) else 1)


def _print_counts(counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
        return
    for name, number in counts.items():
        if number or name == "lines":
            click.echo(f"{name:<10} {number}")


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
    """Put the signed CREDENTIAL into a PNG or SVG PICTURE, written to OUTPUT.

    CREDENTIAL is an Open Badge 3.0 (JSON, or a token), or an Open Badge 2.0: the JSON of a hosted
    assertion, or the token (JWS) of a signed one.
    """
    try:
        output.write_bytes(_bake(picture.read_bytes(), credential.read_text("utf-8")))
    except (EngineError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error


def _bake(picture: bytes, text: str) -> bytes:
    """The picture with what the text is, where readers of its format look for it."""
    found = read_badge(text)
    if found.form not in ("json", "jwt"):
        raise click.ClickException("the credential is itself a picture: take it out first (unbake)")
    if found.family == "3.0":
        return baking.bake(picture, text)
    if found.token is not None:
        return baking.bake_2(picture, text.strip())
    assertion = read_assertion(found.document)
    if assertion.kind == "SignedBadge":
        raise click.ClickException("a signed assertion travels as its token (JWS): give that")
    if not is_web_address(assertion.address or ""):
        raise click.ClickException("a hosted assertion states its web address (id); this has none")
    return baking.bake_2(picture, text.strip(), address=assertion.address or "")


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


@badges.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def archive(folder: Path) -> None:
    """Write to FOLDER all that a stranger needs to verify our shared badges without us."""
    app = open_app()
    with app.app_context():
        documents = archiving.gather(db.session(), app.config["TIERSLIEU"], clock.now())
        try:
            count = archiving.write(folder, documents)
        except (Refused, KeyUnreadable, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{count} files in {folder}")
