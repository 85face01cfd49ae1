"""``tierslieu user token``: a bearer token for a script."""

from __future__ import annotations

import click

from tierslieu import clock
from tierslieu.people.commands import place, user
from tierslieu.people.queries import find_user
from tierslieu.tokens.rules import LIVES, make_token
from tierslieu.tokens.scopes import SCOPES, may_hold


@user.command("token")
@click.argument("email")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(list(SCOPES)),
    help="What it may do; may be given several times.",
)
@click.option("--name", help="What it is for; by default, the command and the hour.")
@click.option(
    "--days",
    default=str(LIVES[-1]),
    show_default=True,
    type=click.Choice([str(days) for days in LIVES]),
    help="How long it lasts.",
)
def token(email: str, scopes: tuple[str, ...], name: str | None, days: str) -> None:
    """Make an access token for EMAIL and print it, alone, this once.

    The person must hold a role that allows each scope; they are told by mail.
    """
    with place() as session:
        person = find_user(session, email)
        if person is None:
            raise click.ClickException(f"no account has the address {email}")
        beyond = [scope for scope in scopes if not may_hold(person, scope)]
        if beyond:
            raise click.ClickException(f"no role of this person allows {', '.join(beyond)}")
        now = clock.now()
        _kept, secret = make_token(
            session,
            person.id,
            name=name or f"tierslieu user token, {now:%Y-%m-%d %H:%M:%S.%f}",
            scopes=scopes,
            days=int(days),
            now=now,
        )
        session.commit()
        click.echo(secret)
