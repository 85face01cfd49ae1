"""Two people hold the same link, and answer at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.designs.models import BadgeEndorsement
from badges.endorsements import giving, queries, rules, signing
from badges.endorsements.models import Endorsement
from tests.support.badges import NOW, make_path_badge, open_badges, settings_here
from tests.support.endorsements import ask, statement
from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases


def test_one_answer_comes_of_it(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_badges(db)
    secret = ask(db, make_path_badge(db)[0], make.user("facilitator")).secret
    settings = settings_here()
    db.rollback()
    # All have read, signed and looked before anyone writes: the race is certain, not likely.
    ready = threading.Barrier(5)
    really_try = giving._try_to_carry

    def try_then_wait(*args: Any) -> Any:
        found = really_try(*args)
        ready.wait(timeout=30)
        return found

    monkeypatch.setattr(giving, "_try_to_carry", try_then_wait)
    results: list[str] = []

    def answer(name: str) -> None:
        with app.app_context():
            session = database.session()
            try:
                if name == "no":
                    ready.wait(timeout=30)
                    rules.decline(session, secret, now=NOW)
                else:
                    found = queries.find_by_secret(session, secret)
                    assert found is not None
                    read = signing.fingerprint(found)
                    said = statement(organisation=name)
                    signed = signing.sign_here(session, settings, found, said, now=NOW)
                    giving.give(session, settings, secret, signed, read=read, now=NOW)
                session.commit()
                results.append("answered first")
            except Refused as refused:
                session.rollback()
                results.append(refused.code)
            finally:
                database.session.remove()

    names = ("Un", "Deux", "Trois", "Quatre", "no")
    threads = [threading.Thread(target=answer, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["answered"] * 4 + ["answered first"]
    (kept,) = db.scalars(select(Endorsement))
    carried = db.scalar(select(func.count()).select_from(BadgeEndorsement))
    assert carried == (1 if kept.credential else 0)
    told = select(func.count()).where(OutboxMessage.template == "endorsements_answered")
    assert db.scalar(told.select_from(OutboxMessage)) == 1
