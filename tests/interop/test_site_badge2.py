"""The place's own badges as Open Badges 2.0, as other people's verifiers find them on the site."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openbadgeslib.ob2 import OB2Verifier
from sqlalchemy.orm import Session

from badges.awards import badge2, keys, publishing, rotation, rules
from badges.awards.models import Award
from badges.engine.encoding import base64url_decode
from badges.engine.verify import verify
from tests.support.badges import make_award, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock

BASE = "http://localhost"
Ask = Callable[..., dict[str, Any]]


@dataclass
class Site:
    """What the site answers to a stranger, from an award outwards."""

    client: LookingClient
    web: dict[str, bytes | tuple[bytes]] = field(default_factory=dict)

    def get(self, path: str) -> bytes:
        answer = self.client.get(path)
        body: bytes = answer.get_data()
        assert answer.status_code in (200, 410), (path, answer.status_code)
        self.web[BASE + path] = (body,) if answer.status_code == 410 else body
        return body

    def walk(self, award: Award) -> None:
        """Every document a verifier goes to."""
        for path in (f"/badges/{award.badge.slug}.ob2.json", f"/badges/{award.badge.slug}.png"):
            self.get(path)
        profile = json.loads(self.get("/badges/issuer.ob2.json"))
        found = profile["publicKey"]
        for address in found if isinstance(found, list) else [found]:
            self.get(address.removeprefix(BASE))
        self.get("/badges/revoked.ob2.json")

    def fetch(self, address: str) -> bytes:
        """As a verifier would go there."""
        return self.get(address.removeprefix(BASE))

    def follow(self, token: str) -> None:
        """Every document a verifier of this token goes to."""
        said = json.loads(base64url_decode(token.split(".")[1]))
        badge = json.loads(self.fetch(said["badge"]))
        profile = json.loads(self.fetch(badge["issuer"]))
        for address in (profile["publicKey"], profile["revocationList"]):
            self.fetch(address)


@pytest.fixture
def award(db: Session, make: Factory, app: Flask) -> Award:
    keys.open_keys(db, settings_here(), clock.now())
    db.commit()
    ada = make.user(name="Ada «\u202fÉtoile\u202f» 🎓", email="ada@example.org")
    made = make_award(
        db, ada, make.user("facilitator"), keys.load_signer(db, settings_here()), valid_months=None
    )
    rules.share(db, made.id, ada.id, now=clock.now())
    db.commit()
    return made


@pytest.fixture
def site(client: LookingClient, award: Award) -> Site:
    found = Site(client)
    found.walk(award)
    return found


def revoke(db: Session, award: Award) -> None:
    rules.revoke(db, award.id, reason="Erreur de nom", now=clock.now(), actor_id=None)
    db.commit()


@pytest.mark.parametrize("form", ["ob2.json", "ob2.png", "ob2.svg", "ob2.jws"])
def test_the_validator_of_1edtech_accepts_every_form_on_the_site(
    site: Site, award: Award, ask_validator: Ask, form: str
) -> None:
    site.get(f"/credentials/{award.id}.ob2.json")
    data = site.get(f"/credentials/{award.id}.{form}")
    source = data if form in ("ob2.png", "ob2.svg") else data.decode()
    report = ask_validator(site, source, email="ada@example.org")
    assert report["valid"] is True, report
    assert [message for message in report["messages"] if message["level"] == "ERROR"] == []


def test_the_validator_of_1edtech_sees_that_they_were_withdrawn(
    db: Session, site: Site, award: Award, ask_validator: Ask
) -> None:
    token = site.get(f"/credentials/{award.id}.ob2.jws").decode()
    revoke(db, award)
    gone = json.loads(site.get(f"/credentials/{award.id}.ob2.json"))
    assert gone["revoked"] is True
    site.walk(award)
    for source in (f"{BASE}/credentials/{award.id}.ob2.json", token):
        assert ask_validator(site, source)["valid"] is False


def test_openbadgeslib_accepts_the_signed_form(site: Site, award: Award) -> None:
    token = site.get(f"/credentials/{award.id}.ob2.jws").decode()
    profile = json.loads(bytes(site.web[f"{BASE}/badges/issuer.ob2.json"]))  # type: ignore[arg-type]
    key = json.loads(site.get(profile["publicKey"].removeprefix(BASE)))
    found = OB2Verifier(pubkey_pem=key["publicKeyPem"].encode()).verify(token)
    assert found.id == badge2.signed_id(award.id, 0)


@pytest.mark.parametrize("form", ["ob2.json", "ob2.png", "ob2.svg", "ob2.jws"])
def test_our_own_page_of_verification_says_the_same(
    db: Session, client: LookingClient, site: Site, award: Award, form: str
) -> None:
    data = site.get(f"/credentials/{award.id}.{form}")
    own = publishing.own_documents(db, settings_here())

    def fetch(address: str) -> bytes:
        found = own(address)
        assert found is not None, address
        return found

    report = verify(data, fetch=fetch, now=clock.now(), recipient="ada@example.org")
    assert report.outcome == "valid", [(c.name, c.code, dict(c.params)) for c in report.checks]
    said = report.linked["badge"]["name"]
    assert said == award.badge.name
    asked = {"address": f"{BASE}/credentials/{award.id}.ob2.json"}
    answer = client.post("/verify", data=asked, headers={"Accept": "application/json"}).json
    assert answer["outcome"] == "valid"
    revoke(db, award)
    report = verify(data, fetch=fetch, now=clock.now())
    assert report.check("status").code == "revoked"
    answer = client.post("/verify", data=asked, headers={"Accept": "application/json"}).json
    assert answer["outcome"] == "invalid"


def test_it_says_what_the_award_of_3_0_says(site: Site, award: Award) -> None:
    said = json.loads(site.get(f"/credentials/{award.id}.ob2.json"))
    issued = json.loads(award.credential)
    (identity,) = (
        one
        for one in issued["credentialSubject"]["identifier"]
        if one["identityType"] == "emailAddress"
    )
    assert said["recipient"]["identity"] == identity["identityHash"]
    assert said["recipient"]["salt"] == identity["salt"]
    assert said["issuedOn"] == issued["validFrom"]
    assert said["narrative"] == issued["credentialSubject"]["narrative"]
    badge = json.loads(site.get(said["badge"].removeprefix(BASE)))
    achievement = issued["credentialSubject"]["achievement"]
    assert badge["name"] == achievement["name"]
    assert badge["criteria"]["narrative"] == achievement["criteria"]["narrative"]


def test_a_private_badge_has_no_address_and_its_holder_has_it_signed(
    db: Session, client: LookingClient, award: Award
) -> None:
    assert award.user is not None
    rules.stop_sharing(db, award.id, award.user.id)
    db.commit()
    for form in ("json", "png", "svg", "jws"):
        assert client.get(f"/credentials/{award.id}.ob2.{form}").status_code == 404
    client.sign_in(award.user)
    assert client.get(f"/credentials/{award.id}.ob2.json").status_code == 404
    token = client.get(f"/credentials/{award.id}.ob2.jws").get_data()
    picture = client.get(f"/credentials/{award.id}.ob2.svg").get_data()
    assert token in picture


def test_the_list_of_the_withdrawn_names_nobody_and_is_never_of_one(
    db: Session, client: LookingClient, award: Award
) -> None:
    revoke(db, award)
    listed = client.get("/badges/revoked.ob2.json").json["revokedAssertions"]
    assert len(listed) >= 2
    assert {"id": badge2.signed_id(award.id, 0)} in listed
    # Nor does it lead to the page of a badge that is shared by its address alone.
    assert not re.search(f"Erreur de nom|Ada|{award.id}", json.dumps(listed))


def test_a_key_that_leaked_is_no_longer_the_issuers(
    db: Session,
    client: LookingClient,
    make: Factory,
    tmp_path: Path,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web = replace(settings_here(), instance=tmp_path, base_url="https://lieu.example")
    monkeypatch.setitem(app.config, "TIERSLIEU", web)
    keys.open_keys(db, web, clock.now())
    db.commit()
    signer = keys.load_signer(db, web, "RSA")
    found = make_award(db, make.user(), make.user("facilitator"), keys.load_signer(db, web))
    token = badge2.sign(db, found, signer)
    rotation.withdraw_key(db, web, signer.key.name, since=clock.now(), reason="", now=clock.now())
    db.commit()
    profile = client.get("/badges/issuer.ob2.json").json
    assert signer.key.name not in json.dumps(profile)
    own = publishing.own_documents(db, web)
    report = verify(token, fetch=lambda at: own(at) or b"", now=clock.now())
    assert report.outcome == "invalid", [(c.name, c.code) for c in report.checks]
    newer = keys.load_signer(db, web, "RSA")
    again = verify(badge2.sign(db, found, newer), fetch=lambda at: own(at) or b"", now=clock.now())
    assert again.outcome == "valid", [(c.name, c.code, dict(c.params)) for c in again.checks]


def test_after_a_change_of_key_every_form_and_every_earlier_token_is_accepted_without_a_word(
    db: Session, site: Site, award: Award, ask_validator: Ask
) -> None:
    """1EdTech's validator refuses an issuer who names two keys, even for what is hosted."""
    earlier = site.get(f"/credentials/{award.id}.ob2.jws").decode()
    rotation.rotate_key(db, settings_here(), "RSA", now=clock.now())
    db.commit()
    later = site.get(f"/credentials/{award.id}.ob2.jws").decode()
    assert later != earlier
    hosted = site.get(f"/credentials/{award.id}.ob2.json").decode()
    for token in (earlier, later):
        site.follow(token)
    own = publishing.own_documents(db, settings_here())
    for source in (earlier, later, hosted):
        report = ask_validator(site, source, email="ada@example.org")
        assert report["valid"] is True, report
        assert [message for message in report["messages"] if message["level"] == "ERROR"] == []
        found = verify(source, fetch=lambda at: own(at) or b"", now=clock.now())
        assert found.outcome == "valid", [(c.name, c.code, dict(c.params)) for c in found.checks]
    for token in (earlier, later):
        assert OB2Verifier(download=site.fetch).verify(token, check_revocation=True)
    revoke(db, award)
    for token in (earlier, later):
        site.follow(token)
        assert ask_validator(site, token)["valid"] is False
        assert verify(token, fetch=site.fetch, now=clock.now()).check("status").code == "revoked"


def test_what_goes_with_a_key_has_one_address(
    db: Session, client: LookingClient, award: Award
) -> None:
    first = keys.load_signer(db, settings_here(), "RSA").key.name
    rotation.rotate_key(db, settings_here(), "RSA", now=clock.now())
    db.commit()
    second = keys.load_signer(db, settings_here(), "RSA").key.name
    slug = award.badge.slug
    for part in ("issuer", "revoked", slug):
        assert client.get(f"/badges/keys/{first}.{part}.ob2.json").status_code == 404
        found = client.get(f"/badges/keys/{second}.{part}.ob2.json")
        assert found.json["id"] == f"{BASE}/badges/keys/{second}.{part}.ob2.json"
    for part in ("issuer", "revoked"):
        assert client.get(f"/badges/keys/autre.{part}.ob2.json").status_code == 404
    assert client.get(f"/badges/keys/{second}.inconnu.ob2.json").status_code == 404


def test_a_place_nobody_can_write_to_says_that_it_cannot(
    db: Session, client: LookingClient, award: Award, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "TIERSLIEU", replace(settings_here(), contact=""))
    assert client.get("/badges/issuer.ob2.json").status_code == 503
    assert client.get("/badges/rien.ob2.json").status_code == 404
