"""Awards that wait at an address: claimed, refused, withdrawn, forgotten; never held twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import publishing, queries, rules
from badges.awards.claims import jobs
from badges.awards.claims import rules as claims
from badges.awards.claims.queries import list_waiting_for
from badges.awards.keys import Signer
from badges.awards.making import Recipient, draft_awards, record_awards, remember
from badges.awards.models import Award, Sharing, StatusList
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from badges.engine.status import read_bit
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.house import Job
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.entry.rules import set_entry
from tierslieu.people.models import OtherAddress

pytestmark = pytest.mark.both_databases
EVE = "eve@example.org"


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def badge(db: Session) -> BadgeClass:
    return make_path_badge(db)[0]


def leave_waiting(
    db: Session, badge: BadgeClass, signer: Signer, email: str = EVE, name: str = ""
) -> Award:
    """An award for somebody who has no account."""
    found = get_badge(db, badge.id)
    assert found is not None
    recipient = Recipient(None, email, name, ["Vue à l’atelier."])
    told = remember(found, signer)
    (draft,) = draft_awards(db, found, [recipient], signer, now=NOW, actor_id=None)
    for refusal in record_awards(db, badge.id, [draft], told=told, now=NOW).values():
        raise refusal
    db.commit()
    return draft


def give(db: Session, badge_id: object, user_id: object, signer: Signer) -> Award:
    """To somebody with an account, by the criteria."""
    made = rules.award(
        db,
        badge_id,
        user_id,
        signer,
        house=house_here(),
        now=NOW,
        actor_id=None,  # type: ignore[arg-type]
    )
    db.commit()
    return made


def test_an_award_goes_to_the_account_that_confirms_its_address_and_stays_private(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass
) -> None:
    award = leave_waiting(db, badge, signer)
    signed = award.credential
    eve = make.user(email=EVE, name="Ève Martin", confirmed_at=None)
    other = make.user()
    for person in (eve, other):
        assert claims.claim_awards(db, person.id).awards == [], "the address is not confirmed"
        db.commit()
    eve.confirmed_at = NOW
    db.commit()
    (mine,) = claims.claim_awards(db, eve.id).awards
    db.commit()
    assert (mine.id, mine.user_id) == (award.id, eve.id)
    assert (mine.recipient_email, mine.claim_token) == (None, None)
    assert (mine.holder_name, mine.sharing) == ("Ève Martin", Sharing.PRIVATE)
    assert mine.credential == signed, "byte for byte as it was signed"
    assert publishing.check_award(db, settings_here(), mine, NOW).outcome == "valid"
    assert queries.find_page_for(db, other, mine.id) is None
    assert claims.claim_awards(db, eve.id).awards == []


def test_a_name_in_the_signed_file_is_kept(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass
) -> None:
    leave_waiting(db, badge, signer, name="Ève M.")
    eve = make.user(email=EVE, name="Ève Martin")
    (mine,) = claims.claim_awards(db, eve.id).awards
    assert mine.holder_name == "Ève M."


def test_the_job_gives_each_who_came_their_own(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass
) -> None:
    for email in (EVE, "fay@example.org", "nobody@example.org"):
        leave_waiting(db, badge, signer, email)
    eve, fay = make.user(email=EVE), make.user(email="fay@example.org")
    closed = make.user(email="closed@example.org", active=False)
    leave_waiting(db, badge, signer, "closed@example.org")
    job = next(j for j in house_here().all(Job) if j.name == "claim_awards")
    assert job.run(db, NOW) == 2
    assert job.run(db, NOW) == 0
    for person, count in ((eve, 1), (fay, 1), (closed, 0)):
        assert len(queries.list_awards(db, person.id)) == count


def test_a_badge_stands_once_at_an_address(db: Session, signer: Signer, badge: BadgeClass) -> None:
    first = leave_waiting(db, badge, signer)
    with pytest.raises(Refused) as refused:
        leave_waiting(db, badge, signer)
    assert refused.value.code == "already_held"
    db.rollback()
    # The database says so itself.
    twin = Award(
        badge_id=badge.id,
        recipient_email=EVE,
        holder_name="",
        grounds=["x"],
        status_list_id=1,
        status_index=(first.status_index + 1) % 131_072,
        signing_key_id=signer.key_id,
        credential="{}",
    )
    db.add(twin)
    with pytest.raises(IntegrityError):
        db.flush()


def test_who_holds_it_by_account_receives_no_second_at_that_address(
    db: Session, make: Factory, signer: Signer
) -> None:
    badge, path = make_path_badge(db)
    eve, team = make.user(email=EVE), make.user("facilitator")
    finish_path(db, eve, path, team)
    give(db, badge.id, eve.id, signer)
    with pytest.raises(Refused) as refused:
        leave_waiting(db, badge, signer)
    assert refused.value.code == "already_held"


def test_who_has_it_waiting_at_their_address_receives_no_second_by_account(
    db: Session, make: Factory, signer: Signer
) -> None:
    badge, path = make_path_badge(db)
    leave_waiting(db, badge, signer)
    eve, team = make.user(email=EVE), make.user("facilitator")
    finish_path(db, eve, path, team)
    with pytest.raises(Refused) as refused:
        give(db, badge.id, eve.id, signer)
    assert refused.value.code == "already_held"
    db.rollback()
    assert len(claims.claim_awards(db, eve.id).awards) == 1


def test_an_address_that_becomes_that_of_an_account_which_holds_the_badge_lets_the_second_go(
    db: Session, make: Factory, signer: Signer
) -> None:
    badge, path = make_path_badge(db)
    eve, team = make.user(email="eve@old.example.org"), make.user("facilitator")
    finish_path(db, eve, path, team)
    held = give(db, badge.id, eve.id, signer)
    second = leave_waiting(db, badge, signer)
    eve.email = EVE  # she moves to the address where the same badge waits
    db.commit()
    outcome = claims.claim_awards(db, eve.id)
    db.commit()
    assert (outcome.awards, outcome.doubles) == ([], 1)
    assert [award.id for award in queries.list_awards(db, eve.id)] == [held.id]
    db.refresh(second)
    assert (second.recipient_email, second.credential, second.grounds) == (None, "", [])
    listing = db.get_one(StatusList, second.status_list_id)
    assert not read_bit(listing.bits, second.status_index)
    assert list_waiting_for(db, eve.id) == []


def test_a_badge_comes_to_the_account_that_proves_its_address_besides_its_own(
    db: Session, make: Factory, badge: BadgeClass, signer: Signer
) -> None:
    eve = make.user(email="eve@elsewhere.example.org")
    award = leave_waiting(db, badge, signer)
    other = OtherAddress(user_id=eve.id, email=EVE)
    db.add(other)
    db.commit()
    assert jobs._claim(db, NOW) == 0  # asked for, not proved
    other.proved_at = NOW
    db.commit()
    assert [waiting.id for waiting in list_waiting_for(db, eve.id)] == [award.id]
    assert jobs._claim(db, NOW) == 1
    assert award.user_id == eve.id


def test_a_mailbox_that_passed_to_somebody_else_brings_its_badges_to_them(
    db: Session, make: Factory, badge: BadgeClass, signer: Signer
) -> None:
    before, after = make.user(email="a@elsewhere.example.org"), make.user(email=EVE)
    db.add(OtherAddress(user_id=before.id, email=EVE, proved_at=NOW))
    leave_waiting(db, badge, signer)
    assert list_waiting_for(db, before.id) == []
    assert len(list_waiting_for(db, after.id)) == 1
    after.email = "b@elsewhere.example.org"  # it is now one of their other addresses, proved later
    db.add(OtherAddress(user_id=after.id, email=EVE, proved_at=NOW + timedelta(days=1)))
    db.commit()
    assert list_waiting_for(db, before.id) == []
    assert len(list_waiting_for(db, after.id)) == 1
    assert jobs._claim(db, NOW) == 1


def test_a_withdrawn_badge_does_not_keep_a_new_one_from_being_claimed(
    db: Session, make: Factory, signer: Signer
) -> None:
    badge, path = make_path_badge(db)
    eve, team = make.user(email=EVE), make.user("facilitator")
    finish_path(db, eve, path, team)
    held = give(db, badge.id, eve.id, signer)
    rules.revoke(db, held.id, reason="Erreur.", now=NOW, actor_id=None)
    db.commit()
    leave_waiting(db, badge, signer)
    assert len(claims.claim_awards(db, eve.id).awards) == 1
    db.commit()


def test_in_a_closed_pilot_the_page_says_whom_to_ask_instead_of_leading_to_sign_up(
    db: Session, make: Factory, client: LookingClient, signer: Signer, badge: BadgeClass
) -> None:
    page = f"/badge-en-attente/{leave_waiting(db, badge, signer).claim_token}"
    assert "Créez un compte" in client.get(page).text
    admin = make.user("administrator").id
    set_entry(db, is_closed=True, ends_at=None, opens_after=False, seen=0, by_id=admin, now=NOW)
    db.commit()
    text = client.get(page).text
    assert "Créez un compte" not in text
    assert "que sur invitation" in text
    assert "Demandez une invitation à l’équipe" in text


def test_whoever_has_the_mail_refuses_without_an_account_and_everything_is_erased(
    db: Session, client: LookingClient, signer: Signer, badge: BadgeClass
) -> None:
    award = leave_waiting(db, badge, signer, name="Ève")
    token = award.claim_token
    page = client.get(f"/badge-en-attente/{token}")
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    assert badge.name in html
    assert "Vue à l’atelier." in html
    assert EVE not in html, "the link may be seen by others: it says no address"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    answer = client.post(f"/badge-en-attente/{token}/refuser")
    assert answer.status_code == 302
    db.rollback()
    row = db.scalars(select(Award)).one()
    assert (row.recipient_email, row.holder_name, row.credential) == (None, "", "")
    assert row.revoked_at is None, "its bit stays as it was"
    assert client.get(f"/badge-en-attente/{token}").status_code == 404
    assert client.post(f"/badge-en-attente/{token}/refuser").status_code == 404


def test_a_link_used_after_the_badge_was_claimed_erases_nothing(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass
) -> None:
    token = leave_waiting(db, badge, signer).claim_token
    assert token is not None
    eve = make.user(email=EVE)
    claims.claim_awards(db, eve.id)
    db.commit()
    with pytest.raises(NotYours):
        claims.refuse_award(db, token)
    assert queries.list_awards(db, eve.id)[0].credential


def test_a_refusal_that_found_the_badge_just_before_it_was_claimed_erases_nothing(
    db: Session,
    make: Factory,
    signer: Signer,
    badge: BadgeClass,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    award = leave_waiting(db, badge, signer)
    token = award.claim_token
    assert token is not None
    eve = make.user(email=EVE)
    claims.claim_awards(db, eve.id)
    db.commit()
    monkeypatch.setattr(claims, "find_by_token", lambda *_asked: award)
    with pytest.raises(NotYours):
        claims.refuse_award(db, token)
    assert queries.list_awards(db, eve.id)[0].credential


def test_the_backpack_of_who_joins_holds_what_waited(
    db: Session, make: Factory, client: LookingClient, signer: Signer, badge: BadgeClass
) -> None:
    leave_waiting(db, badge, signer)
    eve = make.user(email=EVE)
    client.sign_in(eve)
    assert "Un badge vous attend" in client.get("/").get_data(as_text=True)
    html = client.get("/mes-badges").get_data(as_text=True)
    assert badge.name in html
    assert "Un badge vous attendait" in html
    assert "vous attend" not in client.get("/mes-badges").get_data(as_text=True)
    assert "Un badge vous attend" not in client.get("/").get_data(as_text=True)
    db.rollback()
    assert len(queries.list_awards(db, eve.id)) == 1


def test_a_badge_nobody_comes_for_is_forgotten_after_a_year(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass
) -> None:
    old, other = leave_waiting(db, badge, signer), leave_waiting(db, badge, signer, "f@example.org")
    mine = make.user(email="f@example.org")
    claims.claim_awards(db, mine.id)
    db.commit()
    job = next(j for j in house_here().all(Job) if j.name == "forget_unclaimed_awards")
    assert job.run(db, NOW + claims.KEPT_FOR) == 0
    assert job.run(db, NOW + claims.KEPT_FOR + timedelta(seconds=1)) == 1
    db.refresh(old)
    db.refresh(other)
    assert (old.recipient_email, old.credential, old.claim_token) == (None, "", None)
    assert other.credential, "what is somebody's is not touched"
    assert job.run(db, NOW + claims.KEPT_FOR + timedelta(days=1)) == 0


def test_withdrawing_a_badge_that_waits_tells_the_address_and_forgets_it(
    app: Flask, db: Session, make: Factory, client: LookingClient, signer: Signer, badge: BadgeClass
) -> None:
    award = leave_waiting(db, badge, signer)
    client.sign_in(make.user("facilitator"))
    assert EVE in client.get(f"/badges/{badge.slug}/attribues").get_data(as_text=True)
    assert client.get(f"/credentials/{award.id}").status_code == 200
    answer = client.post(f"/credentials/{award.id}/retirer", data={"reason": "Par erreur."})
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).status_code == 200
    db.rollback()
    row = db.scalars(select(Award)).one()
    assert (row.recipient_email, row.claim_token) == (None, None)
    assert row.revoked_at is not None
    assert make.user(email=EVE).id not in {a.user_id for a in queries.list_all_awards(db)}
    mail = db.scalars(select(OutboxMessage).where(OutboxMessage.template == "awards_revoked")).one()
    assert mail.recipient == EVE
    with app.test_request_context():
        told = render_mail(mail, settings_here())
    assert "Par erreur." in told.text
    assert "/mes-badges" not in told.text, "there is no account to look into"
    leave_waiting(db, badge, signer)  # and it may be given anew
