"""A badge is signed again for another address, or for a key of its holder's."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.orm import Session

from badges.awards import badge2, offers, publishing, recipients, rules
from badges.awards.keys import Signer, load_signer, open_keys
from badges.awards.models import Award, Sharing
from badges.engine import keys
from badges.engine.report import Report
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def award(db: Session, ada: User, make: Factory, signer: Signer) -> Award:
    return make_award(db, ada, make.user("facilitator"), signer)


def check(db: Session, text: str, recipient: str | None = None) -> Report:
    """Verify as a stranger would, our own addresses answered."""
    find = publishing.own_documents(db, settings_here())
    return verify(text, fetch=lambda a: find(a) or b"", now=NOW, recipient=recipient)


def bind(db: Session, award: Award, person: User, signer: Signer, *, with_name: bool = True) -> str:
    key = keys.SigningKey.generate().multibase
    recipients.sign_for_key(db, award.id, person, key, signer, with_name=with_name, now=NOW)
    db.commit()
    return f"did:key:{key}"


@pytest.mark.both_databases
def test_after_a_change_of_address_both_files_hold_each_for_its_address(
    db: Session, award: Award, ada: User, signer: Signer
) -> None:
    before = award.credential
    ada.email = "ada.nouvelle@example.org"
    db.commit()
    recipients.sign_for_address(db, award.id, ada, signer, now=NOW)
    db.commit()
    after = award.credential
    assert check(db, after, "ada.nouvelle@example.org").outcome == "valid"
    assert check(db, after, "ada@example.org").check("recipient").outcome == "failed"
    assert check(db, before, "ada@example.org").outcome == "valid"
    old, new = json.loads(before), json.loads(after)
    for document in (old, new):
        del document["proof"]
        document["credentialSubject"]["identifier"].pop(0)
    assert old == new  # the same id, facts, dates, name and status bit
    with pytest.raises(Refused) as refusal:
        recipients.sign_for_address(db, award.id, ada, signer, now=NOW)
    assert refusal.value.code == "same_recipient"


@pytest.mark.both_databases
def test_bound_to_a_key_a_badge_holds_no_address_and_its_former_form_is_withdrawn(
    db: Session, award: Award, ada: User, signer: Signer
) -> None:
    before, place = award.credential, (award.status_list_id, award.status_index)
    did = bind(db, award, ada, signer)
    document = json.loads(award.credential)
    subject = document["credentialSubject"]
    assert subject["id"] == did
    assert [i["identityType"] for i in subject["identifier"]] == ["name"]
    assert document["id"] == json.loads(before)["id"]
    assert (award.status_list_id, award.status_index) != place
    assert check(db, award.credential, did).outcome == "valid"
    assert check(db, award.credential, "ada@example.org").check("recipient").code == (
        "recipient_unnamed"
    )
    assert check(db, before).check("status").code == "revoked"
    assert not offers.check_bits(db).broken
    assert not offers.check_credentials(db).broken


@pytest.mark.both_databases
def test_bound_to_a_key_its_former_forms_in_open_badges_2_are_withdrawn_too(
    db: Session, award: Award, ada: User, signer: Signer
) -> None:
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    open_keys(db, settings_here(), NOW)
    db.commit()
    rsa = load_signer(db, settings_here(), "RSA")
    signed = [badge2.sign(db, award, rsa)]
    hosted = json.dumps(badge2.hosted(award, signer.base_url))
    assert check(db, signed[0]).outcome == check(db, hosted).outcome == "valid"
    for _ in range(2):
        bind(db, award, ada, signer)
        signed.append(badge2.sign(db, award, rsa))
        assert [check(db, form).check("status").code for form in signed[:-1]] == (
            ["revoked"] * (len(signed) - 1)
        )
        assert check(db, signed[-1]).outcome == "valid"
        assert check(db, hosted).outcome == "invalid"
        assert check(db, json.dumps(badge2.hosted(award, signer.base_url))).outcome == "valid"


def test_two_badges_of_one_person_share_nothing_that_names_them(
    db: Session, ada: User, make: Factory, signer: Signer
) -> None:
    team = make.user("facilitator")
    subjects = []
    for _ in range(2):
        award = make_award(db, ada, team, signer)
        bind(db, award, ada, signer, with_name=False)
        assert "Lovelace" not in award.credential
        subjects.append(json.loads(award.credential)["credentialSubject"])
        assert check(db, award.credential).outcome == "valid"
    assert all("identifier" not in subject for subject in subjects)
    assert subjects[0]["id"] != subjects[1]["id"]


def test_a_key_that_serves_already_is_refused(
    db: Session, ada: User, make: Factory, signer: Signer, award: Award
) -> None:
    did = bind(db, award, ada, signer)
    other = make_award(db, ada, make.user("facilitator"), signer)
    before = other.credential
    with pytest.raises(Refused) as refusal:
        recipients.sign_for_key(
            db, other.id, ada, did.removeprefix("did:key:"), signer, with_name=True, now=NOW
        )
    assert refusal.value.code == "key_used"
    db.rollback()
    assert other.credential == before


def test_a_nameless_badge_leaves_the_public_page_and_cannot_come_back_to_it(
    db: Session, ada: User, signer: Signer, award: Award
) -> None:
    rules.share(db, award.id, ada.id, now=NOW, sharing=Sharing.PUBLIC)
    db.commit()
    bind(db, award, ada, signer, with_name=False)
    assert (award.sharing, award.shown_name) == (Sharing.LINK, "")
    with pytest.raises(Refused) as refusal:
        rules.share(db, award.id, ada.id, now=NOW, sharing=Sharing.PUBLIC)
    assert refusal.value.code == "nameless"
    db.rollback()
    bind(db, award, ada, signer, with_name=True)
    rules.share(db, award.id, ada.id, now=NOW, sharing=Sharing.PUBLIC)
    assert award.shown_name == "Ada Lovelace"


def test_from_a_key_back_to_an_address(
    db: Session, ada: User, signer: Signer, award: Award
) -> None:
    bind(db, award, ada, signer, with_name=False)
    bound = award.credential
    recipients.sign_for_address(db, award.id, ada, signer, now=NOW)
    db.commit()
    assert check(db, award.credential, "ada@example.org").outcome == "valid"
    assert "Lovelace" in award.credential
    assert check(db, bound).check("status").code == "revoked"
    assert not offers.check_bits(db).broken


def test_only_a_standing_badge_of_ones_own_is_signed_again(
    db: Session, ada: User, make: Factory, signer: Signer, award: Award
) -> None:
    with pytest.raises(NotYours):
        recipients.sign_for_address(db, award.id, make.user(), signer, now=NOW)
    with pytest.raises(Refused) as wrong:
        recipients.sign_for_key(db, award.id, ada, "zDnaerx", signer, with_name=True, now=NOW)
    assert wrong.value.code == "key_invalid"
    rules.revoke(db, award.id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    before = award.credential
    with pytest.raises(Refused) as refusal:
        bind(db, award, ada, signer)
    assert refusal.value.code == "revoked"
    db.rollback()
    assert award.credential == before


def test_a_badge_that_changed_while_it_was_signed_is_left_alone(
    db: Session, ada: User, signer: Signer, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = recipients.proofs.sign

    def meanwhile(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(recipients.proofs, "sign", really)
        bind(db, award, ada, signer)  # another window
        return really(*args, **kwargs)  # type: ignore[arg-type]

    ada.email = "ada.nouvelle@example.org"
    db.commit()
    monkeypatch.setattr(recipients.proofs, "sign", meanwhile)
    with pytest.raises(Refused) as refusal:
        recipients.sign_for_address(db, award.id, ada, signer, now=NOW)
    assert refusal.value.code == "try_again"
