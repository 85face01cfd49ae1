"""Several badges under one title: put together, shared, signed, verified one by one."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from badges.awards import publishing, recipients, rules
from badges.awards.keys import KeyUnreadable, Signer, load_signer
from badges.awards.models import Award
from badges.awards.rotation import rotate_key
from badges.backpack.models import KeptBadge
from badges.collections import rules as collections
from badges.collections import views
from badges.collections.models import Collection
from badges.collections.queries import list_collections
from badges.engine import credentials, keys, presentations, vcjwt
from badges.engine.encoding import base64url_decode, base64url_encode
from badges.verification.remembering import Memory
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

JSON = {"Accept": "application/json"}


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def awards(db: Session, ada: User, make: Factory, signer: Signer) -> list[Award]:
    team = make.user("facilitator")
    return [make_award(db, ada, team, signer, name=name) for name in ("Premier", "Second")]


def gather(db: Session, person: User, awards: list[Award], **changes: Any) -> Collection:
    made = collections.save_collection(
        db, person.id, None, "Pour un jury", [a.id for a in awards], now=NOW
    )
    if changes.get("shared", True):
        collections.share_collection(db, person.id, made.id, is_shared=True)
    db.commit()
    return made


def verified(db: Session, text: str, **more: Any) -> presentations.PresentationReport:
    find = publishing.own_documents(db, settings_here())
    return presentations.verify_presentation(text, fetch=lambda a: find(a) or b"", now=NOW, **more)


@pytest.mark.both_databases
def test_a_shared_collection_shows_each_badge_verified_and_hands_over_one_signed_file(
    db: Session, client: LookingClient, ada: User, awards: list[Award]
) -> None:
    client.sign_in(ada)
    chosen = [str(award.id) for award in reversed(awards)]
    answer = client.post(
        "/mes-badges/collections/nouvelle", data={"title": "Pour un jury", "badges": chosen}
    )
    assert answer.status_code == 302
    (made,) = list_collections(db, ada.id)
    assert [str(member.award_id) for member in made.members] == chosen
    url = f"/collections/{made.id}"
    db.rollback()
    visitor = client.application.test_client()
    assert visitor.get(url).status_code == 404
    assert visitor.get(url + ".json").status_code == 404
    assert client.get(url).status_code == 200
    client.post(f"/mes-badges{url}/partage", data={"shared": "yes"})
    page = visitor.get(url).get_data(as_text=True)
    assert "Les 2 badges de cet ensemble sont authentiques" in page
    assert page.index("Second") < page.index("Premier")
    assert "noindex" in page
    assert f"did:key:{load_signer(db, settings_here()).key.multibase}" in page  # who signed it
    assert "/credentials/" not in page  # each alone is still private
    text = visitor.get(url + ".json").get_data(as_text=True)
    assert text == visitor.get(url, headers={"Accept": "application/vp"}).get_data(as_text=True)
    report = verified(db, text)
    assert report.outcome == "valid"
    assert len(report.members) == 2
    client.post(f"/mes-badges{url}/partage", data={"shared": "no"})
    assert visitor.get(url).status_code == 404


def test_a_badge_withdrawn_since_is_seen_in_the_collection(
    db: Session, client: LookingClient, ada: User, awards: list[Award]
) -> None:
    made = gather(db, ada, awards)
    rules.revoke(db, awards[0].id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    page = client.get(f"/collections/{made.id}").get_data(as_text=True)
    assert "1 badge de cet ensemble n’est pas valable, ou ne l’est plus." in page
    assert "l’émetteur l’a retiré" in page


def test_what_is_signed_anew_is_signed_anew_in_the_collection_too(
    db: Session, client: LookingClient, ada: User, awards: list[Award], signer: Signer
) -> None:
    made = gather(db, ada, awards)
    ada.email = "ada.nouvelle@example.org"
    db.commit()
    recipients.sign_for_address(db, awards[0].id, ada, signer, now=NOW)
    db.commit()
    text = client.get(f"/collections/{made.id}.json").get_data(as_text=True)
    assert awards[0].credential in text
    assert verified(db, text).outcome == "valid"


def test_only_ones_own_standing_badges_go_into_ones_own_collection(
    db: Session, ada: User, awards: list[Award], make: Factory
) -> None:
    eve = make.user()
    made = gather(db, ada, awards)
    with pytest.raises(NotYours):
        gather(db, eve, awards)
    db.rollback()
    for work in (
        lambda: collections.save_collection(db, eve.id, made.id, "x", [awards[0].id], now=NOW),
        lambda: collections.share_collection(db, eve.id, made.id, is_shared=False),
        lambda: collections.drop_collection(db, eve.id, made.id),
    ):
        with pytest.raises(NotYours):
            work()
        db.rollback()
    rules.revoke(db, awards[0].id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    with pytest.raises(NotYours):
        gather(db, ada, awards)


@pytest.mark.both_databases
def test_a_collection_is_changed_and_undone_and_the_badges_stay(
    db: Session, ada: User, awards: list[Award], client: LookingClient
) -> None:
    made = gather(db, ada, awards)
    client.sign_in(ada)
    url = f"/mes-badges/collections/{made.id}"
    client.post(url, data={"title": "Autre", "badges": [str(awards[1].id)]})
    db.rollback()
    (found,) = list_collections(db, ada.id)
    assert (found.title, [m.award_id for m in found.members]) == ("Autre", [awards[1].id])
    db.rollback()
    assert client.post(url, data={"title": "", "badges": []}).status_code == 422
    client.post(f"{url}/defaire")
    db.rollback()
    assert not list_collections(db, ada.id)
    assert client.get(f"/credentials/{awards[0].id}").status_code == 200


def test_too_many_badges_or_none_are_refused_beside_the_field(
    db: Session, ada: User, awards: list[Award]
) -> None:
    with pytest.raises(Refused) as none:
        collections.save_collection(db, ada.id, None, "x", [], now=NOW)
    assert (none.value.code, none.value.field) == ("empty", "badges")
    many = [uuid4() for _ in range(13)]
    with pytest.raises(Refused) as refusal:
        collections.save_collection(db, ada.id, None, "x", many, now=NOW)
    assert refusal.value.code == "too_many"


def test_a_badge_from_elsewhere_and_a_token_are_shown_beside_ours(
    db: Session, client: LookingClient, ada: User, awards: list[Award]
) -> None:
    key = keys.SigningKey.generate("P-256")
    did = keys.did_key(key.multibase)
    unsigned = credentials.build_credential(
        credentials.Issuer(did, "L’École"),
        credentials.Achievement("https://ecole.example/b/1", "Robotique", "d", "c"),
        credentials.Award(
            "https://ecole.example/c/1", credentials.Recipient.from_email(ada.email), NOW
        ),
    )
    token = vcjwt.sign_credential(unsigned, key)
    kept = KeptBadge(
        user_id=ada.id, fingerprint="f", credential=token, name="Robotique",
        issuer_name="L’École", outcome="valid", checks=[],
    )  # fmt: skip
    db.add(kept)
    db.commit()
    made = collections.save_collection(db, ada.id, None, "Mêlée", [awards[0].id, kept.id], now=NOW)
    db.commit()
    client.sign_in(ada)
    text = client.get(f"/collections/{made.id}.json").get_data(as_text=True)
    report = verified(db, text)
    assert [member.report.outcome for member in report.members] == ["valid", "valid"]
    assert "Robotique" in client.get(f"/collections/{made.id}").get_data(as_text=True)


def test_opening_a_shared_collection_again_sends_us_nowhere_again(
    db: Session,
    client: LookingClient,
    ada: User,
    awards: list[Award],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, asked = keys.SigningKey.generate("P-256"), []
    unsigned = credentials.build_credential(
        credentials.Issuer("did:web:ecole.example", "L’École"),
        credentials.Achievement("https://ecole.example/b/1", "Robotique", "d", "c"),
        credentials.Award(
            "https://ecole.example/c/1", credentials.Recipient.from_email(ada.email), NOW
        ),
    )
    kept = KeptBadge(
        user_id=ada.id, fingerprint="f", credential=vcjwt.sign_credential(unsigned, key),
        name="Robotique", issuer_name="L’École", outcome="valid", checks=[],
    )  # fmt: skip
    db.add(kept)
    db.commit()
    made = collections.save_collection(db, ada.id, None, "Mêlée", [awards[0].id, kept.id], now=NOW)
    collections.share_collection(db, ada.id, made.id, is_shared=True)
    db.commit()
    address = f"/collections/{made.id}"

    def nowhere(host: str, port: int) -> list[str]:
        asked.append(host)
        return []

    really = views.Fetcher
    monkeypatch.setattr(views, "Fetcher", lambda own, **m: really(own, resolve=nowhere, **m))
    monkeypatch.setitem(client.application.extensions, "tierslieu.fetched", Memory())
    assert "Second" not in client.get(address).get_data(as_text=True)
    once = list(asked)
    assert set(once) == {"ecole.example"}
    client.get(address)
    assert asked == once
    rules.revoke(db, awards[0].id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    assert "l’émetteur l’a retiré" in client.get(address).get_data(as_text=True)
    assert asked == once


def test_a_badge_that_names_our_collections_has_none_signed(
    db: Session, client: LookingClient, ada: User, awards: list[Award], monkeypatch: Any
) -> None:
    """Only a person may ask for one: a file of many addresses would have as many signed."""
    shared = gather(db, ada, awards)
    signed = []
    monkeypatch.setattr("badges.collections.offers.present", lambda *args: signed.append(args))
    document = json.loads(awards[0].credential)
    document["credentialStatus"] = [
        {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": f"{settings_here().base_url}/collections/{shared.id}?n={n}",
        }
        for n in range(5)
    ]
    client.post("/verifier", data={"text": json.dumps(document)})
    assert signed == []


def test_where_nothing_can_be_signed_the_check_says_so(
    db: Session, client: LookingClient, ada: User, awards: list[Award], monkeypatch: Any
) -> None:
    shared = gather(db, ada, awards)

    def unreadable(*args: object) -> str:
        raise KeyUnreadable("gone")

    monkeypatch.setattr("badges.collections.offers.present", unreadable)
    address = f"{settings_here().base_url}/collections/{shared.id}"
    page = client.post("/verifier", data={"address": address}).get_data(as_text=True)
    assert "ne peut rien signer en ce moment" in page


@pytest.mark.parametrize("form", ["", ".json"])
def test_the_address_of_a_shared_collection_is_verified_by_our_own_verifier(
    db: Session, client: LookingClient, ada: User, awards: list[Award], form: str
) -> None:
    shared = gather(db, ada, awards)
    name = str(shared.id).upper() if form else str(shared.id)
    address = f"{settings_here().base_url}/collections/{name}{form}"
    page = client.post("/verifier", data={"address": address}).get_data(as_text=True)
    assert "Les 2 badges de cet ensemble sont authentiques" in page
    assert "Premier" in page
    assert "Second" in page
    told = client.post("/verify", data={"address": address}, headers=JSON).get_json()
    assert told["outcome"] == "valid"
    assert len(told["credentials"]) == 2
    collections.share_collection(db, ada.id, shared.id, is_shared=False)
    db.commit()
    client.sign_in(ada)  # what is verified is what everybody may see, whoever asks
    hidden = client.post("/verifier", data={"address": address})
    assert hidden.status_code == 422
    assert "Il n’y a rien de public à cette adresse" in hidden.get_data(as_text=True)
    assert "Premier" not in hidden.get_data(as_text=True)


def bind(db: Session, award: Award, person: User, signer: Signer) -> keys.SigningKey:
    key = keys.SigningKey.generate()
    recipients.sign_for_key(db, award.id, person, key.multibase, signer, with_name=False, now=NOW)
    db.commit()
    return key


@pytest.mark.both_databases
def test_a_place_that_changed_its_key_still_gathers_the_badges_it_issued_before(
    db: Session, client: LookingClient, ada: User, awards: list[Award], signer: Signer
) -> None:
    """A did:key has another name then: each name that issued a badge here signs the whole."""
    assert signer.did.startswith("did:key:")
    bind(db, awards[0], ada, signer)
    rotate_key(db, settings_here(), "Ed25519", now=NOW)
    db.commit()
    assert load_signer(db, settings_here()).did != signer.did
    made = gather(db, ada, awards)
    text = client.get(f"/collections/{made.id}.json").get_data(as_text=True)
    report = verified(db, text)
    assert [member.holder.code for member in report.members] == [
        "holder_is_issuer", "holder_unbound",
    ]  # fmt: skip
    assert report.outcome == "valid"
    assert text == client.get(f"/collections/{made.id}.json").get_data(as_text=True)


def test_a_holder_signs_a_collection_with_the_keys_of_its_badges_for_one_occasion(
    db: Session, client: LookingClient, ada: User, awards: list[Award], signer: Signer
) -> None:
    pair = {f"did:key:{k.multibase}": k for k in (bind(db, a, ada, signer) for a in awards)}
    made = gather(db, ada, awards, shared=False)
    url = f"/mes-badges/collections/{made.id}"
    client.sign_in(ada)
    asked = client.post(f"{url}/a-signer", data={"did": list(pair), "challenge": "jury 7"}).json
    signatures = [
        base64url_encode(pair[did].sign(base64url_decode(data))) for did, data in asked["sign"]
    ]
    sent = {
        "did": [did for did, _ in asked["sign"]],
        "signature": signatures,
        "created": asked["created"],
        "challenge": "jury 7",
    }
    answer = client.post(f"{url}/signee", data=sent)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    report = verified(db, answer.get_data(as_text=True), challenge="jury 7")
    assert report.outcome == "valid"
    assert [member.is_controlled for member in report.members] == [True, True]
    # Of another occasion, or by another key, it is no signature.
    assert client.post(f"{url}/signee", data={**sent, "challenge": "jury 8"}).status_code == 422
    stranger = f"did:key:{keys.SigningKey.generate().multibase}"
    assert client.post(f"{url}/signee", data={**sent, "did": [stranger]}).status_code == 404
    assert client.post(f"{url}/a-signer", data={"did": stranger}).status_code == 404
