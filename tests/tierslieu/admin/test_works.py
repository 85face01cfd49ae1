"""Who runs the place sees its jobs and the mails that do not leave, and sets them going again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.clockwork import JobRun
from tierslieu.house import Job
from tierslieu.jobs import run_job
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.models import NEVER, OutboxMessage
from tierslieu.mail.queries import find_due
from tierslieu.mail.rules import write_mail
from tierslieu.mail.sender import MAX_ATTEMPTS

pytestmark = pytest.mark.both_databases
JOBS, MAILS = "/administration/taches", "/administration/mails"


def acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(LogEntry.act).order_by(LogEntry.number)))


def test_a_job_that_failed_is_seen_and_runs_again_when_asked(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    ran: list[datetime] = []

    def fail(session: Session, now: datetime) -> int:
        ran.append(now)
        raise ValueError("Nadia Benali")

    job, now = Job("sweep_logbook", timedelta(days=1), fail), clock.now()
    with pytest.raises(ValueError, match="Nadia"):
        run_job(job, now)
    assert run_job(job, now) is None  # not due for a day
    client.sign_in(make.user("administrator"))
    page = client.get(JOBS).text
    assert "ValueError" in page
    assert "Nadia" not in page
    assert client.post(f"{JOBS}/sweep_logbook/relancer").status_code == 302
    with pytest.raises(ValueError, match="Nadia"):
        run_job(job, now)
    assert len(ran) == 2
    assert acts(db) == ["job_run"]


def test_a_job_under_way_or_unknown_is_not_begun_twice(
    db: Session, make: Factory, client: LookingClient
) -> None:
    now = clock.now()
    db.add(JobRun(name="send_mail", leased_until=now + timedelta(minutes=5), last_started_at=now))
    db.commit()
    client.sign_in(make.user("administrator"))
    answer = client.post(f"{JOBS}/send_mail/relancer", follow_redirects=True)
    assert "en cours" in answer.text
    run = db.get_one(JobRun, "send_mail", populate_existing=True)
    assert run.last_started_at is not None
    assert client.post(f"{JOBS}/rien/relancer").status_code == 404
    assert acts(db) == []


def mail_to(db: Session, address: str, **values: object) -> OutboxMessage:
    write_mail(db, address, "people_left", {}, now=clock.now())
    db.flush()
    found = db.scalars(select(OutboxMessage).where(OutboxMessage.recipient == address)).one()
    for name, value in values.items():
        setattr(found, name, value)
    db.commit()
    return found


def test_the_address_of_a_mail_is_masked_until_it_is_asked_for_and_that_is_written_down(
    db: Session, make: Factory, client: LookingClient
) -> None:
    person = make.user(email="prune.secrete@example.org")
    message = mail_to(db, person.email, last_error="SMTPServerDisconnected", attempts=3)
    number = message.id
    client.sign_in(make.user("administrator"))
    page = client.get(MAILS).text
    assert "people_left" in page
    assert "SMTPServerDisconnected" in page
    assert "p…@example.org" in page
    assert "prune.secrete" not in page
    assert acts(db) == []
    assert "prune.secrete@example.org" in client.post(f"{MAILS}/{number}/destinataire").text
    entry = db.scalars(select(LogEntry)).one()
    assert (entry.act, entry.subject_id) == ("mail_read", person.id)
    assert "prune" not in entry.about


def test_a_mail_that_was_tried_too_often_is_tried_again(
    db: Session, make: Factory, client: LookingClient
) -> None:
    message = mail_to(db, "a@example.org", attempts=MAX_ATTEMPTS, next_try_at=NEVER)
    number = message.id
    assert find_due(db, clock.now(), 5) == []
    db.rollback()
    client.sign_in(make.user("administrator"))
    client.post(f"{MAILS}/{number}/reessayer")
    db.rollback()
    assert [one.id for one in find_due(db, clock.now(), 5)] == [number]
    assert acts(db) == ["mail_retried"]


def test_a_mail_given_up_never_leaves_and_says_nobodys_address(
    db: Session, make: Factory, client: LookingClient
) -> None:
    number = mail_to(db, "a@example.org").id
    client.sign_in(make.user("administrator"))
    client.post(f"{MAILS}/{number}/abandonner")
    db.rollback()
    assert find_due(db, clock.now() + timedelta(days=1), 5) == []
    assert db.get_one(OutboxMessage, number, populate_existing=True).recipient == ""
    assert "Tout est parti" in client.get(MAILS).text
    assert acts(db) == ["mail_given_up"]
    for act in ("destinataire", "reessayer", "abandonner"):
        assert client.post(f"{MAILS}/{number}/{act}").status_code == 404


def test_a_mail_that_is_leaving_now_is_left_alone(
    db: Session, make: Factory, client: LookingClient
) -> None:
    number = mail_to(db, "a@example.org", leased_until=clock.now() + timedelta(minutes=4)).id
    client.sign_in(make.user("administrator"))
    answer = client.post(f"{MAILS}/{number}/abandonner", follow_redirects=True)
    assert "en train de partir" in answer.text
    assert db.get_one(OutboxMessage, number, populate_existing=True).recipient == "a@example.org"
    assert acts(db) == []
