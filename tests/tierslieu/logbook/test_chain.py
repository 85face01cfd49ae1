"""The logbook: written with the act, in order, whole; the database refuses the rest."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.logbook.acts import ACT_WORDS, VIA_WORDS, Act, Via
from tierslieu.logbook.checks import check_logbook, passes_by
from tierslieu.logbook.models import LogEntry, LogHead
from tierslieu.logbook.queries import accounts_of, find_head
from tierslieu.logbook.rules import KEPT_FOR, forget_in_logbook, note, sweep
from tierslieu.people.rules import change_roles

pytestmark = pytest.mark.both_databases


def entries(db: Session) -> list[LogEntry]:
    db.rollback()
    query = select(LogEntry).order_by(LogEntry.number)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def write(db: Session, count: int = 3) -> list[LogEntry]:
    """So many acts, one a transaction, each upon somebody for a reason."""
    for number in range(count):
        note(
            db,
            Act.ACCOUNT_SUSPENDED,
            subject_id=uuid4(),
            actor_id=uuid4(),
            words=f"raison {number}",
        )
        db.commit()
    return entries(db)


def unguarded(db: Session, statement: str) -> None:
    """What somebody does who owns the database: the guards are no obstacle to them."""
    lock_for_writing(db)
    if db.get_bind().dialect.name == "postgresql":
        for table in ("logbook_entry", "logbook_head"):
            db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        db.execute(text(statement))
        for table in ("logbook_entry", "logbook_head"):
            db.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    else:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        guards = db.execute(text(query)).all()
        for name, _sql in guards:
            db.execute(text(f"DROP TRIGGER {name}"))
        db.execute(text(statement))
        for _name, sql in guards:
            db.execute(text(sql.replace(":", "\\:")))
    db.commit()


def test_every_act_and_every_way_has_a_word() -> None:
    assert set(ACT_WORDS) == set(Act)
    assert set(VIA_WORDS) == set(Via)


def test_an_act_is_written_with_what_it_did_or_not_at_all(db: Session, make: Factory) -> None:
    user = make.user()
    change_roles(db, user.id, give=["facilitator"])
    db.rollback()
    assert entries(db) == []
    change_roles(db, user.id, give=["facilitator"])
    db.commit()
    (one,) = entries(db)
    assert (one.number, one.act, one.subject_id) == (1, "role_given", user.id)
    assert (one.via, one.about) == ("command", '{"role": "facilitator"}')
    change_roles(db, user.id, give=["facilitator"])  # what is held already is no act
    db.commit()
    assert len(entries(db)) == 1


def test_a_step_that_is_undone_within_a_transaction_leaves_no_line(db: Session) -> None:
    lock_for_writing(db)
    note(db, Act.SETTINGS_CHANGED, about={"setting": "agenda"})
    step = db.begin_nested()
    note(db, Act.KEY_MADE)
    step.rollback()
    step = db.begin_nested()
    note(db, Act.KEY_ROTATED)
    step.commit()
    db.commit()
    assert [one.act for one in entries(db)] == ["settings_changed", "key_rotated"]
    assert check_logbook(db).broken == []


def test_a_chain_that_nobody_touched_is_whole_and_says_its_head(db: Session) -> None:
    assert check_logbook(db).broken == []
    written = write(db)
    found = check_logbook(db)
    assert (found.checked, list(found.broken)) == (3, [])
    assert found.note == f"head 3:{written[-1].digest}"
    assert [one.previous for one in written] == ["", written[0].digest, written[1].digest]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE logbook_entry SET act = 'role_given'",
        "UPDATE logbook_entry SET about = '{}x'",
        "UPDATE logbook_entry SET via = 'api'",
        "UPDATE logbook_entry SET at = '2020-01-01 00\\:00\\:00'",
        "UPDATE logbook_entry SET digest = ''",
        "UPDATE logbook_entry SET subject_seal = ''",
        "UPDATE logbook_entry SET words = 'autre chose'",
        "UPDATE logbook_entry SET actor_id = subject_id",
        "UPDATE logbook_entry SET number = number + 10",
        "DELETE FROM logbook_entry",
        "DELETE FROM logbook_entry WHERE number = 3",
        "DELETE FROM logbook_head",
        "UPDATE logbook_head SET length = 2",
        "UPDATE logbook_head SET anchor_number = 4",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_row(db: Session, statement: str) -> None:
    write(db)
    lock_for_writing(db)
    with pytest.raises(DatabaseError, match="the logbook"):
        db.execute(text(statement))
    db.rollback()
    assert check_logbook(db).broken == []


def test_postgresql_refuses_to_empty_the_table_at_once(db: Session) -> None:
    if db.get_bind().dialect.name != "postgresql":
        return  # SQLite has no such statement
    write(db)
    with pytest.raises(DatabaseError, match="the logbook"):
        db.execute(text("TRUNCATE logbook_entry"))
    db.rollback()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE logbook_entry SET act = 'role_given' WHERE number = 2", "row 2 is not what"),
        ("UPDATE logbook_entry SET via = 'api' WHERE number = 1", "row 1 is not what"),
        ("DELETE FROM logbook_entry WHERE number = 2", "after row 1 comes row 3"),
        ("DELETE FROM logbook_entry WHERE number = 1", "after row 0 comes row 2"),
        ("DELETE FROM logbook_entry WHERE number = 3", "ends with row 2, its head says 3"),
        ("DELETE FROM logbook_entry", "ends with row 0, its head says 3"),
        ("DELETE FROM logbook_head", "its head is missing"),
        ("UPDATE logbook_entry SET actor_id = subject_id WHERE number = 2", "row 2 names somebody"),
        ("UPDATE logbook_entry SET words = 'autre' WHERE number = 2", "row 2 names somebody"),
        ("UPDATE logbook_entry SET actor_salt = '' WHERE number = 2", "row 2 names somebody"),
    ],
)
def test_the_audit_says_where_a_chain_was_broken_behind_its_guards(
    db: Session, statement: str, told: str
) -> None:
    write(db)
    unguarded(db, statement)
    broken = check_logbook(db).broken
    assert any(told in sentence for sentence in broken), broken


def test_an_end_cut_off_with_its_head_is_found_by_a_head_kept_elsewhere(db: Session) -> None:
    written = write(db)
    noted = (3, written[2].digest)
    assert passes_by(db, *noted) is True
    assert passes_by(db, 1, written[0].digest) is True
    unguarded(db, "DELETE FROM logbook_entry WHERE number = 3")
    unguarded(db, f"UPDATE logbook_head SET length = 2, head = '{written[1].digest}'")
    assert check_logbook(db).broken == []  # whoever owns the database can make that so
    assert passes_by(db, *noted) is False
    write(db, 1)
    assert passes_by(db, *noted) is False  # another row has that number now


def test_a_person_who_leaves_is_forgotten_and_the_chain_stays_whole(db: Session) -> None:
    one, other = write(db, 2)
    gone, digest = one.subject_id, one.digest
    assert gone is not None
    note(db, Act.ROLE_GIVEN, actor_id=gone, subject_id=other.subject_id)
    db.commit()
    forget_in_logbook(db, gone)
    db.commit()
    first, second, third = entries(db)
    assert (first.subject_id, first.subject_salt, first.words) == (None, "", "")
    assert first.actor_id is not None  # who did it is still here, and answers for it
    assert (third.actor_id, third.actor_salt) == (None, "")
    assert third.subject_id == second.subject_id
    assert first.digest == digest
    assert check_logbook(db).broken == []
    held = db.execute(text("SELECT * FROM logbook_entry")).all()
    assert str(gone) not in str(held)
    assert gone.hex not in str(held)


def test_what_is_forgotten_cannot_be_guessed_back_from_its_seal(db: Session) -> None:
    who = uuid4()
    for _time in range(2):
        note(db, Act.ROLE_GIVEN, subject_id=who)
    db.commit()
    one, other = entries(db)
    assert one.subject_seal != other.subject_seal  # the same person, another salt
    assert len(one.subject_salt) == 32


def test_accounts_that_became_one_are_one_in_the_logbook(db: Session) -> None:
    first, second, kept = uuid4(), uuid4(), uuid4()
    note(db, Act.ROLE_GIVEN, subject_id=first, words="avant")
    note(db, Act.ACCOUNTS_JOINED, subject_id=second, words=str(first))
    note(db, Act.ACCOUNTS_JOINED, subject_id=kept, words=str(second))
    db.commit()
    assert set(accounts_of(db, kept)) == {first, second, kept}
    forget_in_logbook(db, kept)
    db.commit()
    assert [one.subject_id for one in entries(db)] == [None] * 3
    assert {one.words for one in entries(db)} == {""}


def test_old_rows_are_swept_and_the_rest_follows_the_anchor(db: Session) -> None:
    now = clock.now()
    for age in (KEPT_FOR + timedelta(days=2), KEPT_FOR + timedelta(days=1), timedelta(days=1)):
        note(db, Act.KEY_MADE, now=now - age)
        db.commit()
    swept, kept = entries(db)[1], entries(db)[2]
    noted = swept.number, swept.digest
    assert sweep(db, now=now) == 2
    db.commit()
    assert [one.number for one in entries(db)] == [3]
    assert kept.previous == noted[1]
    assert check_logbook(db).broken == []
    assert passes_by(db, *noted) is True
    assert passes_by(db, 1, "0" * 64) is None
    assert sweep(db, now=now) == 0
    head = find_head(db)
    assert head is not None
    assert (head.anchor_number, head.length) == (2, 3)


def test_rows_removed_before_their_time_are_missed(db: Session) -> None:
    """The database lets go of what lies before the anchor: whoever may write there moves it."""
    second = write(db)[1]
    lock_for_writing(db)
    head = {"anchor": second.digest, "anchor_number": 2, "anchor_at": second.at}
    db.execute(update(LogHead).values(head))
    db.execute(delete(LogEntry).where(LogEntry.number <= 2))
    db.commit()
    assert check_logbook(db).broken == ["logbook: rows up to 2 were removed before their time"]
    later = clock.now() + KEPT_FOR + timedelta(days=1)
    with clock.fixed_at(later):
        assert check_logbook(db).broken == []


def test_all_rows_may_be_old_and_the_next_one_still_follows(db: Session) -> None:
    now = clock.now()
    note(db, Act.KEY_MADE, now=now - KEPT_FOR - timedelta(days=1))
    db.commit()
    assert sweep(db, now=now) == 1
    db.commit()
    assert entries(db) == []
    write(db, 1)
    assert [one.number for one in entries(db)] == [2]
    assert check_logbook(db).broken == []


def test_a_row_kept_between_old_ones_keeps_them(db: Session) -> None:
    """The clock of one act may be behind: a chain has no holes."""
    now = clock.now()
    for age in (timedelta(days=1), KEPT_FOR + timedelta(days=1)):
        note(db, Act.KEY_MADE, now=now - age)
        db.commit()
    assert sweep(db, now=now) == 0


def test_the_guards_are_there_on_both_databases(app: Flask, db: Session) -> None:
    write(db, 1)
    for statement in (delete(LogEntry), update(LogHead).values(length=0)):
        lock_for_writing(db)
        with pytest.raises(DatabaseError):
            db.execute(statement)
        db.rollback()
