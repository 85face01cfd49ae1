"""People can always write to somebody: the foot of pages and mails says where, replies go there."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.people import last_mail
from tierslieu import clock
from tierslieu.mail.rendering import make_email
from tierslieu.mail.rules import write_mail

WRITE = 'href="mailto:equipe@lieu.example"'


def test_every_page_says_where_to_write_to_the_team(client: LookingClient) -> None:
    for address in ("/", "/donnees-personnelles", "/accessibilite", "/nulle-part"):
        assert WRITE in client.get(address).text, address


def test_who_replies_to_a_mail_writes_to_the_team(app: Flask, db: Session) -> None:
    context = {"name": "Ada", "link": "/"}
    write_mail(db, "ada@example.org", "security_reset_notice", context, now=clock.now())
    db.commit()
    settings = app.config["TIERSLIEU"]
    email = make_email(last_mail(db), settings)
    assert email["Reply-To"] == "equipe@lieu.example"
    for part in email.iter_parts():
        assert "equipe@lieu.example" in part.get_content()
    named = make_email(last_mail(db), replace(settings, place_name='Lieu "La Ruche", Nice'))
    assert named["From"].addresses[0].display_name == 'Lieu "La Ruche", Nice'
    assert named["From"].addresses[0].addr_spec == settings.mail_from
    assert make_email(last_mail(db), replace(settings, contact=""))["Reply-To"] is None
