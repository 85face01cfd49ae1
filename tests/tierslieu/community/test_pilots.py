"""Closed pilots: who is invited and how, and that nobody else sees anything of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.community import announce, join_file, make_pilot, share
from tests.support.factories import Factory
from tests.support.people import outbox
from tests.support.sessions import NOW
from tierslieu.community.contents.models import Content
from tierslieu.community.pilots.models import Pilot, PilotMember
from tierslieu.errors import Refused
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import OtherAddress, User
from tierslieu.settings import Settings

pytestmark = pytest.mark.both_databases
SECRETS = ("Pilote secret", "Fiche du pilote", "Sortie du pilote")
Sees = Callable[[User | None], bool]


@pytest.fixture
def sees(
    client: LookingClient, db: Session, make: Factory, team: User, settings: Settings
) -> tuple[Sees, Pilot, User]:
    """A pilot with a content, an event and a file; whether a person sees all of it, or nothing."""
    member = make.user()
    pilot = make_pilot(db, team, member.email)
    content = share(db, member, "Fiche du pilote", pilot_id=pilot.id)
    event = announce(db, member, "Sortie du pilote", pilot_id=pilot.id)
    file_id = join_file(db, settings, content, member, "secret.txt")
    # A visitor must find something to compare with, and the numbers must not tell.
    share(db, member, "Fiche ouverte", is_public=True)
    announce(db, member, "Sortie ouverte", is_public=True)

    def look(person: User | None) -> bool:
        if person is None:
            client.sign_out()
        else:
            client.sign_in(person)
        lists = "".join(
            client.get(url).text
            for url in (
                "/ressources",
                "/ressources.csv",
                f"/ressources?espace={pilot.id}",
                f"/ressources.csv?espace={pilot.id}",
                "/ressources?q=pilote",
                "/evenements",
                "/evenements.csv",
                f"/evenements?espace={pilot.id}&quand=tous",
                "/pilotes",
                "/",
            )
        )
        assert "Fiche ouverte" in lists
        shown = {secret in lists for secret in SECRETS}
        counted = "2 ressources<" in client.get("/ressources").text
        pages = {
            client.get(url).status_code == 200
            for url in (
                f"/ressources/{content.id}",
                f"/evenements/{event.id}",
                f"/ressources/{content.id}/fichiers/{file_id}",
                f"/pilotes/{pilot.id}",
            )
        }
        assert len(shown | pages | {counted}) == 1, (shown, pages, counted)
        return counted

    return look, pilot, member


def test_members_and_the_team_see_a_pilot_and_nobody_else_anything_of_it(
    sees: tuple[Sees, Pilot, User], db: Session, make: Factory, team: User
) -> None:
    look, _pilot, member = sees
    other = make.user()
    make_pilot(db, team, other.email, name="Un autre groupe")
    assert look(member)
    assert look(team)
    assert not look(other)
    assert not look(make.user())
    for role in ("coordinator", "administrator", "researcher"):
        assert not look(make.user(role)), role
    assert not look(None)


def test_who_is_withdrawn_sees_nothing_any_more(
    sees: tuple[Sees, Pilot, User], client: LookingClient, db: Session, team: User
) -> None:
    look, pilot, member = sees
    (invited,) = db.scalars(select(PilotMember))
    client.sign_in(team).post(f"/pilotes/{pilot.id}/membres/{invited.id}/retirer")
    assert not look(member)
    assert look(team)


def test_an_address_makes_a_member_only_of_who_proved_it(
    sees: tuple[Sees, Pilot, User], db: Session, make: Factory, team: User
) -> None:
    look, pilot, member = sees
    invited = db.scalars(select(PilotMember)).one()
    invited.email = "autre@example.org"
    db.commit()
    assert not look(member)
    mine = OtherAddress(user_id=member.id, email="autre@example.org")
    db.add(mine)
    db.commit()
    assert not look(member)
    mine.proved_at = NOW
    db.commit()
    assert look(member)
    taken_over = make.user(email="autre@example.org")
    assert look(taken_over)
    assert not look(member)  # the mailbox passed to somebody else
    assert pilot.name in SECRETS


def test_an_invitation_says_how_to_come_in_and_carries_no_secret(
    app: Flask, client: LookingClient, db: Session, make: Factory, team: User, settings: Settings
) -> None:
    known = make.user(email="connue@example.org")
    pilot = make_pilot(db, team)
    client.sign_in(team)
    text = "Connue@example.org, nouvelle@example.org;\nnouvelle@example.org"
    html = client.post(
        f"/pilotes/{pilot.id}/membres", data={"emails": text}, follow_redirects=True
    ).text
    assert "2 invitations sont parties." in html
    assert known.name in html
    assert "pas encore de compte" in html
    mails = {mail.recipient: mail for mail in outbox(db)}
    assert set(mails) == {"connue@example.org", "nouvelle@example.org"}
    with app.test_request_context():
        old = render_mail(mails["connue@example.org"], settings)
        new = render_mail(mails["nouvelle@example.org"], settings)
    assert "/inscription" not in old.text + old.html
    assert "http://localhost/ressources" in old.text
    assert "http://localhost/inscription" in new.text
    assert re.search(r"/inscription\s", new.text)  # no secret behind it
    for mail in (old, new):
        assert "« Pilote secret »".replace("« ", "«\u202f").replace(" »", "\u202f»") in mail.subject
    again = client.post(
        f"/pilotes/{pilot.id}/membres", data={"emails": text}, follow_redirects=True
    ).text
    assert "0 invitation est partie. 2 adresses l’étaient déjà." in again
    assert len(outbox(db)) == 2


@pytest.mark.parametrize(
    ("emails", "sentence"),
    [
        ("", "Écrivez au moins une adresse"),
        ("bonne@example.org, mauvaise", "n’est pas une adresse complète"),
        (" ".join(f"p{n}@example.org" for n in range(101)), "Cent adresses à la fois"),
    ],
)
def test_one_bad_address_invites_nobody(
    client: LookingClient, db: Session, team: User, emails: str, sentence: str
) -> None:
    pilot = make_pilot(db, team)
    response = client.sign_in(team).post(f"/pilotes/{pilot.id}/membres", data={"emails": emails})
    assert response.status_code == 422
    assert sentence in response.text
    assert not list(db.scalars(select(PilotMember)))
    assert not outbox(db)


def test_only_members_put_things_into_a_pilot_and_never_in_public(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    member, outsider = make.user(), make.user()
    pilot = make_pilot(db, team, member.email)
    form = {"subject": "Essai", "rights": "no", "space": str(pilot.id)}
    client.sign_in(outsider)
    assert str(pilot.id) not in client.get("/ressources/nouvelle").text
    assert client.post("/ressources/nouvelle", data=form).status_code == 422
    client.sign_in(member)
    assert str(pilot.id) in client.get("/ressources/nouvelle").text
    public = client.post("/ressources/nouvelle", data={**form, "is_public": "y"})
    assert public.status_code == 422
    assert "n’est pas lu par les visiteurs" in public.text
    assert client.post("/ressources/nouvelle", data=form).status_code == 302
    assert db.scalars(select(Content.pilot_id)).all() == [pilot.id]


def test_the_rule_itself_keeps_strangers_out_of_a_pilot(
    db: Session, make: Factory, team: User
) -> None:
    pilot = make_pilot(db, team)
    with pytest.raises(Refused) as refused:
        share(db, make.user(), pilot_id=pilot.id)
    assert (refused.value.code, refused.value.field) == ("unknown_space", "space")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Donnez un nom"), ("Pris", "Un autre pilote porte déjà"), ("x" * 121, "120 caractères")],
)
def test_a_pilot_needs_a_name_of_its_own(
    client: LookingClient, db: Session, team: User, name: str, sentence: str
) -> None:
    make_pilot(db, team, name="Pris")
    response = client.sign_in(team).post("/pilotes/nouveau", data={"name": name})
    assert response.status_code == 422
    assert sentence in response.text
    assert len(db.scalars(select(Pilot)).all()) == 1


def test_a_pilot_is_renamed_and_keeps_its_name_when_saved_again(
    client: LookingClient, db: Session, team: User
) -> None:
    pilot = make_pilot(db, team)
    client.sign_in(team)
    for name in ("Groupe du mardi", "Groupe du mardi"):
        data = {"name": name, "description": "Pour essayer."}
        assert client.post(f"/pilotes/{pilot.id}/modifier", data=data).status_code == 302
    assert "Pour essayer." in client.get(f"/pilotes/{pilot.id}").text


def test_visitors_read_only_what_is_marked_for_everybody(
    client: LookingClient, db: Session, make: Factory
) -> None:
    owner = make.user()
    shown, kept = share(db, owner, "Montrée", is_public=True), share(db, owner, "Gardée")
    html = client.get("/ressources").text + client.get("/ressources.csv").text
    assert "Montrée" in html
    assert "Gardée" not in html
    assert client.get(f"/ressources/{shown.id}").status_code == 200
    assert client.get(f"/ressources/{kept.id}").status_code == 404
