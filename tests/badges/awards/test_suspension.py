"""A badge that says so can be suspended for a while, and hold again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import badge2, files, keys, publishing, rules, suspension, tokens
from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.awards.offers import check_bits, check_credentials
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

REASON = "L’habilitation est à renouveler."


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def award(db: Session, make: Factory, signer: Signer, team: User) -> Award:
    return make_award(db, make.user(name="Ada"), team, signer, suspendable=True)


def codes(db: Session, award: Award) -> tuple[str, str]:
    report = publishing.check_award(db, settings_here(), award, NOW + timedelta(hours=1))
    return report.outcome, report.check("status").code


def suspend(db: Session, award: Award, team: User) -> None:
    suspension.suspend(db, award.id, reason=REASON, now=NOW, actor_id=team.id)
    db.commit()


@pytest.mark.both_databases
def test_a_suspended_badge_is_told_and_holds_again_once_it_is_lifted(
    db: Session, award: Award, team: User
) -> None:
    assert codes(db, award) == ("valid", "status")
    suspend(db, award, team)
    assert codes(db, award) == ("invalid", "suspended")
    assert check_bits(db).broken == check_credentials(db).broken == []
    suspension.lift(db, award.id, now=NOW + timedelta(minutes=5))
    db.commit()
    assert codes(db, award) == ("valid", "status")
    assert check_bits(db).broken == []
    mails = db.scalars(select(OutboxMessage.template).order_by(OutboxMessage.template)).all()
    assert {"awards_suspended", "awards_unsuspended"} <= set(mails)


def test_only_the_bit_of_that_award_in_the_list_of_suspensions_is_set(
    db: Session, make: Factory, signer: Signer, award: Award, team: User
) -> None:
    other = make_award(db, make.user(), team, signer, suspendable=True)
    suspend(db, award, team)
    assert codes(db, other) == ("valid", "status")
    rules.revoke(db, other.id, reason="Erreur", now=NOW, actor_id=team.id)
    db.commit()
    assert codes(db, other) == ("invalid", "revoked")
    assert codes(db, award) == ("invalid", "suspended")
    listing = json.loads(publishing.status_list_text(db, settings_here(), 500_001) or "")
    assert listing["credentialSubject"]["statusPurpose"] == "suspension"


def test_its_credential_has_two_statuses_and_claims_no_schema_that_forbids_them(
    db: Session, make: Factory, signer: Signer, award: Award, team: User
) -> None:
    said = json.loads(award.credential)
    assert [entry["statusPurpose"] for entry in said["credentialStatus"]] == [
        "revocation", "suspension",
    ]  # fmt: skip
    assert "credentialSchema" not in said
    ordinary = json.loads(make_award(db, make.user(), team, signer).credential)
    assert ordinary["credentialStatus"]["statusPurpose"] == "revocation"
    assert "credentialSchema" in ordinary


def test_a_token_of_it_is_suspended_too(db: Session, award: Award, team: User) -> None:
    keys.open_keys(db, settings_here(), NOW)
    db.commit()
    own = publishing.own_documents(db, settings_here())
    made = files.make_jwt(award, keys.load_signer(db, settings_here(), tokens.KINDS["es256"]))

    def status() -> str:
        return verify(made.data, fetch=lambda at: own(at) or b"", now=NOW).check("status").code

    assert status() == "status"
    suspend(db, award, team)
    assert status() == "suspended"


@pytest.mark.both_databases
def test_what_cannot_be_suspended_or_lifted_is_refused_in_words(
    db: Session, make: Factory, signer: Signer, award: Award, team: User
) -> None:
    def code(act: object, *args: object, **more: object) -> str:
        with pytest.raises(Refused) as caught:
            act(*args, **more)  # type: ignore[operator]
        db.rollback()
        return caught.value.code

    facts = {"reason": REASON, "now": NOW, "actor_id": team.id}
    plain = make_award(db, make.user(), team, signer)
    assert code(suspension.suspend, db, plain.id, **facts) == "not_suspendable"
    assert code(suspension.suspend, db, award.id, **{**facts, "reason": " "}) == "reason_missing"
    assert code(suspension.lift, db, award.id, now=NOW) == "not_suspended"
    suspend(db, award, team)
    assert code(suspension.suspend, db, award.id, **facts) == "already_suspended"
    rules.revoke(db, award.id, reason="Fin", now=NOW, actor_id=team.id)
    db.commit()
    assert code(suspension.lift, db, award.id, now=NOW) == "already_revoked"


def test_a_facilitator_suspends_and_lifts_on_the_page(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    client.sign_in(team)
    url = f"/credentials/{award.id}"
    assert "Suspendre ce badge" in client.get(url).text
    missing = client.post(f"{url}/suspendre", data={"reason": ""})
    assert missing.status_code == 422
    assert "la personne lira cette raison" in missing.text
    page = client.post(f"{url}/suspendre", data={"reason": REASON}, follow_redirects=True).text
    assert REASON in page
    assert "Ce badge est authentique, mais l’émetteur l’a suspendu." in page
    assert award.user is not None
    client.sign_in(award.user)
    assert client.get(f"{url}.pdf").status_code in (302, 409)
    assert client.post(f"{url}/reprendre").status_code == 403
    client.sign_in(team)
    page = client.post(f"{url}/reprendre", follow_redirects=True).text
    assert "La suspension est levée" in page
    assert REASON not in page


def test_the_page_of_a_badge_that_cannot_be_suspended_offers_it_to_nobody(
    db: Session, client: LookingClient, make: Factory, signer: Signer, team: User
) -> None:
    plain = make_award(db, make.user(), team, signer)
    client.sign_in(team)
    assert "Suspendre" not in client.get(f"/credentials/{plain.id}").text
    assert client.get(f"/credentials/{plain.id}/suspendre").status_code == 404


def test_open_badges_2_answers_as_for_a_withdrawal_and_tells_nobody_why(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    keys.open_keys(db, settings_here(), NOW)
    assert award.user_id is not None
    rules.share(db, award.id, award.user_id, now=NOW)
    db.commit()
    url = f"/credentials/{award.id}.ob2.json"
    assert client.get(url).status_code == 200
    suspend(db, award, team)
    gone = client.get(url)
    assert (gone.status_code, gone.get_json(force=True)["revoked"]) == (410, True)
    assert "revocationReason" not in gone.text
    page = client.get(f"/credentials/{award.id}").text
    assert "Suspendu depuis le" in page
    assert REASON not in page
    listed = client.get("/badges/revoked.ob2.json").json["revokedAssertions"]
    assert {"id": badge2.signed_id(award.id, 0)} in listed
    suspension.lift(db, award.id, now=NOW)
    db.commit()
    assert client.get(url).status_code == 200
