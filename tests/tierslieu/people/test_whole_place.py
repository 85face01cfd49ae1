"""In a place full of people, whatever each feature keeps: two accounts become one with nothing
lost, and who leaves is nowhere any more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.badges import house_here
from tierslieu import clock
from tierslieu.admin.commands import count_due
from tierslieu.admin.jobs import sweep
from tierslieu.base import Base
from tierslieu.house import Invariant, PersonalData
from tierslieu.house_kept import Retention
from tierslieu.logbook.models import LogEntry
from tierslieu.opening import play_demo
from tierslieu.people.joining.rows import ACCOUNTS, list_columns
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import FACILITATOR, LEARNER, User
from tierslieu.people.queries import list_holders
from tierslieu.people.register.drawing import declared
from tierslieu.people.rights.codes import codes
from tierslieu.people.rights.labels import labels
from tierslieu.people.rights.rules import leave

# What the demonstration does not play, looked at by the tests of those features: what its scenes do
# not do, and what lasts for a day at most.
UNPLAYED = {
    *("aid_charter", "aid_decision", "attendance_record", "attention_setting", "badge_proof"),
    "badge_waiting",
    *("booking_limit", "calendar_feed", "certificate_clash", "community_import", "holder_page"),
    *("completion_settings", "grade_settings", "issued_credential", "needs_reading", "path_draft"),
    *("other_address", "package_download", "package_participant", "paper_batch", "paper_line"),
    *("proving_badge", "research_package", "seat_invitation", "signing_miss", "wallet_offer"),
    *("entry_invitation", "entry_setting", "mail_wording", "wrong_code", "attention_listed"),
    *("account_suspension", "open_session", "passkey", "read_text", "seeing_as", "text_request"),
    # Studies are opened by what a place does before it opens, which a test's place has not done.
    *("answer", "invitation", "response_sheet"),
    *("study", "study_consent", "study_refusal", "study_researcher"),
}
# Acts of the team that the demonstration plays: each is written by the rule that does it.
WRITTEN = {
    *("attendance_corrected", "badge_awarded", "badge_published", "badge_revoked"),
    *("badges_awarded", "key_made", "place_changed", "session_cancelled", "token_made"),
}


def _broken(db: Session) -> list[str]:
    return [
        f"{check.name}: {sentence}"
        for check in house_here().all(Invariant)
        for sentence in check.check(db).broken
    ]


def _count(db: Session, user_id: UUID) -> int:
    """Rows that name this account."""
    return sum(
        db.scalar(select(func.count()).select_from(column.table).where(column == user_id)) or 0
        for column in list_columns(ACCOUNTS)
    )


def _texts(db: Session) -> Iterable[tuple[str, str]]:
    """Every row of the place, as one text."""
    for table in Base.metadata.sorted_tables:
        for row in db.execute(select(table)):
            yield table.name, repr(tuple(row))


def _unsaid(db: Session) -> set[str]:
    """Keys and codes of the file of one's data that ``rights/labels.py`` says no word for."""
    missing: set[str] = set()

    def walk(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, held in value.items():
                if name not in labels() and re.fullmatch(r"[a-z0-9_]+", name):
                    missing.add(name)
                walk(held, name)
        elif isinstance(value, (list, tuple)):
            for held in value:
                walk(held, key)
        elif codes(key) and isinstance(value, str) and re.fullmatch(r"[a-z_]+", value):
            missing.update({f"{key}={value}"} - {f"{key}={code}" for code in codes(key)})

    for person in (*list_holders(db, LEARNER), *list_holders(db, FACILITATOR)):
        for offer in house_here().all(PersonalData):
            walk(offer.export(db, person.id))
    return missing


def test_everybody_reads_their_data_can_be_joined_with_anybody_and_can_leave(
    app: Flask, db: Session
) -> None:
    play_demo(app)
    now, house = clock.now(), house_here()
    assert _unsaid(db) == set()
    assert _broken(db) == []
    assert set(db.scalars(select(LogEntry.act))) >= WRITTEN
    people = [one for one in list_holders(db, LEARNER) if len(one.roles) == 1]
    team = list_holders(db, FACILITATOR)
    for gone, kept in [*zip(people[0:20:2], people[1:20:2], strict=True), (team[0], team[1])]:
        gone_id, before = gone.id, _count(db, gone.id)
        assert before > 0
        join_accounts(db, house, gone_id, kept.id, now=now, by_team=True)
        db.commit()
        assert _count(db, gone_id) == 0
        assert gone.email.endswith("@effacee.invalid")
    assert _broken(db) == []

    before = sorted(_texts(db))
    counts = count_due(db, house.all(Retention), now)
    assert sorted(_texts(db)) == before, "a dry run touches nothing"
    assert sweep(db, house.all(Retention), now) == counts
    assert not any(count_due(db, house.all(Retention), now).values())
    assert _broken(db) == []

    said = declared()
    assert {table for table, one in said.items() if one.stays} == {"grade_import", "outbox_message"}
    filled = {table for table, _row in _texts(db)}
    assert {table for table, one in said.items() if one.is_personal} - filled <= UNPLAYED
    leaving = [*people[1:20:2], *people[20:30], team[1]]
    traces = [text for one in leaving for text in (one.email, one.name)]
    for one in leaving:
        leave(db, one.id, house.all(PersonalData), now=now)
        db.commit()
    assert _broken(db) == []
    found = [
        (table, trace, row[:300])
        for table, row in _texts(db)
        for trace in traces
        if trace in row
        and not (table == "outbox_message" and "people_left" in row)  # the goodbye
        and (table == "outbox_message" or not said[table].stays)
    ]
    assert found == []
    assert db.scalar(select(func.count()).select_from(User).where(~User.active)) == 32
