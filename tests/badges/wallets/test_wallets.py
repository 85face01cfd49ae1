"""A badge goes into a wallet (OpenID4VCI 1.0): offered, authorised by digits, bound to its key."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import offers, publishing, rules
from badges.awards.keys import open_keys
from badges.awards.models import Award
from badges.engine import jose, keys
from badges.engine.verify import verify
from badges.wallets.models import WalletOffer
from badges.wallets.protocol import GRANT, JWT, LDP
from badges.wallets.rules import exchange_code, forget_over
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.people.models import User

BASE = "http://localhost"


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def award(db: Session, ada: User, make: Factory) -> Award:
    signer = open_badges(db)
    open_keys(db, settings_here(), NOW, ("Ed25519", "P-256"))
    db.commit()
    return make_award(db, ada, make.user("facilitator"), signer)


class Wallet:
    """A wallet as a stranger would write it: it knows the standard, a link and six digits."""

    def __init__(self, client: LookingClient, link: str, kind: Any = "Ed25519") -> None:
        self.client = client
        self.key = keys.SigningKey.generate(kind)
        where = parse_qs(urlsplit(link).query)["credential_offer_uri"][0]
        self.offer = self.get(where)
        issuer = self.offer["credential_issuer"]
        self.issuer = self.get(f"{issuer}/.well-known/openid-credential-issuer")
        self.server = self.get(f"{issuer}/.well-known/oauth-authorization-server")

    def get(self, address: str) -> Any:
        answer = self.client.get(address.removeprefix(BASE))
        assert answer.status_code == 200, address
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.json

    def ask_token(self, pin: str) -> Any:
        code = self.offer["grants"][GRANT]["pre-authorized_code"]
        form = {"grant_type": GRANT, "pre-authorized_code": code, "tx_code": pin}
        return self.client.post(self.server["token_endpoint"].removeprefix(BASE), data=form)

    def prove(self, **changes: Any) -> str:
        path = self.issuer["nonce_endpoint"].removeprefix(BASE)
        claims = {
            "aud": self.issuer["credential_issuer"],
            "iat": int(clock.now().timestamp()),
            "nonce": self.client.post(path).json["c_nonce"],
            **changes.pop("claims", {}),
        }
        did = keys.did_key(self.key.multibase)
        header = {"typ": "openid4vci-proof+jwt", "kid": f"{did}#{self.key.multibase}", **changes}
        header = {name: value for name, value in header.items() if value is not None}
        return jose.sign_token(json.dumps(claims).encode(), self.key, **header)

    def ask_badge(self, token: str, proof: str, configuration: str = LDP) -> Any:
        return self.client.post(
            self.issuer["credential_endpoint"].removeprefix(BASE),
            json={"credential_configuration_id": configuration, "proofs": {"jwt": [proof]}},
            headers={"Authorization": f"Bearer {token}"},
        )


def offer(client: LookingClient, award: Award, ada: User, **form: str) -> tuple[str, str]:
    """The holder offers it: the link and the digits on the page."""
    browser: Any = client.application.test_client()
    browser.sign_in(ada)
    where = f"/mes-badges/{award.id}/portefeuille"
    page = browser.post(where, data=form, follow_redirects=True).get_data(as_text=True)
    link = re.search(r'href="(openid-credential-offer:[^"]+)"', page)
    pin = re.search(r"<strong>(\d{6})</strong>", page)
    assert link is not None
    assert pin is not None
    return link[1].replace("&amp;", "&"), pin[1]


@pytest.mark.both_databases
def test_a_wallet_receives_the_badge_bound_to_its_own_key(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    before = award.credential
    link, pin = offer(client, award, ada, with_name="yes")
    wallet = Wallet(client, link)
    granted = wallet.ask_token(pin)
    assert granted.headers["Cache-Control"] == "no-store"
    answer = wallet.ask_badge(granted.json["access_token"], wallet.prove())
    assert answer.status_code == 200, answer.json
    (given,) = answer.json["credentials"]
    db.rollback()
    assert given["credential"] == json.loads(award.credential)
    did = keys.did_key(wallet.key.multibase)
    assert given["credential"]["credentialSubject"]["id"] == did
    assert "Lovelace" in award.credential
    find = publishing.own_documents(db, settings_here())

    def check(text: str, recipient: str | None = None) -> Any:
        return verify(text, fetch=lambda a: find(a) or b"", now=clock.now(), recipient=recipient)

    assert check(award.credential, did).outcome == "valid"
    assert check(before).check("status").code == "revoked"
    assert not offers.check_bits(db).broken
    # The offer, its code and its token are spent.
    db.rollback()
    assert client.get(urlsplit(link).path or "/portefeuille/offres/x").status_code == 404
    assert wallet.ask_token(pin).json["error"] == "invalid_grant"
    again = wallet.ask_badge(granted.json["access_token"], wallet.prove())
    assert (again.status_code, again.json["error"]) == (401, "invalid_token")


def test_a_wallet_may_ask_for_a_token_and_hold_its_key_as_a_jwk(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link, "P-256")
    token = wallet.ask_token(pin).json["access_token"]
    proof = wallet.prove(kid=None, jwk=wallet.key.public().jwk)
    answer = wallet.ask_badge(token, proof, JWT)
    assert answer.status_code == 200, answer.json
    text = answer.json["credentials"][0]["credential"]
    find = publishing.own_documents(db, settings_here())
    report = verify(text, fetch=lambda a: find(a) or b"", now=clock.now())
    assert report.outcome == "valid"
    assert report.credential is not None
    assert report.credential["credentialSubject"]["id"] == keys.did_key(wallet.key.multibase)
    assert "Lovelace" not in text
    db.expire_all()
    assert award.shown_name == ""


def test_five_wrong_digits_end_the_offer(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    wrong = f"{(int(pin) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert wallet.ask_token(wrong).json["error"] == "invalid_grant"
    assert wallet.ask_token(pin).json["error"] == "invalid_grant"


def test_digits_tried_all_at_once_are_counted_one_by_one(
    db: Session, client: LookingClient, award: Award, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited for the row looks at the tries again; found before, the offer had tries left."""
    link, pin = offer(client, award, ada)
    code = Wallet(client, link).offer["grants"][GRANT]["pre-authorized_code"]
    row = db.scalars(select(WalletOffer)).one()
    row.tries = 5
    db.commit()
    monkeypatch.setattr("badges.wallets.rules.find_offer", lambda *_args: row)
    assert exchange_code(db, code, pin, now=clock.now())[0] is None
    row.tries = 4
    db.commit()
    assert exchange_code(db, code, pin, now=clock.now())[0] is not None


