"""Badges from elsewhere: verified, one's own, kept once, checked again; never shown as ours."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards import publishing
from badges.awards.models import Award
from badges.backpack import desk
from badges.backpack.queries import list_kept
from badges.engine import baking, credentials, keys, proofs, vcjwt
from badges.engine.verify import verify
from badges.verification.fetching import Fetcher
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.people.models import OtherAddress, User
from tierslieu.web.formats import long_day

DID = "did:web:ecole.example"
WORDS = "Animer un club de robotique"


class Elsewhere:
    """Another issuer, whose key document answers while ``is_up``."""

    def __init__(self) -> None:
        self.key = keys.SigningKey.generate()
        self.is_up = True
        self.visits = 0
        self.published: dict[str, bytes] = {}

    def fetch(self, address: str) -> bytes | None:
        self.visits += 1
        if self.is_up and address in self.published:
            return self.published[address]
        if self.is_up and address == "https://ecole.example/.well-known/did.json":
            published = keys.did_document(DID, [keys.PublishedKey(self.key.public())])
            return json.dumps(published).encode()
        return None

    def badge(self, email: str = "ada@example.org", number: int = 1, **changes: Any) -> Any:
        facts: dict[str, Any] = {"recipient": credentials.Recipient.from_email(email), **changes}
        unsigned = credentials.build_credential(
            credentials.Issuer(DID, "L’École d’à côté"),
            credentials.Achievement("https://ecole.example/b/1", WORDS, "d", "c"),
            credentials.Award(f"https://ecole.example/c/{number}", valid_from=NOW, **facts),
        )
        method = keys.verification_method(DID, self.key.name)
        return proofs.sign(unsigned, self.key, method, created=NOW)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """The only other place there is in these tests."""
    other = Elsewhere()

    def make(own: Any, **more: Any) -> Any:
        def resolve(host: str, port: int) -> list[str]:
            raise OSError("no network")

        return Fetcher(lambda a: own(a) or other.fetch(a), resolve=resolve, **more)

    monkeypatch.setattr(desk, "Fetcher", make)
    return other


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


def bring(client: LookingClient, badge: Any) -> Any:
    text = badge if isinstance(badge, str) else json.dumps(badge, ensure_ascii=False)
    return client.post("/mes-badges/ajouter", data={"text": text})


@pytest.mark.both_databases
def test_a_badge_from_elsewhere_is_verified_kept_and_named_after_its_issuer(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    client.sign_in(ada)
    answer = bring(client, elsewhere.badge())
    assert answer.status_code == 302
    page = client.get(answer.location).get_data(as_text=True)
    assert "Ce badge est authentique et en cours de validité." in page
    assert "L’École d’à côté" in page
    assert "Il a bien été délivré à la personne qui a cette adresse." in page
    assert "Ce lieu ne l’a pas délivré" in page
    assert WORDS in client.get("/mes-badges").get_data(as_text=True)
    (kept,) = list_kept(db, ada.id)
    assert json.loads(kept.credential) == elsewhere_document(kept.credential)
    assert client.get(f"/mes-badges/recus/{kept.id}.json").get_data(as_text=True) == (
        kept.credential
    )


def elsewhere_document(text: str) -> Any:
    document = json.loads(text)
    assert document["issuer"]["id"] == DID
    return document


def test_everything_one_holds_is_taken_in_one_file_and_each_badge_verifies(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere, make: Factory
) -> None:
    assert client.get("/mes-badges/tout.zip").status_code in (302, 401)
    team, signer = make.user("facilitator"), open_badges(db)
    award = make_award(db, ada, team, signer)
    make_award(db, make.user(), team, signer)
    client.sign_in(ada)
    bring(client, elsewhere.badge())
    answer = client.get("/mes-badges/tout.zip")
    assert answer.content_type == "application/zip"
    fetch = Fetcher(publishing.own_documents(db, settings_here()))
    with answer, zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        badges = {Path(name).suffix: archive.read(name) for name in names if "recus" not in name}
        kept = [archive.read(name) for name in names if "recus" in name]
    assert len(names) == 4
    assert badges[".json"].decode() == award.credential
    report = verify(badges[".png"], fetch=fetch, now=NOW)
    assert (report.outcome, report.credential) == ("valid", json.loads(award.credential))
    assert [json.loads(one)["issuer"]["id"] for one in kept] == [DID]


def test_the_day_of_a_kept_badge_is_said_in_the_language_of_who_reads(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    client.sign_in(ada)
    page = bring(client, elsewhere.badge()).location
    [kept] = list_kept(db, ada.id)
    assert kept.issued_day == clock.to_local(NOW).date()
    days = {one: long_day(NOW, one).replace("\xa0", " ") for one in ("fr", "en")}
    assert days["fr"] != days["en"]
    for language, day in days.items():
        ada.language = language
        db.commit()
        for address in (page, "/mes-badges"):
            assert day in client.get(address).text.replace("\xa0", " ")


def test_a_picture_and_a_token_are_the_same_badge_kept_once(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    client.sign_in(ada)
    badge = elsewhere.badge()
    picture = baking.bake(b'<svg xmlns="http://www.w3.org/2000/svg"/>', json.dumps(badge))
    sent = {"file": (io.BytesIO(picture), "badge.svg")}
    client.post("/mes-badges/ajouter", data=sent, content_type="multipart/form-data")
    bring(client, badge)
    key = keys.SigningKey.generate("P-256")
    elsewhere.fetch = lambda address: json.dumps(  # type: ignore[method-assign]
        keys.did_document(DID, [keys.PublishedKey(k.public()) for k in (elsewhere.key, key)])
    ).encode()
    kid = keys.verification_method(DID, key.name)
    answer = bring(client, vcjwt.sign_credential(badge, key, kid=kid))
    assert answer.status_code == 302
    (kept,) = list_kept(db, ada.id)
    assert kept.outcome == "valid"
    page = client.get(f"/mes-badges/recus/{kept.id}").get_data(as_text=True)
    assert WORDS in page


def refused(client: LookingClient, badge: Any) -> str:
    answer = bring(client, badge)
    assert answer.status_code == 422
    return str(answer.get_data(as_text=True))


def test_what_is_somebody_elses_forged_ours_or_nobodys_is_refused_with_the_reason(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere, award: Award
) -> None:
    client.sign_in(ada)
    assert "délivré à une autre adresse" in refused(client, elsewhere.badge("eve@example.org"))
    forged = elsewhere.badge()
    forged["credentialSubject"]["achievement"]["name"] = "Docteure"
    assert "La signature ne correspond pas" in refused(client, forged)
    assert "vient de ce lieu" in refused(client, award.credential)
    by_key = elsewhere.badge(recipient=None, subject_id="did:key:z6Mkabc")
    assert "ne dit pas à quelle adresse" in refused(client, by_key)
    assert "JSON" in refused(client, "{")
    assert "rien à lire" in refused(client, "")
    together = {"type": "VerifiablePresentation", "verifiableCredential": [elsewhere.badge()]}
    assert "un par un" in refused(client, together)
    unsigned = proofs.split(elsewhere.badge())[0]
    assert "pas signé" in refused(client, unsigned)
    db.rollback()
    assert not list_kept(db, ada.id)


@pytest.mark.parametrize("field", ["address", "text"])
@pytest.mark.parametrize("start", ["https://", ""])
def test_the_address_of_a_badges_page_elsewhere_brings_the_badge(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere, field: str, start: str
) -> None:
    page = '<!doctype html><link rel="alternate" type="application/vc" href="/c/1.json">'
    elsewhere.published = {
        "https://ecole.example/c/1": page.encode(),
        "https://ecole.example/c/1.json": json.dumps(elsewhere.badge()).encode(),
    }
    client.sign_in(ada)
    answer = client.post("/mes-badges/ajouter", data={field: f"{start}ecole.example/c/1"})
    assert answer.status_code == 302
    (kept,) = list_kept(db, ada.id)
    assert (kept.name, kept.outcome) == (WORDS, "valid")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://ecole.example/emetteur", "C’est la description d’un badge ou d’un émetteur"),
        ("https://ecole.example/accueil", "C’est une page web, et non le badge lui-même"),
        ("https://ecole.example/rien", "Rien de lisible n’a été trouvé à cette adresse"),
        ("n’importe quoi", "Rien de lisible n’a été trouvé à cette adresse"),
        ("{own}/credentials/{award}", "les badges d’ici sont déjà parmi les vôtres"),
        ("{own}/mes-badges", "les badges d’ici sont déjà parmi les vôtres"),
    ],
)
def test_an_address_that_is_no_badge_of_elsewhere_is_told_what_it_is(
    client: LookingClient, ada: User, elsewhere: Elsewhere, award: Award, address: str, said: str
) -> None:
    elsewhere.published = {
        "https://ecole.example/emetteur": b'{"type": "Profile", "name": "L\xc3\xa9cole"}',
        "https://ecole.example/accueil": b"<!doctype html><title>Accueil</title>",
    }
    given = address.format(own=settings_here().base_url, award=award.id)
    answer = client.sign_in(ada).post("/mes-badges/ajouter", data={"address": given})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


@pytest.fixture
def award(db: Session, ada: User, make: Factory) -> Award:
    return make_award(db, ada, make.user("facilitator"), open_badges(db))


def test_an_earlier_or_added_address_counts_once_it_is_proved(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    client.sign_in(ada)
    badge = elsewhere.badge("ada@avant.example")
    waiting = OtherAddress(user_id=ada.id, email="ada@avant.example")
    db.add(waiting)
    db.commit()
    refused(client, badge)
    waiting.proved_at = clock.now()
    db.commit()
    assert bring(client, badge).status_code == 302


def test_an_issuer_that_does_not_answer_leaves_it_unverified_until_it_is_checked_again(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    client.sign_in(ada)
    elsewhere.is_up = False
    bring(client, elsewhere.badge())
    assert "Pas pu être vérifié" in client.get("/mes-badges").get_data(as_text=True)
    (kept,) = list_kept(db, ada.id)
    again = f"/mes-badges/recus/{kept.id}/verifier"
    db.rollback()
    elsewhere.is_up = True
    client.post(again)
    db.rollback()
    assert list_kept(db, ada.id)[0].outcome == "valid"


def test_a_badge_that_is_over_is_kept_and_says_so(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    client.sign_in(ada)
    over = elsewhere.badge(valid_until=NOW.replace(hour=11))
    answer = bring(client, over)
    assert answer.status_code == 302
    page = client.get(answer.location).get_data(as_text=True)
    assert "Ce badge est authentique, mais il n’est plus valable." in page


def test_a_kept_badge_is_its_holders_alone(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere, make: Factory
) -> None:
    bring(client.sign_in(ada), elsewhere.badge())
    (kept,) = list_kept(db, ada.id)
    url = f"/mes-badges/recus/{kept.id}"
    db.rollback()
    for other in (make.user(), make.user("facilitator"), make.user("administrator")):
        client.sign_in(other)
        assert client.get(url).status_code == 404
        assert client.get(f"{url}.json").status_code == 404
        assert client.post(f"{url}/verifier").status_code == 404
        assert client.post(f"{url}/enlever").status_code == 404
    client.sign_in(ada)
    held = client.get("/compte/donnees.json").get_json()["held"]["backpack"]["data"]["badges"]
    assert [badge["issuer"] for badge in held] == ["L’École d’à côté"]
    assert client.post(f"{url}/enlever").status_code == 302
    db.rollback()
    assert not list_kept(db, ada.id)


def test_no_transaction_is_open_while_an_issuer_is_asked(
    db: Session, client: LookingClient, ada: User, elsewhere: Elsewhere
) -> None:
    from tierslieu.db import db as database

    open_ones = []
    really = elsewhere.fetch

    def watched(address: str) -> bytes | None:
        open_ones.append(database.session().in_transaction())
        return really(address)

    elsewhere.fetch = watched  # type: ignore[method-assign]
    client.sign_in(ada)
    bring(client, elsewhere.badge())
    assert open_ones
    assert not any(open_ones)
