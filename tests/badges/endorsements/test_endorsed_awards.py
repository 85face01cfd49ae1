"""A holder asks for a word on their own badge: its file is signed again, with the same facts."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.endorsements import giving, signing
from tests.support.badges import NOW, settings_here
from tests.support.endorsements import ask, endorsements_step, give, refusal, statement
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail

both = pytest.mark.both_databases


@both
def test_an_endorsed_award_is_signed_again_with_the_same_facts(
    db: Session, award: Award, signer: Signer
) -> None:
    holder, before = award.user, award.credential
    assert holder is not None
    asked = ask(db, award, holder)
    given = give(db, asked)
    db.refresh(award)
    document = json.loads(award.credential)
    assert document.pop("endorsement") == [json.loads(given.credential)]
    former = json.loads(before)
    assert document.pop("proof") != former.pop("proof")
    assert document == former, "same id, same facts, same bit"
    named = "Rectorat «\u202fexemple\u202f» (adresse en @rectorat.example)"
    assert endorsements_step(db, award) == ("valid", "passed", named)
    award.credential = before
    assert endorsements_step(db, award)[:2] == ("valid", "not_applicable"), "old files stay valid"
    db.rollback()
    mails = [m for m in db.scalars(select(OutboxMessage)) if m.template == "endorsements_answered"]
    assert "prenez ses nouveaux fichiers" in render_mail(mails[0], settings_here()).text
    second = give(db, ask(db, award, holder, email="deux@stage.example"), comment="Moi aussi.")
    db.refresh(award)
    assert json.loads(award.credential)["endorsement"] == [
        json.loads(given.credential),
        json.loads(second.credential),
    ]
    giving.withdraw(db, settings_here(), asked.secret, now=NOW)
    db.commit()
    assert json.loads(award.credential)["endorsement"] == [json.loads(second.credential)]
    giving.hide(db, settings_here(), second.id, reason="x", actor_id=holder.id, now=NOW)
    db.commit()
    assert "endorsement" not in json.loads(award.credential)
    assert endorsements_step(db, award)[:2] == ("valid", "not_applicable")


@both
def test_two_endorsements_given_at_once_to_one_award_do_not_lose_one(
    db: Session, award: Award
) -> None:
    holder = award.user
    assert holder is not None
    one, two = ask(db, award, holder), ask(db, award, holder, email="deux@stage.example")
    resigned = giving._try_to_carry(
        db,
        settings_here(),
        one.endorsement,
        signing.sign_here(db, settings_here(), one.endorsement, statement(), now=NOW),
        NOW,
    )
    assert resigned is not None
    give(db, two)
    code = refusal(lambda: giving.keep_carrying(db, resigned), db)
    assert code == "try_again"
