"""What goes with a badge that waits at an address: the mail, a person's data, the job."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import offers
from badges.awards.claims import jobs
from badges.awards.claims import rules as claims
from badges.awards.keys import Signer
from badges.awards.making import Recipient, draft_awards, record_awards, remember
from badges.awards.models import Award
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from tests.support.badges import (
    NOW,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.factories import Factory
from tierslieu.house import House, Job
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail

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


def test_the_mail_says_who_gives_what_and_how_to_take_or_refuse_it(
    app: Flask, db: Session, signer: Signer, badge: BadgeClass
) -> None:
    award = leave_waiting(db, badge, signer, name="<b>Ève</b>")
    mail = db.scalars(select(OutboxMessage).where(OutboxMessage.template == "awards_waiting")).one()
    assert mail.recipient == EVE
    with app.test_request_context():
        told = render_mail(mail, settings_here())
    assert told.subject == f"Un badge vous attend\u00a0: {badge.name}"
    for text in (told.text, told.html):
        assert f"http://localhost/badge-en-attente/{award.claim_token}" in text
        assert "Tiers-lieu d’essai" in text
    assert "<b>Ève</b>" not in told.html


def test_a_persons_data_hold_what_waits_and_erasing_them_forgets_it(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass
) -> None:
    award = leave_waiting(db, badge, signer)
    eve = make.user(email=EVE)
    (given,) = offers.export(db, eve.id)
    assert given["credential"] == award.credential
    offers.erase(db, eve.id)
    db.commit()
    assert offers.export(db, eve.id) == []
    db.refresh(award)
    assert (award.recipient_email, award.credential) == (None, "")


def test_one_person_whose_claim_fails_keeps_no_other_back(
    db: Session, make: Factory, signer: Signer, badge: BadgeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    for email in (EVE, "fay@example.org"):
        leave_waiting(db, badge, signer, email)
    people = {make.user(email=EVE).id, make.user(email="fay@example.org").id}
    unlucky = min(people)
    really = claims.claim_awards

    def claim(session: Session, user_id: object) -> claims.Claimed:
        if user_id == unlucky:
            raise IntegrityError("UPDATE", {}, Exception("met another writer"))
        return really(session, user_id)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "claim_awards", claim)
    assert jobs._claim(db, NOW) == 1


def test_the_house_offers_what_is_due_by_itself(app: Flask) -> None:
    house: House = app.extensions["tierslieu.house"]
    names = {job.name for job in house.all(Job)}
    assert names >= {
        "claim_awards",
        "forget_unclaimed_awards",
        "award_batches",
        "forget_award_batches",
    }
