"""Two facilitators award the same badge to the same person at the same moment."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import issuing, making, queries, rules
from badges.awards.models import Award
from badges.awards.renewals.rules import Holders
from badges.designs import rules as designs
from tests.support.badges import NOW, design, finish_path, house_here, make_path_badge, open_badges
from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases


def test_one_award_and_one_mail_come_of_it(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = open_badges(db)
    ada = make.user()
    team = [make.user("facilitator") for _ in range(4)]
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team[0])
    house, badge_id, user_id = house_here(), badge.id, ada.id
    actors = [member.id for member in team]
    db.rollback()
    # All have looked and signed before anyone writes: the race is certain, not likely.
    signed = threading.Barrier(len(actors))
    really_sign = issuing.sign_award

    def sign_then_wait(*args: Any, **kwargs: Any) -> str:
        text = really_sign(*args, **kwargs)
        signed.wait(timeout=30)
        return text

    monkeypatch.setattr(issuing, "sign_award", sign_then_wait)
    results: list[str] = []

    def give(actor_id: UUID) -> None:
        with app.app_context():
            session = database.session()
            try:
                rules.award(
                    session, badge_id, user_id, signer, house=house, now=NOW, actor_id=actor_id
                )
                session.commit()
                results.append("awarded")
            except Refused as refused:
                session.rollback()
                results.append(refused.code)
            finally:
                database.session.remove()

    threads = [threading.Thread(target=give, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["already_held"] * 3 + ["awarded"]
    assert db.scalar(select(func.count()).select_from(Award)) == 1
    mails = select(func.count()).select_from(OutboxMessage)
    assert db.scalar(mails.where(OutboxMessage.template == "awards_awarded")) == 1


def test_the_database_itself_refuses_a_second_standing_award(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    give = lambda: rules.award(  # noqa: E731
        db, badge.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id
    )
    give()
    db.commit()
    # The guard off: nobody seems to hold anything.
    monkeypatch.setattr(rules, "find_holders", lambda *args: Holders())
    monkeypatch.setattr(making, "find_holders", lambda *args: Holders())
    with pytest.raises(Refused) as refused:
        give()
    assert refused.value.code == "already_held"
    db.rollback()
    assert len(queries.list_awards(db, ada.id)) == 1


def test_somebody_awarded_meanwhile_keeps_nobody_else_from_it(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = open_badges(db)
    ada, bob = make.user(), make.user()
    team, other = make.user("facilitator"), make.user("facilitator")
    badge, path = make_path_badge(db)
    for person in (ada, bob):
        finish_path(db, person, path, team)
    house, badge_id, ada_id, bob_id = house_here(), badge.id, ada.id, bob.id
    team_id, other_id = team.id, other.id
    db.rollback()
    really_sign = issuing.sign_award
    calls = []

    def sign_while_another_awards(*args: Any, **kwargs: Any) -> str:
        calls.append(1)
        if len(calls) == 1:
            with app.app_context():
                session = database.session()
                rules.award(
                    session, badge_id, ada_id, signer, house=house, now=NOW, actor_id=other_id
                )
                session.commit()
        return really_sign(*args, **kwargs)

    monkeypatch.setattr(issuing, "sign_award", sign_while_another_awards)
    outcome = rules.award_many(
        db, badge_id, [ada_id, bob_id], signer, house=house, now=NOW, actor_id=team_id
    )
    db.commit()
    assert [award.user_id for award in outcome.awards] == [bob_id]
    assert [(who, r.code) for who, r in outcome.refused] == [(ada_id, "already_held")]
    assert len(queries.list_awards(db, ada_id)) == 1


def test_a_badge_changed_while_it_is_signed_is_not_awarded_as_it_was(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    house, badge_id, ada_id, team_id = house_here(), badge.id, ada.id, team.id
    db.rollback()
    really_sign = issuing.sign_award

    def sign_while_another_edits(*args: Any, **kwargs: Any) -> str:
        text = really_sign(*args, **kwargs)
        with app.app_context():
            session = database.session()
            designs.update_badge(session, badge_id, design(description="Tout autre chose."))
            session.commit()
        return text

    monkeypatch.setattr(issuing, "sign_award", sign_while_another_edits)
    with pytest.raises(Refused) as refused:
        rules.award(db, badge_id, ada_id, signer, house=house, now=NOW, actor_id=team_id)
    assert refused.value.code == "try_again"
    db.rollback()
    assert queries.list_awards(db, ada_id) == []
