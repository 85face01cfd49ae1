"""Who runs the place sees its jobs and the mails that do not leave, and sets them going again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.admin.works.names import NAMES
from tierslieu.clockwork import JobRun
from tierslieu.house import House, Job
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
    again = client.post(f"{JOBS}/sweep_logbook/relancer", follow_redirects=True).text
    assert "« Effacer du journal ce dont le délai est passé » part dans la minute" in again.replace(
        "\u202f", " "
    )
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
    assert "Au revoir" in page
    assert "people_left" not in page
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


def test_a_mail_that_waits_for_its_hour_says_when_it_leaves(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(email="zoe@example.org")
    morning = clock.now() + timedelta(hours=9)
    mail_to(db, "zoe@example.org", next_try_at=morning)
    client.sign_in(make.user("administrator"))
    for page in (MAILS, f"/administration/personnes/{user.id}/mails"):
        assert re.search(r"· part le [^<]* à \d+\sh", client.get(page).text), page
    assert "· part le" not in client.get(f"{MAILS}/partis").text
    (button,) = re.findall(r"Réessayer<span[^>]*>([^<]*)", client.get(MAILS).text)
    assert button.endswith("z…@example.org")


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


def test_every_job_is_said_in_words_and_no_word_is_left_over(
    app: Flask, make: Factory, client: LookingClient
) -> None:
    house: House = app.extensions["tierslieu.house"]
    assert {job.name for job in house.all(Job)} == set(NAMES)
    client.sign_in(make.user("administrator"))
    page = client.get(JOBS).text
    assert "Offrir à la personne suivante les places restées sans réponse" in page
    assert "offers_over" in page  # as the logs and the metrics call it
    assert "chaque minute" in page
    assert "toutes les 10 minutes" in page


def test_mails_that_left_are_listed_until_they_are_forgotten_with_their_address_masked(
    db: Session, make: Factory, client: LookingClient
) -> None:
    now = clock.now()
    for number in range(27):
        address = f"prune.{number}@example.org"
        mail_to(db, address, sent_at=now - timedelta(minutes=number + 1))
    mail_to(db, "waiting@example.org")
    client.sign_in(make.user("administrator"))
    page = client.get(f"{MAILS}/partis").text
    assert page.count("p…@example.org") == 25
    assert "w…@example.org" not in page
    assert "prune." not in page
    assert "Au revoir" in page
    assert client.get(f"{MAILS}/partis?page=2").text.count("p…@example.org") == 2
    assert "w…@example.org" in client.get(MAILS).text
    with clock.fixed_at(now + timedelta(days=31)):
        run_job(_named(client, "forget_sent_mails"), clock.now())
    assert "Aucun mail n’est parti" in client.get(f"{MAILS}/partis").text


def test_who_administers_reads_which_mails_somebody_was_sent_and_not_what_they_say(
    db: Session, make: Factory, client: LookingClient
) -> None:
    person, other = make.user(email="ada@example.org"), make.user(email="bea@example.org")
    mail_to(db, person.email, sent_at=clock.now())
    reminder = mail_to(db, "reminded@example.org", sent_at=clock.now(), template="surveys_reminder")
    reminder.recipient = person.email  # who has not answered is told so, and nobody else
    db.commit()
    there = f"/administration/personnes/{person.id}"
    client.sign_in(make.user("administrator"))
    assert f'href="{there}/mails"' in client.get(there).text
    page = client.get(f"{there}/mails").text
    assert "Au revoir" in page
    assert "parti" in page
    assert page.count("Parti le") == 1
    assert client.get(f"{MAILS}/partis").text.count("Parti le") == 1
    db.rollback()
    entry = db.scalars(select(LogEntry)).one()
    assert (entry.act, entry.subject_id) == ("mails_read", person.id)
    elsewhere = client.get(f"/administration/personnes/{other.id}/mails").text
    assert "Au revoir" not in elsewhere
    assert "Rien ne lui a été écrit" in elsewhere
    assert client.get(f"/administration/personnes/{uuid4()}/mails").status_code == 404


def _named(client: LookingClient, name: str) -> Job:
    house: House = client.application.extensions["tierslieu.house"]
    return next(job for job in house.all(Job) if job.name == name)
