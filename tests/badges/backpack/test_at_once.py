"""Two windows, two wallets, one person: what may happen once happens once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.models import Award, HolderPage, Sharing
from badges.backpack import rules
from badges.backpack.examining import Examined
from badges.backpack.models import KeptBadge
from badges.collections import rules as collections
from badges.collections.models import CollectionMember
from badges.engine.report import Report
from badges.wallets.rules import code_of, exchange_code, offer_badge
from tests.support.badges import NOW, make_award, open_badges
from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace")


@pytest.fixture
def awards(db: Session, ada: User, make: Factory) -> list[Award]:
    team, signer = make.user("facilitator"), open_badges(db)
    return [make_award(db, ada, team, signer) for _ in range(2)]


def at_once(app: Flask, *works: Callable[[Session], Any]) -> Counter[str]:
    """Each work in a thread with a session of its own, started together; their answers counted."""
    ready, answers = threading.Barrier(len(works)), Counter[str]()

    def run(work: Callable[[Session], Any]) -> None:
        with app.app_context():
            session = database.session()
            try:
                ready.wait(timeout=30)
                found = work(session)
                session.commit()
            except Exception as error:
                session.rollback()
                found = type(error).__name__
            answers[str(found)] += 1
            database.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def count(db: Session, table: type) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_two_first_public_badges_open_one_page(
    app: Flask, db: Session, ada: User, awards: list[Award]
) -> None:
    user_id, ids = ada.id, [award.id for award in awards]
    db.rollback()

    def show(award_id: Any) -> Callable[[Session], str]:
        def work(session: Session) -> str:
            rules.show_to(session, award_id, user_id, Sharing.PUBLIC, now=NOW)
            return "shown"

        return work

    assert at_once(app, *(show(award_id) for award_id in ids)) == {"shown": 2}
    assert count(db, HolderPage) == 1


def test_a_badge_brought_four_times_at_once_is_kept_once(
    app: Flask, db: Session, ada: User
) -> None:
    user_id = ada.id
    db.rollback()
    found = Examined("{}", "f" * 64, "Robotique", "L’École", None, Report("valid", (), {}))

    def keep(session: Session) -> str:
        return "new" if rules.keep_badge(session, user_id, found, now=NOW)[1] else "known"

    assert at_once(app, keep, keep, keep, keep) == {"new": 1, "known": 3}
    assert count(db, KeptBadge) == 1


def test_a_wallets_code_gives_one_token_however_many_ask(
    app: Flask, db: Session, ada: User, awards: list[Award]
) -> None:
    made = offer_badge(db, awards[0].id, ada, with_name=True, now=NOW)
    db.commit()

    def ask(session: Session) -> str:
        granted, _why = exchange_code(session, code_of(made.secret), made.pin, now=NOW)
        return "granted" if granted else "refused"

    assert at_once(app, ask, ask, ask, ask) == {"granted": 1, "refused": 3}


def test_a_collection_saved_in_two_windows_holds_what_one_of_them_said(
    app: Flask, db: Session, ada: User, awards: list[Award]
) -> None:
    user_id, ids = ada.id, [award.id for award in awards]
    made = collections.save_collection(db, user_id, None, "x", ids, now=NOW).id
    db.commit()

    def save(chosen: list[Any]) -> Callable[[Session], str]:
        def work(session: Session) -> str:
            collections.save_collection(session, user_id, made, "y", chosen, now=NOW)
            return "saved"

        return work

    assert at_once(app, save(ids[:1]), save(ids[1:])) == {"saved": 2}
    assert count(db, CollectionMember) == 1
