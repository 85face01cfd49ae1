"""``tierslieu user …``: accounts and roles, for scripts and for the first administrator."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import click
from flask import current_app
from flask_security import hash_password
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import LEARNER, ROLES, User
from tierslieu.people.queries import find_user, search_people
from tierslieu.people.rules import PASSWORD_MINIMUM, change_roles, create_user
from tierslieu.people.second.rules import reset_second_factor
from tierslieu.settings import BadSetting

SLICE = 500


@contextmanager
def place() -> Iterator[Session]:
    """The application and its session; a refusal is a sentence on stderr and exit code 1."""
    from tierslieu.app import create_app

    try:
        app = create_app()
    except BadSetting as wrong:
        raise click.UsageError(str(wrong)) from None
    with app.app_context():
        try:
            yield db.session()
        except Refused as refused:
            db.session.rollback()
            raise click.ClickException(refused.message) from None


def _told(person: User) -> dict[str, object]:
    return {
        "id": str(person.id),
        "email": person.email,
        "name": person.name,
        "roles": [role.name for role in person.roles],
        "active": person.active,
        "confirmed": person.confirmed_at is not None,
    }


def _named(session: Session, email: str) -> User:
    person = find_user(session, email)
    if person is None:
        raise click.ClickException(f"no account has the address {email}")
    return person


def _line(person: User) -> str:
    return f"{person.email}\t{person.name}\t{', '.join(r.name for r in person.roles)}"


@click.group("user")
def user() -> None:
    """Accounts and their roles."""


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="How the person wishes to be called.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=(LEARNER,),
    show_default=True,
    type=click.Choice(ROLES),
    help="A role; may be given several times.",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; without it one signs in by mailed link.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def create(
    email: str, name: str, roles: tuple[str, ...], password_stdin: bool, as_json: bool
) -> None:
    """Open an account whose address counts as confirmed."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password is not None and not PASSWORD_MINIMUM <= len(password) <= 128:
        raise click.UsageError(f"the password must have {PASSWORD_MINIMUM} to 128 characters")
    with place() as session:
        # Hashed before the rule opens its transaction.
        hashed = hash_password(password) if password else None
        person = create_user(
            session, email=email, name=name, roles=roles, password_hash=hashed, now=clock.now()
        )
        note(session, Act.ACCOUNT_MADE, subject_id=person.id)
        session.commit()
        click.echo(json.dumps(_told(person)) if as_json else _line(person))


@user.command("role")
@click.argument("email")
@click.option("--add", multiple=True, type=click.Choice(ROLES), help="Give this role.")
@click.option("--remove", multiple=True, type=click.Choice(ROLES), help="Take this role.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def role(email: str, add: tuple[str, ...], remove: tuple[str, ...], as_json: bool) -> None:
    """Give and take roles."""
    if not add and not remove:
        raise click.UsageError("say what to --add or to --remove")
    if set(add) & set(remove):
        raise click.UsageError("the same role cannot be added and removed at once")
    with place() as session:
        person = change_roles(session, _named(session, email).id, give=add, take=remove)
        session.commit()
        click.echo(json.dumps(_told(person)) if as_json else _line(person))


@user.command("join")
@click.argument("email")
@click.option("--into", required=True, help="The address of the account that is kept.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def join(email: str, into: str, as_json: bool) -> None:
    """Make one account of two that are one person's; EMAIL's is emptied and closed.

    Roles of both are kept. Be sure whose they are: nothing undoes it.
    """
    with place() as session:
        gone, kept = (_named(session, address) for address in (email, into))
        if gone is kept:
            raise click.ClickException("that is one account already")
        house = current_app.extensions["tierslieu.house"]
        person = join_accounts(session, house, gone.id, kept.id, now=clock.now(), by_team=True)
        session.commit()
        click.echo(json.dumps(_told(person)) if as_json else _line(person))


@user.command("reset-second-factor")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def reset(email: str, as_json: bool) -> None:
    """Take away the second factor of somebody who lost it; exit 1 if there was none.

    Be sure that it is they who ask. Their sessions end, a mail tells them, and who needs a second
    factor sets up another at the next sign-in.
    """
    with place() as session:
        person = _named(session, email)
        had = reset_second_factor(session, person, now=clock.now())
        session.commit()
        if not had:
            raise click.ClickException(f"{person.email} had no second factor")
        click.echo(json.dumps(_told(person)) if as_json else _line(person))


@user.command("list")
@click.option("--search", default="", help="Words of the name or of the address.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_users(search: str, as_json: bool) -> None:
    """List accounts by name."""
    with place() as session:
        for start in count(step=SLICE):
            found = search_people(session, search, start, SLICE)
            for person in found:
                click.echo(json.dumps(_told(person)) if as_json else _line(person))
            if len(found) < SLICE:
                break
