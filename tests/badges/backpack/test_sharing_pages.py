"""A holder decides who sees a badge, takes it away in every form, hands it on."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.orm import Session

from badges.awards import publishing, rules
from badges.awards.models import Award, Sharing
from badges.awards.queries import find_holder_page
from badges.backpack import rules as backpack
from badges.backpack.sharing import list_forms
from badges.designs.models import Level
from badges.engine.errors import FetchFailed
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.errors import NotYours
from tierslieu.people.models import User

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def award(db: Session, ada: User, team: User) -> Award:
    return make_award(db, ada, team, open_badges(db))


def choose(client: LookingClient, award: Award, sharing: Sharing) -> None:
    answer = client.post(f"/mes-badges/{award.id}/visibilite", data={"sharing": sharing.value})
    assert answer.status_code == 302


@pytest.mark.both_databases
def test_each_state_opens_what_it_says_and_nothing_more(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    visitor = client.application.test_client()
    url = f"/credentials/{award.id}"
    choose(client, award, Sharing.LINK)
    linked = visitor.get(url).get_data(as_text=True)
    assert '<meta name="robots" content="noindex">' in linked
    assert find_holder_page(db, ada.id) is None
    choose(client, award, Sharing.PUBLIC)
    db.rollback()
    public = visitor.get(url).get_data(as_text=True)
    assert "noindex" not in public
    assert visitor.get(url + ".json").status_code == 200
    page = find_holder_page(db, ada.id)
    assert page is not None
    address = f"/badges/personnes/{page.id}"
    db.rollback()
    assert address in public
    assert address not in linked
    shown = visitor.get(address).get_data(as_text=True)
    assert "Ada Lovelace" in shown
    assert url in shown
    assert "noindex" not in shown
    assert "ada@example.org" not in shown
    choose(client, award, Sharing.PRIVATE)
    assert visitor.get(url).status_code == 404
    assert visitor.get(address).status_code == 404
    choose(client, award, Sharing.PUBLIC)
    assert visitor.get(address).status_code == 200  # the same address as before


def test_the_public_page_shows_public_badges_alone_and_no_withdrawn_one(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    signer = open_badges(db)
    names = ["Public", "Par lien", "Privé", "Retiré"]
    states = [Sharing.PUBLIC, Sharing.LINK, Sharing.PRIVATE, Sharing.PUBLIC]
    for name, sharing in zip(names, states, strict=True):
        award = make_award(db, ada, team, signer, name=f"Badge {name}")
        backpack.show_to(db, award.id, ada.id, sharing, now=NOW)
        db.commit()
    rules.revoke(db, award.id, reason="Erreur", now=NOW, actor_id=team.id)
    page = find_holder_page(db, ada.id)
    assert page is not None
    address = f"/badges/personnes/{page.id}"
    db.commit()
    shown = client.get(address).get_data(as_text=True)
    assert [name for name in names if f"Badge {name}" in shown] == ["Public"]
    assert f'name="address" value="{settings_here().base_url}{address}"' in shown
    assert 'action="/verifier"' in shown, "what it shows is verified in one press"


def test_a_public_badge_is_published_to_verifiers_like_a_shared_one(
    db: Session, award: Award, ada: User
) -> None:
    find = publishing.own_documents(db, settings_here())
    address = f"{settings_here().base_url}/credentials/{award.id}"
    with pytest.raises(FetchFailed):
        find(address)
    backpack.show_to(db, award.id, ada.id, Sharing.PUBLIC, now=NOW)
    db.commit()
    assert find(address) == award.credential.encode()


def test_nobody_decides_for_another(
    db: Session, client: LookingClient, award: Award, make: Factory, team: User
) -> None:
    for other in (make.user(), team):
        client.sign_in(other)
        assert client.get(f"/mes-badges/{award.id}").status_code == 404
        for path in ("visibilite", "adresse", "cle"):
            data = {"sharing": "public"}
            assert client.post(f"/mes-badges/{award.id}/{path}", data=data).status_code == 404
    with pytest.raises(NotYours):
        backpack.show_to(db, award.id, team.id, Sharing.PUBLIC, now=NOW)
    db.rollback()
    assert award.sharing is Sharing.PRIVATE


def test_a_state_that_does_not_exist_changes_nothing(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    answer = client.post(f"/mes-badges/{award.id}/visibilite", data={"sharing": "everybody"})
    assert answer.status_code == 404
    db.rollback()
    assert award.sharing is Sharing.PRIVATE


def test_every_form_on_the_page_can_be_fetched(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    from badges.awards.keys import open_keys

    open_keys(db, settings_here(), NOW, ("Ed25519", "P-256", "RSA"))
    db.commit()
    page = client.sign_in(ada).get(f"/mes-badges/{award.id}").get_data(as_text=True)
    links = re.findall(rf'href="(/credentials/{award.id}\.[^"]+)"', page)
    assert len(links) == len(list_forms(award)) == 9
    for link in links:
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        assert answer.headers["Content-Disposition"].startswith("attachment"), link


def test_paper_is_not_offered_for_a_badge_that_does_not_hold(db: Session, award: Award) -> None:
    assert "pdf" in {form.suffix for form in list_forms(award)}
    award.suspended_at = NOW
    assert "pdf" not in {form.suffix for form in list_forms(award)}
    award.suspended_at, award.revoked_at = None, NOW
    assert "pdf" not in {form.suffix for form in list_forms(award)}


def test_what_hands_a_badge_on_is_offered_only_where_its_address_leads_somewhere(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    private = client.get(f"/mes-badges/{award.id}").get_data(as_text=True)
    assert "linkedin.com" not in private
    assert "mailto:?" not in private
    choose(client, award, Sharing.LINK)
    page = client.get(f"/mes-badges/{award.id}").get_data(as_text=True)
    address = f"http://localhost/credentials/{award.id}"
    assert f'value="{address}"' in page
    linked = re.search(r'href="(https://www\.linkedin\.com/[^"]+)"', page)
    assert linked is not None
    facts = parse_qs(urlsplit(linked[1].replace("&amp;", "&")).query)
    assert facts == {
        "startTask": ["CERTIFICATION_NAME"],
        "name": [award.badge.name],
        "organizationName": ["Tiers-lieu d’essai"],
        "issueYear": ["2026"],
        "issueMonth": ["11"],
        "expirationYear": ["2029"],
        "expirationMonth": ["11"],
        "certUrl": [address],
        "certId": [str(award.id)],
    }
    assert "mailto:?subject=Enseigner%20SNT" in page


def test_a_shared_page_tells_other_sites_how_to_show_it(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    url = f"/credentials/{award.id}"
    assert "og:title" not in client.get(url).get_data(as_text=True)
    choose(client, award, Sharing.LINK)
    page = client.application.test_client().get(url).get_data(as_text=True)
    said = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page))
    assert said["title"].endswith("Ada Lovelace")
    assert said["url"] == f"http://localhost{url}"
    assert said["image"] == f"http://localhost/badges/{award.badge.slug}.png"
    assert client.get(urlsplit(said["image"]).path).mimetype == "image/png"


def test_a_withdrawn_badge_is_not_offered_to_linkedin_nor_on_paper(
    db: Session, client: LookingClient, award: Award, ada: User, team: User
) -> None:
    rules.share(db, award.id, ada.id, now=NOW)
    rules.revoke(db, award.id, reason="Erreur", now=NOW, actor_id=team.id)
    db.commit()
    page = client.sign_in(ada).get(f"/mes-badges/{award.id}").get_data(as_text=True)
    assert "linkedin.com" not in page
    assert ".pdf" not in page
    assert ".json" in page


def test_the_level_of_a_badge_is_said_wherever_its_award_is_shown(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    signer = open_badges(db)
    award = make_award(db, ada, team, signer, level=Level.PRACTICE)
    backpack.show_to(db, award.id, ada.id, Sharing.PUBLIC, now=NOW)
    db.commit()
    page = find_holder_page(db, ada.id)
    assert page is not None
    addresses = (
        "/mes-badges",
        f"/mes-badges/{award.id}",
        f"/credentials/{award.id}",
        f"/badges/personnes/{page.id}",
    )
    client.sign_in(ada)
    for address in addresses:
        html = client.get(address).get_data(as_text=True)
        assert "Niveau\u00a0: Approfondissement" in html, address
    plain = make_award(db, ada, team, signer)
    assert "Niveau" not in client.get(f"/credentials/{plain.id}").get_data(as_text=True)
