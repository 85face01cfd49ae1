"""An award as a token: the same facts, signed for verifiers that read only tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from badges.awards import files, keys, publishing, rules
from badges.awards.models import Award
from badges.engine import encoding, jose
from badges.engine.errors import FetchFailed
from badges.engine.publickeys import PublicKey
from badges.engine.report import Report
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.settings import Settings

KINDS = ("P-256", "RSA")


@pytest.fixture(params=["did:key", "did:web"])
def place(
    request: pytest.FixtureRequest,
    db: Session,
    make_settings: Callable[..., Settings],
    tmp_path: Path,
) -> Settings:
    """A place under http (a did:key) and one under https (a did:web), with keys of each kind."""
    base = "https://lieu.example" if request.param == "did:web" else "http://localhost:8000"
    settings = replace(make_settings("tokens"), instance=tmp_path, base_url=base)
    keys.open_keys(db, settings, NOW)
    db.commit()
    return settings


@pytest.fixture
def award(db: Session, make: Factory, place: Settings) -> Award:
    ada = make.user(name="Ada «\u202fÉtoile\u202f» 🎓", email="ada@example.org")
    return make_award(db, ada, make.user("facilitator"), keys.load_signer(db, place))


def check(db: Session, settings: Settings, token: str, **more: Any) -> Report:
    """As a stranger would, from what the place publishes."""
    own = publishing.own_documents(db, settings)

    def fetch(address: str) -> bytes:
        found = own(address)
        if found is None:
            raise FetchFailed(address=address)
        return found

    return verify(token, fetch=fetch, now=NOW + timedelta(hours=1), **more)


@pytest.mark.parametrize("kind", KINDS)
def test_the_token_of_an_award_is_valid_and_says_the_same(
    db: Session, place: Settings, award: Award, kind: Any
) -> None:
    signer = keys.load_signer(db, place, kind)
    made = files.make_jwt(award, signer)
    assert made.data == files.make_jwt(award, signer).data, "the same each time"
    assert made.media_type == "application/vc+jwt"
    report = check(db, place, made.data.decode(), recipient="ada@example.org")
    assert report.outcome == "valid", [(c.name, c.code, dict(c.params)) for c in report.checks]
    assert report.check("status").outcome == "passed"
    said, issued = report.credential, json.loads(award.credential)
    assert said is not None
    for document in (said, issued):
        document["issuer"].pop("id")  # a did:key is another for another key
        document.pop("credentialStatus")
        document.pop("proof", None)
    assert said == issued


@pytest.mark.parametrize("kind", KINDS)
def test_a_withdrawn_award_is_withdrawn_as_a_token_too(
    db: Session, place: Settings, award: Award, kind: Any
) -> None:
    token = files.make_jwt(award, keys.load_signer(db, place, kind)).data.decode()
    rules.revoke(db, award.id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    report = check(db, place, token)
    assert (report.outcome, report.check("status").code) == ("invalid", "revoked")


def test_a_token_of_a_did_web_names_the_address_of_its_key(
    db: Session, make: Factory, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    web = replace(make_settings("kid"), instance=tmp_path, base_url="https://lieu.example")
    keys.open_keys(db, web, NOW)
    db.commit()
    award = make_award(db, make.user(), make.user("facilitator"), keys.load_signer(db, web))
    signer = keys.load_signer(db, web, "RSA")
    token = jose.read_token(files.make_jwt(award, signer).data.decode())
    kid = token.header["kid"]
    assert kid == f"https://lieu.example/badges/keys/{signer.key.name}"
    found = publishing.own_documents(db, web)(kid)
    assert found is not None
    assert PublicKey.from_jwk(json.loads(found)) == signer.key.public()


# On the site


@pytest.fixture
def shared(db: Session, make: Factory, app: Flask) -> Award:
    keys.open_keys(db, settings_here(), NOW)
    db.commit()
    ada = make.user(name="Ada", email="ada@example.org")
    signer = keys.load_signer(db, settings_here())
    award = make_award(db, ada, make.user("facilitator"), signer)
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    return award


def test_a_shared_award_is_handed_out_as_a_token(
    db: Session, client: LookingClient, shared: Award
) -> None:
    answer = client.get(f"/credentials/{shared.id}.jwt")
    assert answer.mimetype == "application/vc+jwt"
    header = json.loads(encoding.base64url_decode(answer.get_data(as_text=True).split(".")[0]))
    assert header["alg"] == "RS256"
    assert "no-store" not in answer.headers.get("Cache-Control", "")
    other = client.get(f"/credentials/{shared.id}.jwt?alg=ES256").get_data(as_text=True)
    assert json.loads(encoding.base64url_decode(other.split(".")[0]))["alg"] == "ES256"
    assert client.get(f"/credentials/{shared.id}.jwt?alg=HS256").status_code == 400
    asked = client.get(f"/credentials/{shared.id}", headers={"Accept": "application/vc+jwt"})
    assert asked.get_data() == answer.get_data()
    verdict = client.post(
        "/verify", data={"text": other}, headers={"Accept": "application/json"}
    ).json
    assert verdict["outcome"] == "valid", verdict["checks"]


def test_a_private_award_has_no_token_for_others(
    db: Session, client: LookingClient, shared: Award
) -> None:
    assert shared.user_id is not None
    rules.stop_sharing(db, shared.id, shared.user_id)
    db.commit()
    assert client.get(f"/credentials/{shared.id}.jwt").status_code == 404


def test_the_status_list_is_published_as_a_token_too(
    db: Session, client: LookingClient, shared: Award
) -> None:
    for algorithm in ("es256", "rs256"):
        answer = client.get(f"/status/1.{algorithm}.jwt")
        assert answer.mimetype == "application/vc+jwt"
        assert "max-age=300" in answer.headers["Cache-Control"]
        again = client.get(
            f"/status/1.{algorithm}.jwt", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304
    rules.revoke(db, shared.id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    assert client.get("/status/1.rs256.jwt").headers["ETag"] != answer.headers["ETag"]
    assert client.get("/status/99.rs256.jwt").status_code == 404


def test_a_place_without_a_key_for_tokens_says_so(
    db: Session, make: Factory, client: LookingClient
) -> None:
    keys.open_keys(db, settings_here(), NOW, ("Ed25519",))
    db.commit()
    ada = make.user()
    signer = keys.load_signer(db, settings_here())
    award = make_award(db, ada, make.user("facilitator"), signer)
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    assert client.get(f"/credentials/{award.id}.jwt").status_code == 503
    assert client.get("/status/1.rs256.jwt").status_code == 503
