"""Corrections of the roll leave a trace: who, whose, from what to what, when, and why."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import said_by
from tests.support.sessions import NOW, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, AttendanceChange, Half, Presence
from tierslieu.attendance.rules import RollEntry, forget_person, note_presence
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
from tierslieu.house import House, Invariant, PersonalData
from tierslieu.people.models import User

# WeasyPrint leaves the closing of its own colour profile to the collector.
pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]
DAY = date(2026, 11, 26)
THEN = NOW + timedelta(days=7, hours=5)  # the session begins
EVENING = clock.to_utc(datetime(2026, 11, 26, 23, 59))  # noqa: DTZ001 - wall time
MIDNIGHT = EVENING + timedelta(minutes=1)
PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED


def note(
    db: Session,
    session: LearningSession,
    actor: User,
    *entries: RollEntry,
    now: datetime = THEN,
    why: str = "",
) -> None:
    note_presence(db, session.id, entries, now=now, actor_id=actor.id, why=why)
    db.commit()


def changes(db: Session) -> list[AttendanceChange]:
    query = select(AttendanceChange).order_by(AttendanceChange.at, AttendanceChange.id)
    return list(db.scalars(query))


def test_the_first_word_is_no_correction_and_the_same_word_twice_neither(
    db: Session, make: Factory
) -> None:
    session, team, user = make_session(db), make.user("facilitator"), make.user()
    for minutes in (0, 5):
        now = THEN + timedelta(minutes=minutes)
        note(db, session, team, RollEntry(PRESENT, user.id), now=now)
    assert changes(db) == []


def test_each_change_keeps_what_was_said_who_changed_it_and_when(
    db: Session, make: Factory
) -> None:
    session, user = make_session(db, online=2), make.user()
    first, second = make.user("facilitator"), make.user("facilitator")
    note(db, session, first, RollEntry(ABSENT, user.id))
    note(db, session, second, RollEntry(PRESENT, user.id), now=THEN + timedelta(minutes=9))
    online = RollEntry(PRESENT, user.id, mode=SeatMode.ONLINE)
    note(db, session, first, online, now=EVENING, why="Lu par personne")
    one, two = changes(db)
    assert (one.was, one.became, one.by_id, one.at) == (
        ABSENT,
        PRESENT,
        second.id,
        THEN + timedelta(minutes=9),
    )
    assert (two.was_mode, two.became_mode) == (SeatMode.ONSITE, SeatMode.ONLINE)
    assert (one.why, two.why) == ("", "")  # on the day itself it needs no reason
    assert one.line.user_id == user.id


def test_after_the_day_a_correction_needs_a_reason_and_nothing_is_written_without(
    db: Session, make: Factory
) -> None:
    session, team, user, other = (
        make_session(db),
        make.user("facilitator"),
        make.user(),
        make.user(),
    )
    note(db, session, team, RollEntry(ABSENT, user.id), RollEntry(PRESENT, other.id))
    note(db, session, team, RollEntry(EXCUSED, user.id), now=EVENING)
    for why in ("", "  "):
        with pytest.raises(Refused, match="Le jour de la séance est passé") as refusal:
            note(db, session, team, RollEntry(PRESENT, user.id), now=MIDNIGHT, why=why)
        assert (refusal.value.code, refusal.value.field) == ("why_needed", "why")
        db.rollback()
    # Nothing changes: nothing to explain.
    note(db, session, team, RollEntry(EXCUSED, user.id), now=MIDNIGHT)
    assert len(changes(db)) == 1
    note(db, session, team, RollEntry(PRESENT, user.id), now=MIDNIGHT, why=" Feuille signée ")
    assert changes(db)[-1].why == "Feuille signée"


def test_whoever_is_added_to_a_called_roll_after_the_day_is_a_correction_too(
    db: Session, make: Factory
) -> None:
    session, team, user = make_session(db), make.user("facilitator"), make.user()
    # A roll never called may be called late, without a reason.
    note(db, session, team, RollEntry(ABSENT, user.id), now=MIDNIGHT)
    assert changes(db) == []
    guest = RollEntry(PRESENT, guest_name="Maëlle", guest_email="m@example.org")
    with pytest.raises(Refused):
        note(db, session, team, guest, now=MIDNIGHT)
    db.rollback()
    note(db, session, team, guest, now=MIDNIGHT, why="Oubliée à l’appel")
    (change,) = changes(db)
    assert (change.was, change.was_mode, change.became) == (None, None, PRESENT)
    # What nobody said of somebody is no correction, and asks for no reason.
    note(db, session, team, RollEntry(ABSENT, make.user().id, is_default=True), now=MIDNIGHT)
    assert len(changes(db)) == 1


def test_the_team_reads_corrections_below_the_roll_and_the_paper_has_none(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    team = make.user("facilitator", name="Nadia Benali")
    user = make.user(name="Ana Roy")
    session = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8)  # noqa: DTZ001
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    note(db, session, team, RollEntry(ABSENT, user.id))
    client.sign_in(team)
    address = f"/agenda/{session.id}/appel"
    form = {"demi": "2026-11-26-pm", "listed": [f"{user.id} absent"], "present": [str(user.id)]}
    with clock.fixed_at(MIDNIGHT + timedelta(days=1)):
        page = client.get(f"{address}?demi=2026-11-26-pm").get_data(as_text=True)
        assert 'name="why"' in page
        assert "correction" not in text_of(client.get(address)).replace("une correction", "")
        answer = client.post(address, data={**form, "why": ""})
        assert answer.status_code == 422
        assert "dites en quelques mots pourquoi" in text_of(answer)
        assert f'value="{user.id}" checked' in answer.get_data(as_text=True)
        why = "Arrivée en retard : la feuille le dit"
        said = text_of(client.post(address, data={**form, "why": why}, follow_redirects=True))
        assert "1 correction" in said
        assert "28 novembre 2026, 0 h" in said
        assert "<strong>Ana Roy</strong>, après-midi<br>absence, puis présence" in said
        assert f"par Nadia Benali · {why}" in said
        client.sign_in(user)
        for end in ("emargement", "emargement.pdf", "appel"):
            assert client.get(f"/agenda/{session.id}/{end}").status_code == 403
        mine = client.get(f"/agenda/presences/{user.id}/attestation.pdf").get_data()
        client.sign_in(team)
        sheets = client.get(f"/agenda/{session.id}/emargement.pdf").get_data()
        page = text_of(client.get(f"/agenda/{session.id}/emargement"))
    for words in (said_by(mine, tmp_path), said_by(sheets, tmp_path), page):
        assert "retard" not in words
        assert "puis présence" not in words
        assert "orrection" not in words


def test_on_the_day_itself_the_roll_asks_for_no_reason(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    note(db, session, make.user("facilitator"), RollEntry(ABSENT, user.id))
    client.sign_in(make.user("facilitator"))
    form = {"listed": [f"{user.id} absent"], "present": [str(user.id)]}
    with clock.fixed_at(EVENING):
        address = f"/agenda/{session.id}/appel"
        assert 'name="why"' not in client.get(address).get_data(as_text=True)
        assert client.post(address, data=form).status_code == 302
    assert len(changes(db)) == 1


def test_a_person_is_given_the_corrections_of_their_lines_and_erased_from_them(
    app: Flask, db: Session, make: Factory
) -> None:
    house: House = app.extensions["tierslieu.house"]
    offer = next(o for o in house.all(PersonalData) if o.name == "attendance")
    session, team = make_session(db), make.user("facilitator", name="Nadia Benali")
    user, other = make.user(), make.user()
    note(db, session, team, RollEntry(ABSENT, user.id), RollEntry(ABSENT, other.id))
    for person in (user, other):
        why = f"Pour {person.name}"
        note(db, session, team, RollEntry(PRESENT, person.id), now=MIDNIGHT, why=why)
    (line,) = offer.export(db, user.id)
    assert line["corrections"] == [
        {
            "was": "absent",
            "was_mode": "onsite",
            "became": "present",
            "became_mode": "onsite",
            "at": MIDNIGHT.isoformat(),
            "by": "Nadia Benali",
            "why": f"Pour {user.name}",
        }
    ]
    forget_person(db, user.id)
    db.commit()
    assert [change.why for change in changes(db)] == ["", f"Pour {other.name}"]
    assert len(changes(db)) == 2  # that it was corrected stays true


def test_the_audit_finds_a_line_that_does_not_say_what_its_corrections_say(
    app: Flask, db: Session, make: Factory
) -> None:
    house: House = app.extensions["tierslieu.house"]
    check = next(o for o in house.all(Invariant) if o.name == "roll_corrections").check
    session, team, user = make_session(db), make.user("facilitator"), make.user()
    halves = ((DAY, Half.AFTERNOON),)
    for presence in (ABSENT, PRESENT, EXCUSED):
        note(db, session, team, RollEntry(presence, user.id, half_days=halves))
    assert (check(db).checked, list(check(db).broken)) == (1, [])
    for wrong in (
        update(Attendance).values(presence=ABSENT),
        update(AttendanceChange).where(AttendanceChange.was == PRESENT).values(was=ABSENT),
    ):
        db.execute(wrong.execution_options(synchronize_session=False))
        db.expire_all()
        assert len(check(db).broken) == 1
        db.rollback()
