"""The jobs of the place, and the mails that do not leave."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from badges.awards.batches.words import say_hindrance
from tierslieu import clock
from tierslieu.admin.desk import blueprint, house
from tierslieu.admin.works import queries, rules
from tierslieu.admin.works.names import NAMES, often
from tierslieu.clockwork import find_leap
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.house import Job
from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.sender import MAX_ATTEMPTS
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.queries import find_person
from tierslieu.web.access import roles
from tierslieu.web.paging import PER_PAGE, Page, asked_page, long_page

MAIL = "/administration/mails/<uuid:message_id>"
SHOWN = 100  # of the mails to one person


def masked(address: str) -> str:
    """An address by which nobody is told: ``p…@example.org``."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


@blueprint.get("/administration/taches")
@roles(ADMINISTRATOR)
def works() -> str:
    """When each periodic job last ran, with what result; what waits or stopped."""
    session, now = db.session(), clock.now()
    runs = queries.list_runs(session)
    jobs = [(job, runs.get(job.name)) for job in house().all(Job)]
    return render_template(
        "admin/works/jobs.html",
        jobs=sorted(jobs, key=lambda one: not (one[1] and one[1].last_error)),  # those first
        beat=queries.last_beat(session),
        batches=queries.list_batches(session, now),
        packages=queries.list_packages(session, now),
        say_hindrance=say_hindrance,
        names=NAMES,
        often=often,
        leap=find_leap(session, now),
        now=now,
    )


@blueprint.post("/administration/taches/horloge")
@roles(ADMINISTRATOR)
def confirm_clock() -> BaseResponse:
    """The clock is right: what is past its term is forgotten again."""
    rules.confirm_clock(db.session(), now=clock.now())
    db.session.commit()
    flash(
        _("C’est noté : l’heure est juste. Effacements, places proposées et rappels reprennent."),
        "success",
    )
    return redirect(url_for("admin.works"))


@blueprint.post("/administration/taches/<string:name>/relancer")
@roles(ADMINISTRATOR)
def run_again(name: str) -> BaseResponse:
    """Have a job run within a minute."""
    rules.run_again(db.session(), name, now=clock.now())
    db.session.commit()
    job = NAMES.get(name, name)
    flash(_("C’est demandé : la tâche « %(name)s » part dans la minute.", name=job), "success")
    return redirect(url_for("admin.works"))


def _mails(shown: UUID | None = None, address: str = "") -> str:
    session, number = db.session(), asked_page()
    found = queries.list_unsent(session, (number - 1) * PER_PAGE, PER_PAGE)
    return render_template(
        "admin/works/mails.html",
        page=Page(found, number, queries.count_unsent(session)),
        masked=masked,
        shown=shown,
        address=address,
        most=MAX_ATTEMPTS,
        kinds=KINDS,
        now=clock.now(),
    )


@blueprint.get("/administration/mails")
@roles(ADMINISTRATOR)
def mails() -> str:
    """Mails that wait or failed; to whom is masked."""
    return _mails()


@blueprint.get("/administration/mails/partis")
@roles(ADMINISTRATOR)
def sent_mails() -> str:
    """Mails that left, until they are forgotten; to whom is masked."""
    session, number = db.session(), asked_page()
    found = queries.list_sent(session, (number - 1) * PER_PAGE, PER_PAGE + 1)
    return render_template(
        "admin/works/sent.html",
        page=long_page(found, number, queries.count_sent(session)),
        masked=masked,
        kinds=KINDS,
    )


@blueprint.get("/administration/personnes/<uuid:user_id>/mails")
@roles(ADMINISTRATOR)
def mails_to(user_id: UUID) -> str:
    """What was written to one person: which mails, and whether they left; not what they say. That
    it was read is written down."""
    session = db.session()
    person = find_person(session, user_id)
    if person is None:
        raise NotYours
    now = clock.now()
    found = rules.read_mails_to(session, person, SHOWN, now=now)
    session.commit()
    return render_template(
        "admin/works/mails_to.html",
        person=person,
        mails=found,
        shown=SHOWN,
        most=MAX_ATTEMPTS,
        kinds=KINDS,
        now=now,
    )


@blueprint.post(f"{MAIL}/destinataire")
@roles(ADMINISTRATOR)
def mail_recipient(message_id: UUID) -> str:
    """The same page, one address of it shown; written down, and in no address of ours."""
    address = rules.read_recipient(db.session(), message_id, now=clock.now())
    db.session.commit()
    return _mails(message_id, address)


@blueprint.post(f"{MAIL}/reessayer")
@roles(ADMINISTRATOR)
def retry_mail(message_id: UUID) -> BaseResponse:
    """Try a mail again."""
    rules.retry_mail(db.session(), message_id, now=clock.now())
    db.session.commit()
    flash(_("Ce mail part dans la minute."), "success")
    return redirect(url_for("admin.mails"))


@blueprint.post(f"{MAIL}/abandonner")
@roles(ADMINISTRATOR)
def give_up_mail(message_id: UUID) -> BaseResponse:
    """Give a mail up."""
    rules.give_up_mail(db.session(), message_id, now=clock.now())
    db.session.commit()
    flash(_("Ce mail ne partira pas."), "success")
    return redirect(url_for("admin.mails"))