def test_a_nonce_serves_for_five_minutes(
    client: LookingClient, award: Award, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    token = wallet.ask_token(pin).json["access_token"]
    made = TimestampSigner("any").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: made)
    proof = wallet.prove()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: made + 301)
    late = wallet.ask_badge(token, proof)
    assert (late.status_code, late.json["error"]) == (400, "invalid_nonce")
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: made + 300)
    assert wallet.ask_badge(token, proof).status_code == 200


def test_the_code_gives_one_token(
    client: LookingClient, award: Award, ada: User, db: Session
) -> None:
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    assert wallet.ask_token(pin).status_code == 200
    assert wallet.ask_token(pin).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"typ": "JWT"}, "invalid_proof"),
        ({"kid": None}, "invalid_proof"),
        ({"claims": {"aud": "https://ailleurs.example"}}, "invalid_proof"),
        ({"claims": {"iat": 1_700_000_000}}, "invalid_proof"),
        ({"claims": {"nonce": "made-up"}}, "invalid_nonce"),
        ({"claims": {"nonce": None}}, "invalid_nonce"),
        ({"kid": f"did:key:{keys.SigningKey.generate().multibase}"}, "invalid_proof"),
    ],
)
def test_a_proof_that_proves_nothing_changes_nothing(
    db: Session,
    client: LookingClient,
    award: Award,
    ada: User,
    changes: dict[str, Any],
    error: str,
) -> None:
    before = award.credential
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    token = wallet.ask_token(pin).json["access_token"]
    answer = wallet.ask_badge(token, wallet.prove(**changes))
    assert (answer.status_code, answer.json["error"]) == (400, error)
    db.rollback()
    db.refresh(award)
    assert award.credential == before
    assert wallet.ask_badge(token, wallet.prove()).status_code == 200  # the token still serves


def test_only_its_holder_offers_a_badge_and_only_while_it_stands(
    db: Session, client: LookingClient, award: Award, ada: User, make: Factory
) -> None:
    client.sign_in(make.user("facilitator"))
    assert client.post(f"/mes-badges/{award.id}/portefeuille").status_code == 404
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    token = wallet.ask_token(pin).json["access_token"]
    rules.revoke(db, award.id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    answer = wallet.ask_badge(token, wallet.prove())
    assert answer.json["error"] == "credential_request_denied"
    client.sign_in(ada)
    assert client.post(f"/mes-badges/{award.id}/portefeuille").status_code == 302


def test_offers_are_over_after_ten_minutes_and_forgotten_after_a_day(
    db: Session, client: LookingClient, award: Award, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    row = db.scalars(select(WalletOffer)).one()
    row.created_at = clock.now() - timedelta(minutes=11)
    db.commit()
    assert wallet.ask_token(pin).json["error"] == "invalid_grant"
    assert forget_over(db, clock.now()) == 0
    assert forget_over(db, clock.now() + timedelta(days=1)) == 1
    db.commit()


def test_what_is_no_request_is_told_so_in_the_protocols_words(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    path = "/portefeuille/jeton"
    assert client.post(path).json["error"] == "unsupported_grant_type"
    assert client.post(path, data={"grant_type": GRANT}).json["error"] == "invalid_request"
    answer = client.post("/portefeuille/badge", json={})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    link, pin = offer(client, award, ada)
    wallet = Wallet(client, link)
    token = wallet.ask_token(pin).json["access_token"]
    unknown = wallet.ask_badge(token, wallet.prove(), "SomethingElse")
    assert unknown.json["error"] == "unknown_credential_configuration"
    assert wallet.ask_badge(token, "a.b.c").json["error"] == "invalid_proof"
