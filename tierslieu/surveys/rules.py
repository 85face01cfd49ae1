"""Inviting once, keeping answers under pseudonyms, declining, forgetting."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from tierslieu.db import is_sqlite, lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import Happening, Occasion
from tierslieu.mail.rules import take_back_mails, write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.surveys.civil_hours import next_civil_hour
from tierslieu.surveys.instruments.checking import check_answers
from tierslieu.surveys.instruments.flow import (
    answers_before,
    asked_pages,
    effective_answers,
    first_gap,
)
from tierslieu.surveys.instruments.items import Questionnaire
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Answer, Instrument, Invitation, ResponseSheet, Wave
from tierslieu.surveys.pseudonyms import sheet_key
from tierslieu.surveys.queries import (
    find_sheet,
    list_active_people,
    list_invitations_of,
    list_invited,
    list_open_waves,
)
from tierslieu.surveys.studies.due import Looked, list_due
from tierslieu.surveys.studies.queries import hold_standing, takes_part
from tierslieu.surveys.studies.reminding import mail_keys
from tierslieu.web.formats import long_day


def invite_due(db: Session, occasions: Mapping[str, Occasion], now: datetime) -> list[Invitation]:
    """Invite to every open wave those it concerns now; each (wave, person, subject) once.

    ``occasions``: by their key. A second run does nothing. The mail waits for the morning if it is
    late. Gives the new invitations.
    """
    lock_for_writing(db)
    invited: list[Invitation] = []
    looked: Looked = {}
    for wave in list_open_waves(db):
        happenings = list_due(db, wave, occasions, now, looked)
        if happenings:
            # Two workers at once pass by this row in turn: the second finds everybody invited.
            db.scalar(select(Wave.id).where(Wave.id == wave.id).with_for_update())
            if wave.study.has_own_consent:
                standing = hold_standing(db, wave.study_id)
                happenings = [one for one in happenings if one.user_id in standing]
            happenings.sort(key=lambda h: (h.at, str(h.user_id), h.subject))
            is_ahead = wave.occasion in occasions and occasions[wave.occasion].is_ahead
            invited += _invite_to(db, wave, happenings, now, is_ahead=is_ahead)
    return invited


def _invite_to(
    db: Session, wave: Wave, happenings: Sequence[Happening], now: datetime, *, is_ahead: bool
) -> list[Invitation]:
    seen = list_invited(db, wave.id, sorted({h.subject for h in happenings}))
    people = {p.id: p for p in list_active_people(db, sorted({h.user_id for h in happenings}))}
    questionnaire = read_questionnaire(wave.instrument.content)
    closes_at = now + timedelta(days=wave.open_days)
    invited = []
    for happening in happenings:
        person = people.get(happening.user_id)
        if person is None or (person.id, happening.subject) in seen:
            continue
        seen.add((person.id, happening.subject))
        invitation = Invitation(
            wave=wave,
            user_id=person.id,
            subject=happening.subject,
            label=happening.label,
            occurred_at=happening.at,
            code=secrets.token_urlsafe(18),
            invited_at=now,
            closes_at=min(closes_at, happening.at) if is_ahead else closes_at,
        )
        db.add(invitation)
        invited.append(invitation)
    db.flush()
    for invitation in invited:
        if next_civil_hour(now) >= invitation.closes_at:
            continue  # it would leave once there is nothing to answer: the place alone shows it
        _write_invitation(db, people[invitation.user_id], invitation, questionnaire, now)
    return invited


def _write_invitation(
    db: Session, person: User, invitation: Invitation, questionnaire: Questionnaire, now: datetime
) -> None:
    study = invitation.wave.study
    write_mail(
        db,
        person.email,
        "surveys_invitation",
        {
            "title": questionnaire.title,
            "about": invitation.label,
            "occasion": invitation.wave.occasion,
            "is_later": invitation.wave.delay_days > 7,
            "study": study.title if study.has_own_consent else "",
            "minutes": questionnaire.minutes,
            "path": f"/questionnaire/{invitation.code}",
            "closes_on": in_each(lambda: long_day(invitation.closes_at)),
        },
        now=now,
        due_key=mail_keys(invitation)[0],
        leaves_at=next_civil_hour(now),
    )


def is_closed(invitation: Invitation, now: datetime) -> bool:
    """Whether its last day is over, or its study."""
    closed_at = invitation.wave.study.closed_at
    return invitation.closes_at <= now or (closed_at is not None and closed_at <= now)


def takes_answers(db: Session, invitation: Invitation, now: datetime) -> bool:
    """Whether it can be answered now, by somebody who takes part."""
    study = invitation.wave.study
    return not is_closed(invitation, now) and takes_part(db, study, invitation.user_id)


def _open(db: Session, invitation_id: UUID, now: datetime) -> Invitation:
    """The invitation, held for writing. Raises :class:`Refused` when it takes no answers."""
    lock_for_writing(db)
    invitation = db.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if invitation is None:
        raise NotYours()
    if invitation.answered_at is not None:
        raise Refused(
            _("Vos réponses nous sont déjà parvenues : rien d’autre à faire. Merci."),
            code="already_answered",
        )
    if is_closed(invitation, now):
        raise Refused(
            _("Ce questionnaire est fermé : il n’accepte plus de réponses."), code="closed"
        )
    return invitation


def _sheet_for(db: Session, invitation: Invitation, key: bytes) -> ResponseSheet:
    """The sheet of an invitation, new ones not yet written."""
    found = sheet_key(key, invitation.id)
    sheet = find_sheet(db, found)
    if sheet is None:
        sheet = ResponseSheet(
            wave_id=invitation.wave_id,
            instrument_id=invitation.wave.instrument_id,
            sheet_key=found,
            is_submitted=False,
            page=0,
        )
    return sheet


def save_page(
    db: Session,
    invitation_id: UUID,
    key: bytes,
    number: int,
    values: Mapping[str, str],
    *,
    now: datetime,
    partial: bool = False,
    language: str = "",
) -> ResponseSheet:
    """Keep the answers to page ``number`` (from 0); the last one asked, whole, sends the
    questionnaire, unless a page before waits for an answer (``first_gap``): then it is kept too.

    ``key`` is the study's key. ``partial``: going back or finishing later, so required items may
    wait and nothing is sent. An item left empty loses the answer it had. ``language``: the one it
    was read in. Raises :class:`~tierslieu.surveys.instruments.checking.BadAnswers` and keeps
    nothing if one answer is bad.
    """
    invitation = _open(db, invitation_id, now)
    if not takes_part(db, invitation.wave.study, invitation.user_id):
        raise Refused(
            _("Vous ne prenez pas part à cette étude : elle ne vous demande rien."), code="left"
        )
    # Whoever changes a draft waits until this answer is written, and then finds it frozen.
    instrument = db.get_one(
        Instrument,
        invitation.wave.instrument_id,
        with_for_update={"read": True},
        populate_existing=True,
    )
    questionnaire = read_questionnaire(instrument.content)
    sheet = _sheet_for(db, invitation, key)
    answers = {answer.item: answer.value for answer in sheet.answers}
    before = answers_before(questionnaire, number, answers)
    if number not in asked_pages(questionnaire, answers):
        raise NotYours()
    items = questionnaire.pages[number].items
    kept = check_answers(items, values, before=before, partial=partial)
    db.add(sheet)
    invitation.declined_at = None  # whoever answers after all is welcome
    answers |= {item: value or "" for item, value in kept.items()}
    _write_answers(sheet, kept)
    if not partial:
        answers = {item: value for item, value in answers.items() if value}
        left = [one for one in asked_pages(questionnaire, answers) if one > number]
        sheet.page = max(sheet.page, left[0] if left else number)
        if not left and first_gap(questionnaire, answers) is None:
            _send(questionnaire, invitation, sheet, answers, now)
            take_back_mails(db, mail_keys(invitation), now=now)
    if language in questionnaire.languages:
        sheet.language = language
    db.flush()
    return sheet


def _write_answers(sheet: ResponseSheet, kept: Mapping[str, str | None]) -> None:
    answers = {answer.item: answer for answer in sheet.answers}
    for item, value in kept.items():
        if value is None:
            if item in answers:
                sheet.answers.remove(answers.pop(item))
        elif item in answers:
            answers[item].value = value
        else:
            sheet.answers.append(Answer(item=item, value=value))


def _send(
    questionnaire: Questionnaire,
    invitation: Invitation,
    sheet: ResponseSheet,
    answers: Mapping[str, str],
    now: datetime,
) -> None:
    # What was answered before one went back and chose otherwise is answered no more.
    asked = effective_answers(questionnaire, answers)
    _write_answers(sheet, {item: None for item in answers if item not in asked})
    sheet.is_submitted = True
    invitation.answered_at = now


def decline(db: Session, invitation_id: UUID, key: bytes, *, now: datetime) -> Invitation:
    """«Pas cette fois»: nothing more is asked about this subject, and what was begun is erased."""
    invitation = _open(db, invitation_id, now)
    _erase_sheet(db, sheet_key(key, invitation.id))
    invitation.declined_at = invitation.declined_at or now
    take_back_mails(db, mail_keys(invitation), now=now)
    db.flush()
    return invitation


def _erase_sheet(db: Session, key: str) -> int:
    sheet = find_sheet(db, key)
    if sheet is None:
        return 0
    db.delete(sheet)
    db.flush()
    return 1


def erase_begun(db: Session, invitation: Invitation, key: bytes) -> None:
    """Erase what was begun and not sent."""
    _erase_sheet(db, sheet_key(key, invitation.id))


def erase_answer(db: Session, invitation: Invitation, key: bytes) -> None:
    """Erase what was answered to this one question."""
    _erase_sheet(db, sheet_key(key, invitation.id))


def erase_answers(db: Session, user_id: UUID, study_id: UUID, key: bytes) -> int:
    """Erase everything this person answered in this study, while its key exists; gives how much."""
    lock_for_writing(db)
    erased = 0
    for invitation in list_invitations_of(db, user_id):
        if invitation.wave.study_id == study_id:
            erased += _erase_sheet(db, sheet_key(key, invitation.id))
    return erased


def shuffle_answers(db: Session) -> int:
    """Write every sent sheet again, in an order of chance; gives how many.

    PostgreSQL numbers the transaction that wrote a row (``xmin``) and keeps rows in that order; the
    one that sends a sheet also writes its invitation, so the number would say whose it is. SQLite
    keeps neither for these tables.
    """
    if is_sqlite(db):
        return 0
    sheets = list(db.scalars(select(ResponseSheet.id).where(ResponseSheet.is_submitted.is_(True))))
    keys = list(db.execute(select(Answer.sheet_id, Answer.item).where(Answer.sheet_id.in_(sheets))))
    chance = random.SystemRandom()
    chance.shuffle(sheets)
    chance.shuffle(keys)
    connection = db.connection()
    if sheets:
        connection.execute(
            update(ResponseSheet)
            .where(ResponseSheet.id == bindparam("of"))
            .values(page=ResponseSheet.page),
            [{"of": sheet_id} for sheet_id in sheets],
        )
    if keys:
        connection.execute(
            update(Answer)
            .where(Answer.sheet_id == bindparam("of"), Answer.item == bindparam("asked"))
            .values(value=Answer.value),
            [{"of": sheet_id, "asked": item} for sheet_id, item in keys],
        )
    return len(sheets)


def erase_invitations(db: Session, user_id: UUID) -> None:
    """Forget that this person was ever asked. Erase the answers first, while they can be found."""
    lock_for_writing(db)
    db.execute(delete(Invitation).where(Invitation.user_id == user_id))
