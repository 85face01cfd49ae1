"""Badges awarded without being read over: only where the badge says so, and never twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import issuing, jobs, offers, queries, rules
from badges.awards.models import Award
from badges.designs.asking import set_automatic
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition, Group, archive_badge
from tests.support import automatic
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_badge,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.forking import START
from tests.support.sessions import make_session
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.house import Job
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases
K = CriterionKind


def run(db: Session, now: datetime = NOW) -> int:
    """The job once, as the clockwork runs it."""
    db.rollback()
    return jobs.award_automatic(db, house_here(), settings_here(), now=now)


def count(db: Session) -> tuple[int, int]:
    """Awards, and mails that tell of them."""
    db.rollback()
    mails = select(func.count()).select_from(OutboxMessage)
    return (
        db.scalar(select(func.count()).select_from(Award)) or 0,
        db.scalar(mails.where(OutboxMessage.template == "awards_awarded")) or 0,
    )


def test_a_badge_that_does_not_say_so_is_never_awarded_silently(db: Session, make: Factory) -> None:
    open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    assert run(db) == 0
    assert count(db) == (0, 0)
    signer = open_badges(db)
    with pytest.raises(Refused) as refused:
        rules.award_many(
            db,
            badge.id,
            [ada.id],
            signer,
            house=house_here(),
            now=NOW,
            actor_id=None,
            is_automatic=True,
        )
    assert refused.value.code == "not_automatic"


def test_a_badge_that_says_so_is_awarded_once_and_its_page_says_that_nobody_read_it_over(
    db: Session, make: Factory, client: LookingClient
) -> None:
    open_badges(db)
    ada, bob, team = make.user(), make.user(), make.user("facilitator")
    _badge, path = make_path_badge(db, automatic=True)
    finish_path(db, ada, path, team)
    finish_path(db, bob, path, team, steps=1)
    assert run(db) == 1
    assert run(db) == 0
    assert count(db) == (1, 1)
    (award,) = queries.list_awards(db, ada.id)
    assert award.is_automatic
    assert award.awarded_by_id is None
    assert award.grounds
    assert offers.check_credentials(db).broken == []
    client.sign_in(ada)
    page = client.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "personne ne l’a relu" in page
    by_hand, other = make_path_badge(db)
    finish_path(db, ada, other, team)
    signer = open_badges(db)
    read_over = rules.award(
        db, by_hand.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id
    )
    db.commit()
    assert "relu" not in client.get(f"/credentials/{read_over.id}").get_data(as_text=True)


def test_the_clockwork_has_the_job(db: Session, make: Factory) -> None:
    open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    _badge, path = make_path_badge(db, automatic=True)
    finish_path(db, ada, path, team)
    (job,) = [job for job in house_here().all(Job) if job.name == "badges_automatic"]
    assert job.run(db, NOW) == 1


def test_a_badge_asked_for_by_another_is_awarded_first_in_the_same_run(
    db: Session, make: Factory
) -> None:
    open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    first, path = make_path_badge(db, automatic=True, name="Zoé d’abord")
    make_badge(
        db, Condition(K.BADGE_HELD, asked_badge_id=first.id), automatic=True, name="Ada ensuite"
    )
    finish_path(db, ada, path, team)
    assert run(db) == 2
    assert count(db) == (2, 2)


def test_whom_it_was_withdrawn_from_does_not_get_it_back(db: Session, make: Factory) -> None:
    open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    _badge, path = make_path_badge(db, automatic=True)
    finish_path(db, ada, path, team)
    run(db)
    (award,) = queries.list_awards(db, ada.id)
    rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=None)
    db.commit()
    assert run(db) == 0
    assert count(db) == (1, 1)


def test_a_session_under_way_is_waited_for(db: Session, make: Factory) -> None:
    open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    make_badge(db, Condition(K.HALF_DAYS, count=1), automatic=True)
    session = make_session(db, starts=datetime(2026, 11, 20, 10, 45))  # noqa: DTZ001
    note_presence(db, session.id, [RollEntry(Presence.PRESENT, ada.id)], now=NOW, actor_id=team.id)
    db.commit()
    assert run(db) == 0
    assert run(db, session.ends_at + timedelta(minutes=1)) == 1


def test_an_archived_badge_and_one_that_says_so_no_more_are_left_alone(
    db: Session, make: Factory
) -> None:
    open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    archived, first = make_path_badge(db, automatic=True)
    stopped, second = make_path_badge(db, automatic=True)
    for path in (first, second):
        finish_path(db, ada, path, team)
    archive_badge(db, archived.id, now=NOW)
    db.commit()
    set_automatic(db, stopped.id, False)
    db.commit()
    assert run(db) == 0


@pytest.mark.parametrize("kind", [K.JUDGEMENT, K.SESSION_ATTENDED])
def test_what_takes_somebody_to_say_it_is_never_automatic(db: Session, kind: K) -> None:
    said = Condition(kind, statement="est là" if kind is K.JUDGEMENT else "")
    for groups in ([Group([said])], [Group([said, Condition(K.HALF_DAYS)], 1)]):
        with pytest.raises(Refused, match="sans relecture") as refused:
            make_badge(db, groups=groups, automatic=True)
        assert refused.value.field == "automatic"
        db.rollback()
    badge = make_badge(db, said)
    with pytest.raises(Refused, match="sans relecture"):
        set_automatic(db, badge.id, True)
    db.rollback()
    assert not badge.automatic


def test_without_a_key_nothing_is_awarded_and_nobody_is_told(db: Session, make: Factory) -> None:
    from badges.awards.keys import KeyUnreadable

    ada, team = make.user(), make.user("facilitator")
    _badge, path = make_path_badge(db, automatic=True)
    finish_path(db, ada, path, team)
    with pytest.raises(KeyUnreadable):
        run(db)
    assert count(db) == (0, 0)


def test_two_jobs_at_once_award_nobody_twice(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_badges(db)
    team = make.user("facilitator")
    _badge, path = make_path_badge(db, automatic=True)
    people = [make.user() for _ in range(3)]
    for person in people:
        finish_path(db, person, path, team)
    house, settings = house_here(), settings_here()
    db.rollback()
    # Both have looked and signed before anyone writes: the race is certain, not likely.
    signed = threading.Barrier(2)
    really_sign = issuing.sign_award
    done = threading.local()

    def sign_then_wait(*args: Any, **kwargs: Any) -> str:
        text = really_sign(*args, **kwargs)
        done.count = getattr(done, "count", 0) + 1
        if done.count == len(people):
            signed.wait(timeout=30)
        return text

    monkeypatch.setattr(issuing, "sign_award", sign_then_wait)
    made: list[int] = []

    def work() -> None:
        with app.app_context():
            try:
                made.append(jobs.award_automatic(database.session(), house, settings, now=NOW))
            finally:
                database.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(made) == [0, 3]
    assert count(db) == (3, 3)


def test_a_job_killed_in_its_midst_leaves_whole_awards_and_the_next_finds_the_rest(
    db: Session, make: Factory
) -> None:
    open_badges(db)
    team = make.user("facilitator")
    _badge, path = make_path_badge(db, automatic=True)
    people = [make.user() for _ in range(6)]
    for person in people:
        finish_path(db, person, path, team)
    db.rollback()
    worker = START.Process(target=automatic.work, args=(settings_here(), NOW), daemon=True)
    worker.start()
    began = time.monotonic()
    while count(db)[0] == 0:  # killed as soon as something was written, whatever the machine
        assert time.monotonic() - began < 60, "nothing began"
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(timeout=30)
    awards, mails = count(db)
    assert awards == mails
    assert 0 < awards < len(people)
    assert run(db) == len(people) - awards
    assert count(db) == (6, 6)
    assert run(db) == 0
    assert offers.check_credentials(db).broken == []
