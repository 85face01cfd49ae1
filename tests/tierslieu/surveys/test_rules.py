"""Inviting once, answering in several goes, declining, being forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.surveys import (
    answer,
    answers_for,
    happening,
    make_invitation,
    make_study,
    occasions,
    questionnaire_of,
    settings,
    study_key,
)
from tierslieu import clock
from tierslieu.db import is_sqlite
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.surveys.civil_hours import next_civil_hour
from tierslieu.surveys.instruments.checking import BadAnswers
from tierslieu.surveys.instruments.reading import load_shipped
from tierslieu.surveys.models import Answer, Instrument, Invitation, ResponseSheet, Study
from tierslieu.surveys.pseudonyms import key_file, sheet_key
from tierslieu.surveys.rules import (
    decline,
    erase_answers,
    erase_invitations,
    invite_due,
    save_page,
    shuffle_answers,
)
from tierslieu.surveys.studies.opening import list_without_key, open_study
from tierslieu.web.formats import long_day

pytestmark = pytest.mark.both_databases
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR_BEFORE = NOON - timedelta(hours=1)


def count(db: Session, table: type) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_the_study_opens_with_its_waves_and_a_second_run_changes_nothing(db: Session) -> None:
    study = make_study(db)
    key = study_key(study)
    assert [wave.occasion for wave in study.waves] == [
        "after_session",
        "end_of_path",
        "after_week",
        "end_of_path",
    ]
    make_study(db)
    assert (count(db, Study), count(db, Instrument)) == (1, len(load_shipped()))
    assert study_key(study) == key


def test_a_shipped_questionnaire_that_changed_under_its_version_is_refused(db: Session) -> None:
    make_study(db)
    db.execute(update(Instrument).values(content_sha256="0" * 64))
    with pytest.raises(ValueError, match="new version"):
        open_study(db, settings().keys)


def test_a_lost_key_is_not_replaced_while_answers_stand(db: Session, make: Factory) -> None:
    study = make_study(db)
    answer(db, make_invitation(db, make.user()))
    path = path_of(settings().keys, key_file(study.slug))
    kept = path.read_bytes()
    path.unlink()
    try:
        open_study(db, settings().keys)
        assert not path.exists()
        assert list_without_key(db, settings().keys) == [study.slug]
    finally:
        path.write_bytes(kept)


def test_a_person_is_invited_once_for_each_subject(db: Session, make: Factory) -> None:
    make_study(db)
    user = make.user()
    first, second = happening(user, at=HOUR_BEFORE), happening(user, "Fonctions", at=HOUR_BEFORE)
    assert len(invite_due(db, occasions({"after_session": [first, first, second]}), NOON)) == 2
    assert (
        invite_due(db, occasions({"after_session": [first, second]}), NOON + timedelta(hours=1))
        == []
    )
    assert count(db, Invitation) == count(db, OutboxMessage) == 2


def test_an_occasion_without_a_wave_or_a_closed_study_invites_nobody(
    db: Session, make: Factory
) -> None:
    study = make_study(db)
    user = make.user()
    assert invite_due(db, occasions({"full_moon": [happening(user, at=HOUR_BEFORE)]}), NOON) == []
    study.closed_at = NOON
    db.flush()
    assert (
        invite_due(db, occasions({"after_session": [happening(user, at=HOUR_BEFORE)]}), NOON) == []
    )


def test_someone_whose_account_is_closed_is_not_invited(db: Session, make: Factory) -> None:
    make_study(db)
    gone = make.user(active=False)
    assert (
        invite_due(db, occasions({"after_session": [happening(gone, at=HOUR_BEFORE)]}), NOON) == []
    )


def test_the_invitation_is_mailed_with_its_address_and_without_a_name(
    db: Session, make: Factory
) -> None:
    make_study(db)
    user = make.user(name="Samira Haddad")
    invitation = make_invitation(db, user, now=NOON)
    [mail] = db.scalars(select(OutboxMessage))
    assert (mail.recipient, mail.next_try_at) == (user.email, NOON)
    rendered = render_mail(mail, settings())
    address = f"http://localhost/questionnaire/{invitation.code}"
    assert address in rendered.text
    assert address in rendered.html
    assert "Samira" not in rendered.text + rendered.html + rendered.subject
    assert "3 minutes" in rendered.subject
    assert long_day(invitation.closes_at) in rendered.text


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("2026-11-24T19:59", "2026-11-24T19:59"),  # 20:59 in Paris
        ("2026-11-24T20:00", "2026-11-25T07:00"),  # 21:00: tomorrow at eight
        ("2026-11-25T02:30", "2026-11-25T07:00"),
        ("2026-11-25T06:59", "2026-11-25T07:00"),
        ("2026-11-25T07:00", "2026-11-25T07:00"),
        ("2026-10-24T21:00", "2026-10-25T07:00"),  # the night is an hour longer
        ("2026-06-30T19:30", "2026-07-01T06:00"),
    ],
)
def test_nobody_is_written_to_at_night(written: str, leaves: str) -> None:
    instant = datetime.fromisoformat(written).replace(tzinfo=UTC)
    assert next_civil_hour(instant) == datetime.fromisoformat(leaves).replace(tzinfo=UTC)


def test_a_mail_written_at_night_waits_for_the_morning(db: Session, make: Factory) -> None:
    make_study(db)
    make_invitation(db, make.user(), now=NOON.replace(hour=22))
    [mail] = db.scalars(select(OutboxMessage))
    assert mail.next_try_at == datetime(2026, 11, 25, 7, tzinfo=UTC)


def test_answers_are_kept_page_by_page_and_sent_with_the_last(db: Session, make: Factory) -> None:
    study = make_study(db)
    user = make.user(confirmed_at=NOON - timedelta(days=12))
    invitation = make_invitation(db, user, now=NOON)
    asked, key = questionnaire_of(invitation), study_key(study)
    sheet = save_page(db, invitation.id, key, 0, answers_for(asked, 0, "2"), now=NOON)
    assert (sheet.page, sheet.is_submitted, invitation.answered_at) == (1, False, None)
    save_page(db, invitation.id, key, 1, {"welcome": "5"}, now=NOON)
    later = NOON + timedelta(days=2)
    sheet = save_page(db, invitation.id, key, 2, {"keeps": "Les boucles."}, now=later)
    db.commit()
    assert sheet.is_submitted
    assert invitation.answered_at == later
    assert {a.item: a.value for a in db.scalars(select(Answer))} == {
        "usefulness": "2",
        "clarity": "2",
        "pace": "2",
        "welcome": "5",
        "keeps": "Les boucles.",
    }


def test_an_answer_changed_before_sending_replaces_the_first_and_an_emptied_one_goes(
    db: Session, make: Factory
) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOON)
    key = study_key(study)
    save_page(db, invitation.id, key, 1, {"welcome": "1", "ease": "2"}, now=NOON)
    sheet = save_page(db, invitation.id, key, 1, {"welcome": "5"}, now=NOON, partial=True)
    db.commit()
    assert [(a.item, a.value) for a in sheet.answers] == [("welcome", "5")]


def test_nothing_of_a_page_is_kept_when_one_answer_is_bad(db: Session, make: Factory) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOON)
    with pytest.raises(BadAnswers):
        save_page(
            db, invitation.id, study_key(study), 0,
            {"usefulness": "4", "clarity": "7", "pace": "3"}, now=NOON,
        )  # fmt: skip
    db.commit()
    assert count(db, ResponseSheet) == count(db, Answer) == 0


def test_a_questionnaire_with_a_hole_is_kept_and_not_sent(db: Session, make: Factory) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOON)
    sheet = save_page(db, invitation.id, study_key(study), 2, {}, now=NOON)
    assert not sheet.is_submitted
    assert invitation.answered_at is None


def test_sending_twice_is_refused_kindly(db: Session, make: Factory) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOON)
    answer(db, invitation, value="4", now=NOON)
    with pytest.raises(Refused, match="déjà parvenues"):
        save_page(db, invitation.id, study_key(study), 0, {"usefulness": "1"}, now=NOON)
    with pytest.raises(Refused, match="déjà parvenues"):
        decline(db, invitation.id, study_key(study), now=NOON)
    assert set(db.scalars(select(Answer.value))) == {"4"}


def test_after_its_last_day_a_questionnaire_takes_no_answer(db: Session, make: Factory) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOON)
    late = NOON + timedelta(days=30)
    with pytest.raises(Refused, match="fermé"):
        save_page(db, invitation.id, study_key(study), 0, {}, now=late, partial=True)
    with clock.fixed_at(late - timedelta(seconds=1)):
        save_page(db, invitation.id, study_key(study), 0, {}, now=clock.now(), partial=True)


def test_declining_erases_what_was_begun_and_one_may_still_change_ones_mind(
    db: Session, make: Factory
) -> None:
    study = make_study(db)
    invitation = make_invitation(db, make.user(), now=NOON)
    key = study_key(study)
    save_page(db, invitation.id, key, 1, {"welcome": "2"}, now=NOON)
    decline(db, invitation.id, key, now=NOON)
    db.commit()
    assert invitation.declined_at == NOON
    assert count(db, ResponseSheet) == count(db, Answer) == 0
    answer(db, invitation, now=NOON)
    assert invitation.declined_at is None
    assert invitation.answered_at == NOON


def test_erasing_takes_every_answer_of_that_person_and_nobody_elses(
    db: Session, make: Factory
) -> None:
    study = make_study(db)
    one, other = make.user(), make.user()
    for user in (one, one, other):
        answer(db, make_invitation(db, user, now=NOON), now=NOON)
    assert erase_answers(db, one.id, study.id, study_key(study)) == 2
    erase_invitations(db, one.id)
    db.commit()
    [left] = db.scalars(select(Invitation))
    assert list(db.scalars(select(ResponseSheet.sheet_key))) == [
        sheet_key(study_key(study), left.id)
    ]
    assert set(db.scalars(select(Invitation.user_id))) == {other.id}


def test_no_column_of_the_answers_leads_to_the_person(db: Session, make: Factory) -> None:
    make_study(db)
    user = make.user()
    invitation = make_invitation(db, user, now=NOON)
    answer(db, invitation, now=NOON)
    for table in (ResponseSheet.__table__, Answer.__table__):
        kept = " ".join(str(value) for row in db.execute(select(table)) for value in row)
        for trace in (user.id, user.id.hex, user.email, user.name, invitation.id, invitation.code):
            assert str(trace) not in kept


def test_two_sheets_of_one_person_share_nothing_that_two_of_anybody_do_not(
    db: Session, make: Factory
) -> None:
    # How often and when somebody answered stands beside their name, in the invitations. What links
    # sheets to one another or to a day would lead back to it, without any key.
    make_study(db)
    one, other = make.user(), make.user()
    for user, days in ((one, 1), (one, 30), (other, 5)):
        now = NOON + timedelta(days=days)
        answer(db, make_invitation(db, user, now=now), now=now)
    rows = [row._asdict() for row in db.execute(select(ResponseSheet.__table__))]
    differ = {name for name in rows[0] if len({row[name] for row in rows}) > 1}
    assert differ == {"id", "sheet_key"}


def test_answers_keep_no_order_of_writing(db: Session, make: Factory) -> None:
    make_study(db)
    answer(db, make_invitation(db, make.user(), now=NOON), now=NOON)
    answer(db, make_invitation(db, make.user(), now=NOON), now=NOON)
    assert shuffle_answers(db) == (0 if is_sqlite(db) else 2)
    db.commit()
    for table in ("response_sheet", "answer"):
        if is_sqlite(db):
            with pytest.raises(OperationalError, match="rowid"):
                db.execute(text(f"SELECT rowid FROM {table}"))
            db.rollback()
        else:  # the number of the transaction that wrote: one for all, and no invitation's
            assert db.scalar(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")) == 1
            both = f"SELECT count(*) FROM {table} t JOIN invitation i ON i.xmin = t.xmin"
            assert db.scalar(text(both)) == 0
