"""An endorsement that a partner signed with a key of their own, elsewhere, and hands in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards import making, publishing
from badges.awards.keys import Signer
from badges.awards.making import Recipient, draft_awards, record_awards
from badges.awards.models import Award
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from badges.endorsements import giving, rules, signing
from badges.engine import keys, proofs
from badges.engine.errors import FetchFailed
from badges.engine.verify import verify
from badges.verification.fetching import Fetcher
from tests.support.badges import NOW, make_path_badge, open_badges, settings_here
from tests.support.endorsements import (
    PARTNER,
    PARTNER_KEY,
    ask,
    own_signed,
    partner_document,
)
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.people.models import User


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def badge(db: Session, signer: Signer) -> BadgeClass:
    return make_path_badge(db)[0]


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Camille Roux")


def award_to(db: Session, badge: BadgeClass, signer: Signer, email: str) -> Award:
    found = get_badge(db, badge.id)
    assert found is not None
    told = making.remember(found, signer)
    recipients = [Recipient(None, email, "", ["Vu."])]
    (draft,) = draft_awards(db, found, recipients, signer, now=NOW, actor_id=None)
    assert record_awards(db, badge.id, [draft], told=told, now=NOW) == {}
    db.commit()
    return draft


def network(address: str) -> bytes | None:
    """The partner's site, as the fetcher's own pages: nothing leaves the machine."""
    found = address == "https://partenaire.example/.well-known/did.json"
    return partner_document() if found else None


def read(db: Session, asked: rules.Asked, text: str, web: Any = None) -> signing.Signed:
    return signing.read_signed(
        db, settings_here(), asked.endorsement, text, fetch=web or Fetcher(network), now=NOW
    )


def test_an_endorsement_signed_with_the_partner_s_own_key_is_verified_and_kept(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    asked = ask(db, badge, team)
    about = signing.about_id(db, settings_here(), asked.endorsement)
    signed = read(db, asked, own_signed(about))
    fingerprint = signing.fingerprint(asked.endorsement)
    given = giving.give(db, settings_here(), asked.secret, signed, read=fingerprint, now=NOW)
    db.commit()
    assert (given.issuer_did, given.has_own_key) == (PARTNER, True)
    assert (given.organisation, given.comment) == ("INSPÉ (exemple)", "Vu et approuvé.")
    after = award_to(db, badge, signer, "apres@example.org")
    own = publishing.own_documents(db, settings_here())
    fetch = Fetcher(lambda address: own(address) or network(address))
    report = verify(after.credential, fetch=fetch, now=NOW)
    assert (report.outcome, report.check("endorsements").outcome) == ("valid", "passed")


def forged(about: str) -> str:
    return own_signed(about).replace("Vu et approuvé.", "Vu et adoré.")


@pytest.mark.parametrize(
    ("make_text", "code"),
    [
        (lambda about: "pas du JSON", "not_json"),
        (lambda about: "", "not_json"),
        (lambda about: "[" * 5000, "too_deep"),
        (lambda about: '{"a": "' + "x" * 20_001 + '"}', "too_large"),
        (lambda about: "{}", "shape"),
        (lambda about: own_signed("http://localhost/badges/autre"), "endorsement_elsewhere"),
        (lambda about: own_signed(about, type=["VerifiableCredential"]), "endorsement_invalid"),
        (forged, "signature_wrong"),
        (lambda about: own_signed(about, validUntil="2026-01-01T00:00:00Z"), "expired"),
        (lambda about: own_signed(about, validFrom="2030-01-01T00:00:00Z"), "not_yet_valid"),
        (lambda about: own_signed(about, issuer="did:web:autre.example"), None),
        (lambda about: json.dumps({**json.loads(own_signed(about)), "proof": []}), "proof_missing"),
        (lambda about: own_signed(about, validUntil=7), "shape"),
    ],
)
def test_what_is_not_proven_is_refused_in_words(
    db: Session,
    badge: BadgeClass,
    team: User,
    make_text: Callable[[str], str],
    code: str | None,
) -> None:
    asked = ask(db, badge, team)
    about = signing.about_id(db, settings_here(), asked.endorsement)
    with pytest.raises(Refused) as refused:
        read(db, asked, make_text(about))
    assert code is None or refused.value.code == code
    assert refused.value.field == "text"
    assert refused.value.message


def key_signed(about: str) -> str:
    """Right in every way, by a key that says of itself that it is a rectorat."""
    did = keys.did_key(PARTNER_KEY.multibase)
    document = json.loads(own_signed(about, issuer={"id": did, "type": ["Profile"], "name": "R"}))
    document.pop("proof")
    method = keys.verification_method(did, PARTNER_KEY.multibase)
    return json.dumps(proofs.sign(document, PARTNER_KEY, method, created=NOW))


@pytest.mark.parametrize(
    "make_text", [key_signed, lambda about: own_signed(about, issuer="did:jwk:eyJrdHkiOiJPS1AifQ")]
)
def test_a_key_that_nobody_publishes_is_nobody_s_own(
    db: Session, badge: BadgeClass, team: User, make_text: Callable[[str], str]
) -> None:
    asked = ask(db, badge, team)
    about = signing.about_id(db, settings_here(), asked.endorsement)
    with pytest.raises(Refused) as refused:
        read(db, asked, make_text(about))
    assert (refused.value.code, refused.value.field) == ("key_unpublished", "text")
    assert "signez ici, avec le formulaire" in refused.value.message


def test_a_key_out_of_reach_is_not_believed(db: Session, badge: BadgeClass, team: User) -> None:
    asked = ask(db, badge, team)
    text = own_signed(signing.about_id(db, settings_here(), asked.endorsement))

    def nowhere(address: str) -> bytes:
        raise FetchFailed(address=address)

    with pytest.raises(Refused) as refused:
        read(db, asked, text, nowhere)
    assert "n’a pas pu être vérifié" in refused.value.message


def test_what_is_right_but_cannot_be_carried_is_refused_before_anything_is_written(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    about = signing.about_id(db, settings_here(), asked.endorsement)
    good = read(db, asked, own_signed(about))
    odd = json.loads(own_signed(about))
    odd["@context"] = [*odd["@context"], "https://partenaire.example/contexte"]
    fingerprint = signing.fingerprint(asked.endorsement)
    bad = signing.Signed(odd, good.issuer, "X", "", None, has_own_key=True)
    with pytest.raises(Refused) as refused:
        giving.give(db, settings_here(), asked.secret, bad, read=fingerprint, now=NOW)
    assert refused.value.code == "not_embeddable"
    db.rollback()
    giving.give(db, settings_here(), asked.secret, good, read=fingerprint, now=NOW)
