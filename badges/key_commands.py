"""``tierslieu keys …``: which keys sign, replacing one, withdrawing one that leaked."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from badges.awards import rotation
from badges.awards.keys import (
    KINDS,
    KeyUnreadable,
    encrypt_keys,
    issuer_did,
    key_file,
    public_key,
)
from badges.awards.models import IssuerIdentity, SigningKey
from badges.awards.queries import find_identity, list_keys
from badges.console import open_app
from badges.engine.publickeys import Kind
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.settings import Settings


@click.group()
def keys() -> None:
    """List, replace and withdraw the keys that sign badges."""


def _state(row: SigningKey) -> str:
    if row.revoked_at is not None:
        return "withdrawn"
    return "retired" if row.retired_at is not None else "signs"


def _facts(identity: IssuerIdentity, row: SigningKey, settings: Settings) -> dict[str, Any]:
    key = public_key(row)
    return {
        "name": key.name,
        "kind": row.kind,
        "state": _state(row),
        "did": issuer_did(identity, key),
        "created_at": row.created_at.isoformat(),
        "retired_at": row.retired_at.isoformat() if row.retired_at else None,
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
        "file": settings.keys.has(key_file(key.name)),
    }


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="for scripts")
def list_them(as_json: bool) -> None:
    """Every key that signs or ever signed."""
    app = open_app()
    with app.app_context():
        identity = find_identity(db.session())
        if identity is None:
            raise click.ClickException("no signing key yet: run tierslieu init")
        settings: Settings = app.config["TIERSLIEU"]
        facts = [_facts(identity, row, settings) for row in list_keys(db.session())]
    if as_json:
        click.echo(json.dumps(facts))
        return
    for fact in facts:
        missing = "" if fact["file"] else "  (its private half is not here)"
        click.echo(
            f"{fact['state']:9} {fact['kind']:8} {fact['created_at'][:10]}  {fact['name']}{missing}"
        )


@keys.command()
@click.option("--kind", type=click.Choice(KINDS), default="Ed25519", show_default=True)
def rotate(kind: Kind) -> None:
    """A new key signs from now on; badges already signed stay valid. Prints its name."""
    app = open_app()
    with app.app_context():
        try:
            row = rotation.rotate_key(db.session(), app.config["TIERSLIEU"], kind, now=clock.now())
            name = public_key(row).name
            db.session.commit()
        except Refused as error:
            db.session.rollback()
            raise click.ClickException(error.message) from error
        click.echo(name)


@keys.command()
@click.argument("name")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="When it leaked, in UTC (now, unless given).",
)
@click.option("--reason", default="", help="Published beside the key.")
@click.option(
    "--keep-awards",
    is_flag=True,
    help="Leave it to the worker to sign its badges anew, within the hour.",
)
def revoke(name: str, since: datetime | None, reason: str, keep_awards: bool) -> None:
    """Withdraw the key NAME, which leaked: nothing it ever signed is believed from now on.

    Another takes over, and the badges it signed are signed anew; their holders get a mail.
    """
    app = open_app()
    with app.app_context():
        moment = since.replace(tzinfo=UTC) if since else clock.now()
        try:
            done = rotation.withdraw_key(
                db.session(),
                app.config["TIERSLIEU"],
                name,
                since=moment,
                reason=reason,
                now=clock.now(),
            )
            successor = public_key(done.successor).name if done.successor else None
            db.session.commit()
        except (Refused, NotYours) as error:
            db.session.rollback()
            raise click.ClickException(str(error) or "no such key here") from error
        click.echo(f"withdrawn: {name}")
        if successor:
            click.echo(f"signs now: {successor}")
        if done.awards and keep_awards:
            click.echo(f"{done.awards} badges wait to be signed anew: tierslieu keys sign-again")
        elif done.awards:
            _sign_again(app.config["TIERSLIEU"])


@keys.command("sign-again")
def sign_again() -> None:
    """Sign anew every badge whose key was withdrawn. May be stopped and begun again."""
    app = open_app()
    with app.app_context():
        _sign_again(app.config["TIERSLIEU"])


def _sign_again(settings: Settings) -> None:
    total = 0
    try:
        while count := rotation.sign_again(db.session(), settings, now=clock.now()):
            db.session.commit()
            total += count
    except KeyUnreadable as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    click.echo(f"signed anew: {total}")


@keys.command()
def encrypt() -> None:
    """Encrypt every key under TIERSLIEU_KEY_PASSPHRASE; the former passphrase is read from the
    standard input (an empty line if there was none)."""
    app = open_app()
    settings: Settings = app.config["TIERSLIEU"]
    if not settings.key_passphrase:
        raise click.UsageError("set TIERSLIEU_KEY_PASSPHRASE to the new passphrase first")
    former = replace(settings, key_passphrase=sys.stdin.readline().rstrip("\r\n"))
    with app.app_context():
        try:
            count = encrypt_keys(db.session(), former, settings)
        except KeyUnreadable as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"encrypted: {count}")
