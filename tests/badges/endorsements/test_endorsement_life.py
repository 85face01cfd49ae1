"""What becomes of a question and of an answer: reminders, forgetting, people, the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import rules as award_rules
from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.designs.documents import achievement_document
from badges.designs.models import BadgeClass, BadgeEndorsement
from badges.designs.rules import update_badge
from badges.endorsements import giving, jobs, offers, queries, rules
from badges.endorsements.models import Endorsement, EndorsementState
from tests.support.badges import NOW, design, house_here, make_badge, settings_here
from tests.support.endorsements import ask, give, refusal
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.errors import NotYours
from tierslieu.house import AwardPanel, BadgePanel, PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User

both = pytest.mark.both_databases


def test_nobody_is_reminded_of_what_is_gone(
    db: Session, badge: BadgeClass, award: Award, team: User
) -> None:
    holder = award.user
    assert holder is not None
    ask(db, badge, team)
    ask(db, award, holder)
    badge.archived_at = NOW
    db.commit()
    award_rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    rules.remind(db, NOW + timedelta(days=22))
    db.commit()
    mails = db.scalars(select(OutboxMessage)).all()
    assert not [m for m in mails if m.context.get("is_reminder")]


@both
def test_a_question_lapses_after_sixty_days_and_its_address_goes(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    later = NOW + rules.ANSWER_WITHIN
    assert rules.lapse(db, later - timedelta(seconds=1)) == 0
    assert refusal(lambda: give(db, asked, now=later), db) == "expired"
    assert rules.lapse(db, later) == 1
    db.commit()
    found = asked.endorsement
    assert (found.state, found.email, found.message) == (EndorsementState.EXPIRED, None, "")
    assert rules.forget(db, later + timedelta(days=100)) == 0
    assert rules.forget(db, later + rules.FORGET_AFTER + timedelta(days=1)) == 1
    db.commit()
    assert db.scalar(select(func.count()).select_from(Endorsement)) == 0


@both
def test_there_is_one_reminder_and_both_links_open_the_question(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    assert rules.remind(db, NOW + timedelta(days=20)) == 0
    later = NOW + timedelta(days=22)
    assert rules.remind(db, later) == 1
    db.commit()
    assert rules.remind(db, later + timedelta(days=9)) == 0
    mails = db.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()
    assert len(mails) == 2
    second = str(mails[1].context["path"]).removeprefix("/soutiens/")
    assert second != asked.secret
    found = queries.find_by_secret(db, second)
    assert found is queries.find_by_secret(db, asked.secret)
    assert "Rappel" in render_mail(mails[1], settings_here()).subject
    rules.decline(db, second, now=later)
    db.commit()


@both
def test_a_question_is_taken_back_by_who_asked_or_for_the_place_by_the_team(
    db: Session, badge: BadgeClass, award: Award, team: User, make: Factory
) -> None:
    other, holder = make.user("facilitator"), award.user
    assert holder is not None
    mine, theirs = ask(db, award, holder), ask(db, badge, team)
    for user, is_team, asked in ((other, True, mine), (holder, False, theirs)):
        with pytest.raises(NotYours):
            rules.cancel(db, asked.endorsement.id, user_id=user.id, is_team=is_team, now=NOW)
        db.rollback()
    rules.cancel(db, mine.endorsement.id, user_id=holder.id, is_team=False, now=NOW)
    rules.cancel(db, theirs.endorsement.id, user_id=other.id, is_team=True, now=NOW)
    db.commit()
    assert queries.find_by_secret(db, mine.secret) is None


@both
def test_a_person_s_data_are_exported_and_erased(
    db: Session, badge: BadgeClass, award: Award, team: User
) -> None:
    holder = award.user
    assert holder is not None
    ask(db, badge, team)
    give(db, ask(db, award, holder))
    (data,) = [d for d in house_here().all(PersonalData) if d.name == "endorsements"]
    (mine,) = data.export(db, holder.id)
    assert mine["is_about_award"]
    assert mine["credential"]
    data.erase(db, holder.id)
    data.erase(db, team.id)
    db.commit()
    (left,) = db.scalars(select(Endorsement))
    assert (left.asked_by_id, left.message) == (None, "")
    assert data.export(db, team.id) == []


@both
def test_panels_show_who_stands_for_a_badge_and_who_may_ask(
    db: Session, badge: BadgeClass, award: Award, team: User, make: Factory
) -> None:
    (of_badge,) = house_here().all(BadgePanel)
    (of_award,) = house_here().all(AwardPanel)
    assert list(of_badge.build(db, badge.id, None, NOW)) == []
    assert next(iter(of_badge.build(db, badge.id, team.id, NOW))).context["may_ask"]
    give(db, ask(db, badge, team))
    (card,) = of_badge.build(db, badge.id, None, NOW)
    assert [one.organisation for one in card.context["standing"]] == [
        "Rectorat «\u202fexemple\u202f»"
    ]
    assert not card.context["may_ask"]
    assert list(of_award.build(db, award.id, None, NOW)) == []
    assert next(iter(of_award.build(db, award.id, award.user_id, NOW))).context["may_ask"]
    assert list(of_award.build(db, award.id, make.user().id, NOW)) == []


@both
def test_the_audit_sees_a_badge_that_publishes_what_does_not_stand(
    db: Session, badge: BadgeClass, team: User
) -> None:
    given = give(db, ask(db, badge, team))
    with clock.fixed_at(NOW):
        assert offers.check_carried(db).broken == []
        given.hidden_at = NOW
        db.commit()
        assert offers.check_carried(db).broken == [str(given.id)]


def test_the_jobs_commit_what_they_do(db: Session, badge: BadgeClass, team: User) -> None:
    ask(db, badge, team)
    later = NOW + rules.ANSWER_WITHIN
    assert {job.name: job.run(db, later) for job in jobs.JOBS} == {
        "endorsements_lapse": 1,
        "endorsements_end": 0,
        "endorsements_remind": 0,
        "endorsements_forget": 0,
    }


def test_a_badge_takes_no_more_endorsements_than_a_verifier_looks_at(
    db: Session, badge: BadgeClass, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from badges.engine.endorsements import MAX_ENDORSEMENTS

    assert rules.MOST_OF_A_BADGE + rules.MOST_OF_AN_AWARD <= MAX_ENDORSEMENTS
    one, two = ask(db, badge, team), ask(db, badge, team, email="deux@x.example")
    monkeypatch.setattr(giving, "MOST_OF_A_BADGE", 1)
    give(db, one)
    assert refusal(lambda: give(db, two), db) == "too_many"


def test_a_badge_made_elsewhere_in_the_house_is_untouched(db: Session, signer: Signer) -> None:
    plain = make_badge(db)
    assert "endorsement" not in achievement_document(plain, "http://localhost")


@both
def test_a_badge_changed_while_the_answer_is_signed_is_not_endorsed(
    db: Session, badge: BadgeClass, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, badge_id = ask(db, badge, team), badge.id
    really_try = giving._try_to_carry

    def try_then_change(*args: Any) -> Any:
        found = really_try(*args)
        update_badge(db, badge_id, replace(design(), description="Tout autre chose."))
        db.commit()
        return found

    monkeypatch.setattr(giving, "_try_to_carry", try_then_change)
    assert refusal(lambda: give(db, asked), db) == "changed"
    assert db.scalar(select(func.count()).select_from(BadgeEndorsement)) == 0


def test_a_question_taken_back_before_its_mail_left_never_leaves(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    rules.cancel(db, asked.endorsement.id, user_id=team.id, is_team=True, now=NOW)
    db.commit()
    (mail,) = db.scalars(select(OutboxMessage))
    assert (mail.recipient, mail.context) == ("", {})
    assert mail.sent_at is not None
