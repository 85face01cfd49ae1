"""A holder who asks a mailbox of their own «as» an organisation does not make it vouch for them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards import checks, publishing
from badges.awards.models import Award
from badges.designs.models import BadgeClass
from badges.endorsements import cautions, giving, offers, signing
from badges.endorsements.models import Endorsement
from badges.verification.fetching import Fetcher
from tests.support.badges import NOW, settings_here
from tests.support.client import LookingClient
from tests.support.endorsements import ask, give, own_signed, partner_document
from tierslieu import clock
from tierslieu.people.models import User

POSED = {"organisation": "Rectorat de Paris", "website": "https://ac-paris.example/"}
BOX = "my.second.box@gmail.com"
NAMED = "Rectorat de Paris (adresse en @gmail.com)"
SITE = "https://partenaire.example/.well-known/did.json"


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.fixed_at(NOW):
        yield


def words(page: str) -> str:
    """The text of a page, without its marks."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", page))


def pose(db: Session, award: Award, **changes: Any) -> Endorsement:
    """The holder has their own second mailbox say that it is the rectorat."""
    assert award.user is not None
    facts = {**POSED, **changes}
    given = give(db, ask(db, award, award.user, email=BOX, **facts), **facts)
    db.refresh(award)
    return given


def line(page: str) -> str:
    """The line of the checks that speaks of endorsements."""
    (found,) = [one for one in re.findall(r"<li.*?</li>", page, re.S) if ">soutiens<" in one]
    return found


def test_what_is_signed_says_who_asked_and_where_the_link_went(db: Session, award: Award) -> None:
    document = json.loads(pose(db, award).credential)
    issuer = document["issuer"]
    assert issuer["name"] == NAMED
    assert document["name"] == f"Soutien au nom de {NAMED}"
    assert issuer["description"] == (
        "Soutien demandé par la personne qui a reçu le badge, par un lien envoyé par mail. "
        "Adresse en @gmail.com, que n’importe qui peut ouvrir\xa0: le lieu n’a pas vérifié cette "
        "qualité."
    )
    assert "url" not in issuer, "a mailbox does not speak for a site"
    (carried,) = json.loads(award.credential)["endorsement"]
    assert carried == document


def test_a_long_name_does_not_push_the_domain_out_of_sight(db: Session, award: Award) -> None:
    long = "Rectorat de Paris" + " et de sa région" * 6
    issuer = json.loads(pose(db, award, organisation=long).credential)["issuer"]
    assert len(issuer["name"]) <= 120
    assert issuer["name"].endswith("… (adresse en @gmail.com)")
    domain = f"{'a' * 200}.gmail.example"
    assert cautions.signed_name("R" * 120, domain).endswith(".gmail.example)")


@pytest.mark.parametrize(
    ("domain", "website", "is_of"),
    [
        ("rectorat.example", "https://rectorat.example/", True),
        ("rectorat.example", "https://www.rectorat.example/x", True),
        ("formation.rectorat.example", "https://rectorat.example/", True),
        ("rectorat.example", "https://formation.rectorat.example/", True),
        ("faux-rectorat.example", "https://rectorat.example/", False),
        ("rectorat.example.pirate.example", "https://rectorat.example/", False),
        ("gmail.com", "https://gmail.com/", False),
        ("gmail.com", "https://mail.gmail.com/", False),
        ("x.gmail.com", "https://gmail.com/", False),
        ("rectorat.example", "", False),
        ("rectorat.example", "https://example/", False),
        ("rectorat.example", "https://[", False),
    ],
)
def test_an_address_speaks_for_a_site_only_from_its_own_domain(
    domain: str, website: str, is_of: bool
) -> None:
    assert cautions.is_of_site(domain, website) is is_of


@pytest.mark.parametrize(
    ("email", "said", "is_linked"),
    [
        (BOX, "Adresse en @gmail.com, que n’importe qui peut ouvrir", False),
        ("x@pirate.example", "Adresse en @pirate.example, qui n’est pas du site indiqué", False),
        ("x@ac-paris.example", "Adresse en @ac-paris.example", True),
    ],
)
def test_the_page_of_the_award_says_that_nobody_verified_who_they_are(
    db: Session, client: LookingClient, award: Award, email: str, said: str, is_linked: bool
) -> None:
    assert award.user is not None
    give(db, ask(db, award, award.user, **POSED, email=email), **POSED)
    page = client.sign_in(award.user).get(f"/credentials/{award.id}").text
    assert "Se présente comme «\u202fRectorat de Paris\u202f»" in page
    assert f"{said}\xa0: le lieu n’a pas vérifié cette qualité." in page
    assert "demandé par la personne qui a reçu le badge" in page
    assert ('href="https://ac-paris.example/"' in page) is is_linked
    assert "garant" not in page, "nobody vouches"
    found = line(page)
    assert "Vérifié" not in found
    assert "Se portent aussi garants" not in found
    assert "cette qualité n’est pas vérifiée" in found


