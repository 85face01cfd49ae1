"""A badge bound to a key on its holder's page; a badge without a name names nobody anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from badges.awards import certificates
from badges.awards.keys import open_keys
from badges.awards.models import Award, Sharing
from badges.backpack import binding
from badges.backpack.rules import show_to
from badges.engine.encoding import base64url_decode, base64url_encode
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.people.models import User

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def award(db: Session, ada: User, make: Factory) -> Award:
    signer = open_badges(db)
    open_keys(db, settings_here(), NOW, ("Ed25519", "P-256", "RSA"))
    db.commit()
    return make_award(db, ada, make.user("facilitator"), signer)


def subject(db: Session, award: Award) -> dict[str, Any]:
    db.rollback()
    db.refresh(award)
    found: dict[str, Any] = json.loads(award.credential)["credentialSubject"]
    return found


def public_of(private: Ed25519PrivateKey) -> str:
    raw = private.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return base64url_encode(raw)


def test_a_key_made_in_a_browser_is_bound_once_it_has_signed(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    private = Ed25519PrivateKey.generate()
    said = binding.statement(f"http://localhost/credentials/{award.id}")
    form = {"public_key": public_of(private), "with_name": "y"}
    url = f"/mes-badges/{award.id}/cle"
    client.post(url, data={**form, "signature": base64url_encode(b"x" * 64)})
    assert "id" not in subject(db, award)
    other = Ed25519PrivateKey.generate().sign(said)
    client.post(url, data={**form, "signature": base64url_encode(other)})
    assert "id" not in subject(db, award)
    client.post(url, data={**form, "signature": base64url_encode(private.sign(said))})
    assert subject(db, award)["id"].startswith("did:key:z6Mk")
    page = client.get(f"/mes-badges/{award.id}").get_data(as_text=True)
    assert "À une clé, faite pour ce badge seul" in page
    client.post(f"/mes-badges/{award.id}/adresse")
    assert "id" not in subject(db, award)


def test_without_a_script_the_place_makes_the_key_and_hands_it_over_once(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    client.sign_in(ada)
    answer = client.post(f"/mes-badges/{award.id}/cle", data={"with_name": "y"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    jwk = answer.json["privateKeyJwk"]
    private = Ed25519PrivateKey.from_private_bytes(base64url_decode(jwk["d"]))
    assert public_of(private) == jwk["x"]
    multikey, _file = binding.make_key_file("x")
    assert multikey != subject(db, award)["id"]
    said = binding.statement("there")
    signature = base64url_encode(private.sign(said))
    key = binding.read_public_key(jwk["x"], signature, "there")
    assert subject(db, award)["id"] == f"did:key:{key}"
    assert jwk["d"] not in award.credential


def test_a_badge_without_a_name_names_nobody_on_its_page_nor_in_any_file(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    show_to(db, award.id, ada.id, Sharing.LINK, now=NOW)
    db.commit()
    client.sign_in(ada)
    client.post(f"/mes-badges/{award.id}/cle", data={})
    visitor = client.application.test_client()
    url = f"/credentials/{award.id}"
    page = visitor.get(url).get_data(as_text=True)
    assert "à une personne que ce badge ne nomme pas" in page
    for form in ("", ".json", ".jwt", ".svg", ".png", ".pdf"):
        answer = visitor.get(url + form)
        assert answer.status_code == 200, form
        assert b"Lovelace" not in answer.data, form
    db.rollback()
    db.refresh(award)
    for for_team in (False, True):
        paper = certificates.compose(award, settings_here(), for_team=for_team)
        assert "Lovelace" not in paper._page(certificates.FITS[0])
    assert "Ada Lovelace" in client.get(url).get_data(as_text=True)  # its holder knows it
