"""Ten thousand awards, and workers that are killed all along: each person receives one, once."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import date
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from badges.awards import publishing
from badges.awards.batches import jobs, rules, slices
from badges.awards.batches.queries import report
from badges.awards.models import Award, AwardBatch, BatchState
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition
from badges.engine.credentials import hash_identity
from badges.engine.verify import verify
from tests.support.badges import NOW, house_here, make_badge, open_badges, settings_here
from tests.support.batches import addresses, csv_of, make_draft
from tests.support.factories import Factory
from tests.support.killing import MOMENTS, die_at, kill_again_and_again, start_worker
from tests.support.sessions import make_session
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.base import new_id
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


def make_attendees(db: Session, count: int) -> Sequence[str]:
    """Accounts that were there for half a day; gives their addresses."""
    session = make_session(db)
    people = [
        {
            "id": new_id(),
            "email": f"membre{n}@example.org",
            "name": f"Membre {n}",
            "sort_name": f"membre {n}",
            "fs_uniquifier": f"membre{n}",
            "active": True,
            "confirmed_at": NOW,
            "is_15_or_over": True,
            "is_demo": False,
            "created_at": NOW,
        }
        for n in range(count)
    ]
    db.execute(insert(User), people)
    db.execute(
        insert(Attendance),
        [
            {
                "id": new_id(),
                "session_id": session.id,
                "day": date(2026, 11, 19),
                "half": Half.MORNING,
                "user_id": person["id"],
                "guest_name": "",
                "guest_email": "",
                "mode": SeatMode.ONSITE,
                "presence": Presence.PRESENT,
                "walked_in": False,
                "noted_at": NOW,
            }
            for person in people
        ],
    )
    db.commit()
    return [str(person["email"]) for person in people]


def award_under_fire(app: Flask, db: Session, make: Factory, count: int, accounts: int) -> None:
    random = Random(f"{count} kills")
    signer = open_badges(db)
    team = make.user("facilitator")
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=1))
    known = make_attendees(db, accounts)
    unknown = [f"inconnue{n}@example.org" for n in range(count - accounts)]
    rows = [f"{email};Nom {n};note {n}" for n, email in enumerate([*known, *unknown])]
    random.shuffle(rows)
    began = time.perf_counter()
    batch = make_draft(db, badge, team, csv_of(*rows))
    foreseen = time.perf_counter() - began
    rules.confirm_batch(db, batch.id, ground="Vue à l’œuvre.", now=NOW, actor_id=team.id)
    db.commit()
    settings = settings_here()
    began = time.perf_counter()
    killed = kill_again_and_again(db, settings, random, least=count // 20)
    last = start_worker(settings)  # the last one finishes, leases of the dead included
    last.join(timeout=900)
    seconds = time.perf_counter() - began
    assert last.exitcode == 0
    print(
        f"\n{count} lines foreseen in {foreseen:.1f} s, awarded in {seconds:.1f} s "
        f"({count / seconds:.0f} a second) with {killed} workers killed"
    )
    db.rollback()
    assert killed >= 12
    assert db.get_one(AwardBatch, batch.id, populate_existing=True).state is BatchState.DONE
    counts = report(db, batch.id)
    assert counts | {"lines": count, "awarded": accounts, "claimable": len(unknown)} == counts
    assert db.scalar(select(func.count()).select_from(Award)) == count
    held = db.scalars(select(Award.user_id).where(Award.user_id.is_not(None))).all()
    waiting = db.scalars(
        select(Award.recipient_email).where(Award.recipient_email.is_not(None))
    ).all()
    assert len(held) == len(set(held)) == accounts
    assert sorted(filter(None, waiting)) == sorted(unknown)
    mails = select(OutboxMessage.recipient).where(OutboxMessage.due_key.startswith("award:"))
    assert sorted(db.scalars(mails)) == sorted([*known, *unknown])
    bits = db.execute(select(Award.status_list_id, Award.status_index)).all()
    assert len(set(bits)) == count
    own = publishing.own_documents(db, settings)

    def fetch(address: str) -> bytes:
        found = own(address)
        assert found is not None, address
        return found

    ids = sorted(db.scalars(select(Award.id)))
    for award_id in random.sample(ids, 200):
        award = db.get_one(Award, award_id)
        address = award.recipient_email or db.get_one(User, award.user_id).email
        result = verify(award.credential, fetch=fetch, now=clock.now(), recipient=address)
        assert result.outcome == "valid", [(c.name, c.code) for c in result.checks]
        assert result.check("recipient").outcome == "passed"
        (hashed, *_name) = json.loads(award.credential)["credentialSubject"]["identifier"]
        assert hashed["identityHash"] == hash_identity(address, hashed["salt"])
    assert signer.did in award.credential


@pytest.mark.proof
def test_ten_thousand_receive_one_badge_each_while_workers_are_killed_all_along(
    app: Flask, db: Session, make: Factory, database_kind: str
) -> None:
    count = 10_000 if database_kind == "sqlite" else 3_000
    award_under_fire(app, db, make, count, count // 10)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_killed_at_any_moment_loses_nothing_and_awards_nobody_twice(
    app: Flask, db: Session, make: Factory, moment: str
) -> None:
    signer = open_badges(db)
    team = make.user("facilitator")
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=1))
    known = make_attendees(db, 3)
    batch = make_draft(db, badge, team, csv_of(*known, *addresses(9)))
    rules.confirm_batch(db, batch.id, ground="Vue à l’œuvre.", now=NOW, actor_id=team.id)
    db.commit()
    die_at(settings_here(), moment)
    db.rollback()
    done = 4 if moment == "committed" else 0
    assert db.scalar(select(func.count()).select_from(Award)) == done
    with clock.fixed_at(NOW + slices.LEASE):  # what the dead worker had taken is free again
        assert jobs.flow(db, signer, house_here(), is_over=lambda: False) == 12 - done
    counts = report(db, batch.id)
    assert (counts["awarded"], counts["claimable"]) == (3, 9)
    assert db.scalar(select(func.count()).select_from(Award)) == 12
    mails = select(func.count()).where(OutboxMessage.due_key.startswith("award:"))
    assert db.scalar(mails.select_from(OutboxMessage)) == 12