def test_who_answers_reads_before_signing_what_will_be_said_of_them(
    db: Session, client: LookingClient, award: Award
) -> None:
    assert award.user is not None
    asked = ask(db, award, award.user, **POSED, email=BOX)
    link = f"/soutiens/{asked.secret}"
    read = re.search(r'name="read"[^>]*value="([0-9a-f]{32})"', client.get(link).text)
    assert read
    filled = {"signer_name": "A", "signer_role": "B", "months": "12", "may_speak": "y"}
    data = {**filled, **POSED, "read": read[1], "step": "preview"}
    preview = client.post(link, data=data).text
    assert "Se présente comme «\u202fRectorat de Paris\u202f»" in preview
    assert "le lieu n’a pas vérifié cette qualité" in preview


def test_the_verification_of_the_file_does_not_say_verified_of_that_name(
    db: Session, client: LookingClient, award: Award
) -> None:
    pose(db, award)
    page = client.post("/verifier", data={"text": award.credential}).text
    assert "garants" not in page
    assert f"«\u202f{NAMED}\u202f»\xa0: aucun site ne répond de ce nom" in words(line(page))
    assert "Vérifié" not in line(page)
    assert "posing" not in page, "what the engine said, and nothing more"
    report = publishing.check_award(db, settings_here(), award, NOW)
    (told,) = [one for one in checks.to_json(report)["checks"] if one["name"] == "endorsements"]
    assert told["outcome"] == "passed", "the text is as it was signed: that is proven"
    assert told["message"].endswith("cette qualité n’est pas vérifiée.")
    assert "Rien ne dit ici" in checks.say(report.check("endorsements")), "alone, it claims less"


def test_a_partner_with_a_published_key_is_still_said_to_vouch(
    db: Session, client: LookingClient, award: Award
) -> None:
    assert award.user is not None
    asked = ask(db, award, award.user)
    about, settings = f"http://localhost/credentials/{award.id}", settings_here()
    fetch = Fetcher(lambda address: partner_document() if address == SITE else None)
    signed = signing.read_signed(
        db, settings, asked.endorsement, own_signed(about), fetch=fetch, now=NOW
    )
    read = signing.fingerprint(asked.endorsement)
    giving.give(db, settings, asked.secret, signed, read=read, now=NOW)
    db.commit()
    page = client.sign_in(award.user).get(f"/credentials/{award.id}").text
    assert "Qui se porte garant de cette attribution" in page
    assert "Se présente comme" not in page


@pytest.mark.both_databases
def test_the_team_sees_what_was_lately_given_to_awards_and_hides_it_from_there(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    given = pose(db, award)
    hide = f"/soutiens-donnes/{given.id}/masquer"
    of_badge = f"/badges/{award.badge.slug}/soutiens"
    assert award.user is not None
    assert hide not in client.sign_in(award.user).get("/").text
    client.sign_in(team)
    for address in ("/", of_badge):
        page = client.get(address).text
        assert hide in page
        assert f"/credentials/{award.id}" in page
        assert "Se présente comme «\u202fRectorat de Paris\u202f»" in page
        assert "@gmail.com" in page
        assert "Ada Lovelace" in page
    with clock.fixed_at(NOW + offers.LATELY + timedelta(seconds=1)):
        assert hide not in client.sign_in(team).get("/").text
        assert hide in client.get(of_badge).text, "there for as long as it stands"
    client.sign_in(team)
    assert client.post(hide, data={"reason": "Ce n’est pas le rectorat."}).status_code == 302
    db.refresh(award)
    assert "endorsement" not in json.loads(award.credential)
    for address in ("/", of_badge):
        assert hide not in client.get(address).text


def test_the_page_of_a_badge_shows_only_what_was_given_to_its_own_awards(
    db: Session, client: LookingClient, award: Award, badge: BadgeClass, team: User
) -> None:
    given = pose(db, award)
    assert badge.id != award.badge_id
    assert str(given.id) not in client.sign_in(team).get(f"/badges/{badge.slug}/soutiens").text


def test_the_home_page_shows_the_newest_and_says_where_the_others_are(
    db: Session,
    client: LookingClient,
    award: Award,
    team: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offers, "SHOWN_LATELY", 1)
    assert award.user is not None
    older = give(db, ask(db, award, award.user, email="un@stage.example"))
    asked = ask(db, award, award.user, email="deux@stage.example")
    newer = give(db, asked, now=NOW + timedelta(hours=1))
    with clock.fixed_at(NOW + timedelta(hours=2)):
        page = client.sign_in(team).get("/").text
    assert str(newer.id) in page
    assert str(older.id) not in page
    assert "Les plus anciens sont sur la page de chaque badge" in page
