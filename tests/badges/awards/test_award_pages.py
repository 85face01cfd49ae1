"""Awards' pages and files, by who asks: its holder, another learner, a facilitator, a researcher,
a visitor."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.orm import Session

from badges.awards import queries, rules
from badges.awards.models import Award
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition
from badges.engine.publickeys import PublicKey
from tests.support.badges import (
    NOW,
    finish_path,
    make_award,
    make_badge,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu import clock
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.people.models import User
from tierslieu.web.formats import long_day

# WeasyPrint leaves the closing of its own colour profile to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")
FORMS = (".json", ".png", ".svg", ".pdf")
NASTY = '<script>alert("x")</script>'


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def award(db: Session, ada: User, team: User) -> Award:
    return make_award(db, ada, team, open_badges(db))


def share(db: Session, award: Award) -> None:
    assert award.user_id is not None
    rules.share(db, award.id, award.user_id, now=NOW)
    db.commit()


@pytest.mark.parametrize("role", [None, "learner", "researcher", "coordinator", "administrator"])
def test_a_private_badge_is_nothing_to_others_in_any_form(
    make: Factory, client: LookingClient, award: Award, role: str | None
) -> None:
    url = f"/credentials/{award.id}"
    if role:
        client.sign_in(make.user(role))
    assert client.get(url).status_code == 404
    assert client.get(url, headers={"Accept": "application/json"}).status_code == 404
    for form in FORMS:
        answer = client.get(url + form)
        assert answer.status_code == 404, form
        assert b"Lovelace" not in answer.data
    assert client.get(url + "/retirer").status_code == (403 if role else 302)


def test_its_holder_has_the_page_and_every_file(
    client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    page = client.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "Ce badge est authentique et en cours de validité." in page
    assert "Ce badge est privé." in page
    assert "La signature correspond mot pour mot" in page
    assert "Retirer" not in page
    for form in FORMS:
        assert client.get(f"/credentials/{award.id}{form}").status_code == 200, form


def test_a_facilitator_sees_the_page_but_has_no_file_of_a_private_badge(
    client: LookingClient, award: Award, team: User
) -> None:
    client.sign_in(team)
    page = client.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "Ada Lovelace" in page
    assert "Retirer ce badge" in page
    assert "Télécharger" not in page
    for form in FORMS:
        assert client.get(f"/credentials/{award.id}{form}").status_code == 404, form


def test_a_shared_badge_is_open_to_a_visitor_until_it_is_not(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    url = f"/credentials/{award.id}"
    client.sign_in(ada)
    assert client.post(f"/mes-badges/{award.id}/partager").status_code == 302
    assert f"http://localhost{url}" in client.get("/mes-badges").get_data(as_text=True)
    visitor = client.application.test_client()
    page = visitor.get(url).get_data(as_text=True)
    assert "Ada Lovelace" in page
    assert "noindex" in page
    assert f"/verifier#address=http%3A%2F%2Flocalhost%2Fcredentials%2F{award.id}" in page
    for form in FORMS:
        assert visitor.get(url + form).status_code == 200, form
    assert visitor.get(url, headers={"Accept": "application/vc"}).mimetype == "application/vc"
    client.post(f"/mes-badges/{award.id}/ne-plus-partager")
    assert visitor.get(url).status_code == 404
    assert visitor.get(url + ".json").status_code == 404


def test_nobody_shares_for_another(
    db: Session, make: Factory, client: LookingClient, award: Award, team: User
) -> None:
    for person in (make.user(), team):
        client.sign_in(person)
        assert client.post(f"/mes-badges/{award.id}/partager").status_code == 404
    db.refresh(award)
    assert award.sharing.value == "private"


def test_the_backpack_shows_ones_own_and_what_is_within_reach(
    db: Session, make: Factory, client: LookingClient, award: Award, ada: User, team: User
) -> None:
    half, path = make_path_badge(db, name="À mi-chemin")
    make_badge(db, Condition(CriterionKind.PATH_COMPLETED, path_id=path.id), name="Loin d’ici")
    steps = Condition(CriterionKind.HALF_DAYS, count=1)
    both = make_badge(
        db, steps, Condition(CriterionKind.PATH_COMPLETED, path_id=path.id), name="Les deux"
    )
    assert both.id != half.id
    finish_path(db, ada, path, team)
    client.sign_in(ada)
    page = client.get("/mes-badges").get_data(as_text=True)
    assert "Enseigner SNT" in page
    assert "Tout y est" in page
    assert "0 demi-journée" in page
    assert "sur 1" in page
    client.sign_in(make.user())
    empty = client.get("/mes-badges").get_data(as_text=True)
    assert "Pas encore de badge" in empty
    assert "Ada" not in empty
    assert client.application.test_client().get("/mes-badges").status_code == 302


def test_a_badge_is_awarded_in_two_clicks_from_a_session(
    db: Session, make: Factory, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge = make_badge(db, Condition(CriterionKind.SESSION_ATTENDED))
    absent = make.user(name="Bob Absent")
    yesterday = clock.to_local(clock.now()).replace(hour=14, minute=0, microsecond=0, second=0)
    yesterday -= clock.days(1)
    session = make_session(db, starts=yesterday, title="Robots Thymio")
    entries = [
        RollEntry(Presence.PRESENT, ada.id),
        RollEntry(Presence.PRESENT, team.id),
        RollEntry(Presence.ABSENT, absent.id),
    ]
    note_presence(db, session.id, entries, now=clock.now(), actor_id=team.id)
    db.commit()
    client.sign_in(team)
    first = client.get(f"/badges/{badge.slug}/attribuer").get_data(as_text=True)
    assert f"seance={session.id}" in first
    assert "2 personnes présentes" in first
    second = client.get(f"/badges/{badge.slug}/attribuer?seance={session.id}")
    page = second.get_data(as_text=True)
    assert "1 personne remplit les critères" in page
    assert "demandez à quelqu’un de l’équipe" in page, "one does not award oneself"
    assert "Bob Absent" not in page
    answer = client.post(
        f"/badges/{badge.slug}/attribuer",
        data={"seance": str(session.id), "people": [str(ada.id)]},
        follow_redirects=True,
    )
    assert "Badge attribué à 1 personne" in answer.get_data(as_text=True)
    (made,) = queries.list_awards(db, ada.id)
    assert made.awarded_by_id == team.id
    assert made.session_id == session.id
    assert "Robots Thymio" in made.grounds[0]
    again = client.get(f"/badges/{badge.slug}/attribuer?seance={session.id}")
    assert "1 personne a déjà ce badge" in again.get_data(as_text=True)


def test_from_a_path_the_page_says_who_lacks_what(
    db: Session, make: Factory, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    bob = make.user(name="Bob Martin")
    finish_path(db, ada, path, team)
    finish_path(db, bob, path, team, steps=1)
    client.sign_in(team)
    page = client.get(f"/badges/{badge.slug}/attribuer?parcours={path.slug}").get_data(as_text=True)
    assert "1 personne n’y est pas encore" in page
    assert "il manque 1 étape\u00a0: «\u202fÉtape B\u202f»" in page
    forced = client.post(
        f"/badges/{badge.slug}/attribuer",
        data={"parcours": path.slug, "people": [str(bob.id), str(ada.id)]},
        follow_redirects=True,
    ).get_data(as_text=True)
    assert "Bob Martin ne remplit pas encore les critères" in forced
    assert queries.list_awards(db, bob.id) == []
    assert len(queries.list_awards(db, ada.id)) == 1


@pytest.mark.parametrize(
    "data", [{}, {"people": "x"}, {"people": "00000000-0000-0000-0000-000000000000"}]
)
def test_awarding_to_nobody_or_to_nonsense_writes_nothing(
    db: Session, client: LookingClient, team: User, data: dict[str, str]
) -> None:
    open_badges(db)
    badge, _path = make_path_badge(db)
    client.sign_in(team)
    answer = client.post(f"/badges/{badge.slug}/attribuer", data=data)
    assert answer.status_code in (302, 404)
    assert queries.list_all_awards(db) == []


@pytest.mark.parametrize(
    "query", ["seance=x", "seance=00000000-0000-0000-0000-000000000000", "parcours=inconnu"]
)
def test_a_source_that_is_none_is_not_found(
    db: Session, client: LookingClient, team: User, query: str
) -> None:
    badge = make_badge(db)
    client.sign_in(team)
    assert client.get(f"/badges/{badge.slug}/attribuer?{query}").status_code == 404


def test_awarding_from_a_session_that_is_none_is_not_found_and_writes_nothing(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    client.sign_in(team)
    data = {"people": str(ada.id), "seance": "00000000-0000-0000-0000-000000000000"}
    assert client.post(f"/badges/{badge.slug}/attribuer", data=data).status_code == 404
    assert queries.list_all_awards(db) == []


@pytest.mark.parametrize("role", ["learner", "researcher", "coordinator", "administrator"])
def test_only_facilitators_award_and_revoke(
    db: Session, make: Factory, client: LookingClient, award: Award, role: str
) -> None:
    slug = award.badge.slug
    client.sign_in(make.user(role))
    for path in (f"/badges/{slug}/attribuer", f"/badges/{slug}/attribues"):
        assert client.get(path).status_code == 403
    assert client.post(f"/badges/{slug}/attribuer").status_code == 403
    url = f"/credentials/{award.id}/retirer"
    assert client.post(url, data={"reason": "Non."}).status_code == 403
    db.refresh(award)
    assert award.revoked_at is None


def test_without_a_key_nothing_is_written_and_a_sentence_says_so(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    client.sign_in(team)
    answer = client.post(
        f"/badges/{badge.slug}/attribuer", data={"parcours": path.slug, "people": str(ada.id)}
    )
    assert answer.status_code == 503
    assert "rien n’a été écrit" in answer.get_data(as_text=True)


def test_a_withdrawal_stands_even_when_no_key_can_sign_the_list(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    keys_folder = settings_here().keys.folder
    hidden = keys_folder.with_name("keys-away")
    keys_folder.rename(hidden)
    try:
        client.sign_in(team)
        url = f"/credentials/{award.id}/retirer"
        done = client.post(url, data={"reason": "Erreur."})
        assert done.status_code == 302
        assert client.get("/status/1").status_code == 503
    finally:
        hidden.rename(keys_folder)
    db.refresh(award)
    assert award.revoked_at is not None
    assert client.get("/status/1").status_code == 200


def test_a_revoked_badge_says_so_everywhere(
    db: Session, client: LookingClient, award: Award, ada: User, team: User
) -> None:
    share(db, award)
    client.sign_in(team)
    empty = client.post(f"/credentials/{award.id}/retirer", data={"reason": " "})
    assert empty.status_code == 422
    assert "la personne lira cette raison" in empty.get_data(as_text=True)
    reason = f"Attribué par erreur. {NASTY}"
    done = client.post(f"/credentials/{award.id}/retirer", data={"reason": reason})
    assert done.status_code == 302
    visitor = client.application.test_client()
    page = visitor.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "l’émetteur l’a retiré" in page
    assert f"Retiré le {long_day(clock.now())} par l’équipe du lieu." in page
    assert "Attribué par erreur." not in page
    assert "attestation" not in page
    assert visitor.get(f"/credentials/{award.id}.json").data.decode() == award.credential
    assert visitor.get(f"/credentials/{award.id}.png").status_code == 200
    paper = visitor.get(f"/credentials/{award.id}.pdf")
    assert paper.status_code == 410
    assert "Erreur 410" in paper.text
    assert "n’est plus délivrée" in paper.get_data(as_text=True)
    for reader in (team, ada):  # why is a matter of its holder's and the team's
        client.sign_in(reader)
        page = client.get(f"/credentials/{award.id}").text
        assert "Attribué par erreur." in page
        assert NASTY not in page
    assert "Retiré" in client.get("/mes-badges").get_data(as_text=True)
    assert "Retiré" not in client.get("/badges").get_data(as_text=True)


def test_the_status_list_is_public_signed_and_cached(
    db: Session, client: LookingClient, award: Award
) -> None:
    answer = client.get("/status/1")
    assert answer.status_code == 200
    assert answer.mimetype == "application/vc"
    listed = json.loads(answer.data)
    assert listed["type"][1] == "BitstringStatusListCredential"
    assert listed["id"] == "http://localhost/status/1"
    assert "public" in answer.headers["Cache-Control"]
    etag = answer.headers["ETag"]
    assert client.get("/status/1", headers={"If-None-Match": etag}).status_code == 304
    rules.revoke(db, award.id, reason="Erreur.", now=clock.now(), actor_id=None)
    db.commit()
    changed = client.get("/status/1", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    for beyond in ("2", "2147483648", "9" * 30):
        assert client.get(f"/status/{beyond}").status_code == 404


def test_the_issuer_is_a_page_and_a_profile_and_its_keys_are_published(
    db: Session, client: LookingClient
) -> None:
    assert client.get("/.well-known/did.json").status_code == 404, "before the place has opened"
    signer = open_badges(db)
    page = client.get("/badges/issuer").get_data(as_text=True)
    assert signer.did in page
    profile = client.get("/badges/issuer", headers={"Accept": "application/ld+json"}).json
    assert profile["type"] == ["Profile"]
    assert profile["id"] == signer.did
    document = client.get("/.well-known/did.json").json
    assert document["id"] == signer.did
    assert signer.method in document["assertionMethod"]
    jwk = client.get(f"/badges/keys/{signer.key.name}")
    assert jwk.mimetype == "application/jwk+json"
    assert PublicKey.from_jwk(jwk.json) == signer.key.public()
    assert client.get("/badges/keys/autre").status_code == 404
