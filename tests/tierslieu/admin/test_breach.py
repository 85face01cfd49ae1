"""After a breach: who is concerned, and whom to write to, in a file for one's own eyes."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tierslieu.admin import commands
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.models import InvitationState, SeatInvitation
from tierslieu.bookings.rules import claim

pytestmark = pytest.mark.both_databases
DAY = timedelta(days=1)


@pytest.fixture
def ask(db: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    @contextmanager
    def here() -> Iterator[Session]:
        yield db

    monkeypatch.setattr(commands, "place", here)

    def run(*arguments: str) -> Result:
        output = ["--output", str(tmp_path / "who.csv")]
        return CliRunner().invoke(commands.breach, [*output, "--json", *arguments])

    return run


def window(since: timedelta, until: timedelta) -> list[str]:
    return ["--since", (NOW + since).isoformat(), "--until", (NOW + until).isoformat()]


def test_who_had_booked_is_concerned_and_who_had_not_is_not(
    db: Session, make: Factory, ask: Any, tmp_path: Path
) -> None:
    here, _away = make.user(name="=Ada", email="ada@example.org"), make.user()
    session = make_session(db)
    claim(db, session.id, here.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    told = json.loads(ask(*window(-DAY, DAY), "--treatment", "bookings").output)
    assert (told["concerned"], told["changed"], told["unreachable"]) == (1, 1, 0)
    assert told["rows"]["booking"] == 1
    file = tmp_path / "who.csv"
    assert file.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert rows == [
        {
            "email": "ada@example.org",
            "name": "'=Ada",
            "account": "yes",
            "changed": "yes",
            "tables": "booking",
        }
    ]
    assert ask(*window(-DAY, DAY)).exit_code == 1, "a file that is there is not written over"


def test_what_came_after_the_window_concerns_nobody_and_what_was_there_before_does(
    db: Session, make: Factory, ask: Any, tmp_path: Path
) -> None:
    claim(db, make_session(db).id, make.user().id, SeatMode.ONSITE, now=NOW)
    db.commit()
    before = json.loads(ask(*window(-2 * DAY, -DAY), "--treatment", "bookings").output)
    assert before["concerned"] == 0
    (tmp_path / "who.csv").unlink()
    after = json.loads(ask(*window(DAY, 2 * DAY), "--treatment", "bookings").output)
    assert (after["concerned"], after["changed"]) == (1, 0)


def test_an_address_without_an_account_is_to_be_written_to_as_well(
    db: Session, make: Factory, ask: Any, tmp_path: Path
) -> None:
    db.add(
        SeatInvitation(
            session_id=make_session(db).id,
            mode=SeatMode.ONSITE,
            email="guest@example.org",
            invited_by_id=make.user().id,
            state=InvitationState.HELD,
            secret_hash="0" * 64,
            created_at=NOW,
            held_until=NOW + DAY,
        )
    )
    db.commit()
    told = json.loads(ask(*window(-DAY, DAY), "--treatment", "bookings").output)
    assert (told["concerned"], told["with_account"]) == (2, 1)
    assert "guest@example.org,,no,yes,seat_invitation" in (tmp_path / "who.csv").read_text()


def test_a_window_or_an_activity_that_makes_no_sense_is_refused_and_writes_nothing(
    db: Session, ask: Any, tmp_path: Path
) -> None:
    assert ask(*window(DAY, DAY)).exit_code == 2
    assert ask("--since", "hier", "--until", "2026-11-28").exit_code == 2
    unknown = ask(*window(-DAY, DAY), "--treatment", "cuisine")
    assert unknown.exit_code == 2
    assert "bookings" in unknown.output
    assert not (tmp_path / "who.csv").exists()
