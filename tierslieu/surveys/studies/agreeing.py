"""Saying yes to a study, taking it back, and what that changes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import take_back_mails
from tierslieu.people.models import User
from tierslieu.surveys.models import Invitation, Study
from tierslieu.surveys.queries import list_invitations_of
from tierslieu.surveys.rules import erase_answers, erase_begun
from tierslieu.surveys.studies.models import StudyConsent, StudyRefusal
from tierslieu.surveys.studies.queries import find_consent, find_text
from tierslieu.surveys.studies.reminding import mail_keys


def _proposed(db: Session, study_id: UUID) -> Study:
    """A study that was opened, which nobody closes meanwhile."""
    study = db.get(Study, study_id, with_for_update={"read": True}, populate_existing=True)
    if study is None or not study.has_own_consent or study.opened_at is None:
        raise NotYours
    return study


def agree(
    db: Session, user_id: UUID, study_id: UUID, version: int, *, now: datetime
) -> StudyConsent:
    """Note a yes to the text of the study, whose ``version`` the person read.

    A second yes changes nothing. Raises :class:`NotYours` for a study that proposes itself to
    nobody, :class:`Refused` ``closed``, ``text_changed``.
    """
    lock_for_writing(db)
    study = _proposed(db, study_id)
    if study.closed_at is not None:
        raise Refused(_("Cette étude est terminée : on n’y entre plus."), code="closed")
    db.get(User, user_id, with_for_update=True)  # two yeses of one person pass in turn
    text = find_text(db, study_id)
    assert text is not None
    if text.version != version:
        raise Refused(
            _("Le texte de l’étude vient de changer. Relisez-le, puis décidez."),
            code="text_changed",
        )
    standing = find_consent(db, user_id, study_id)
    if standing is not None:
        if standing.text_id == text.id:
            return standing
        standing.withdrawn_at = now  # a new text was agreed to: the old yes ends here
        db.flush()
    db.execute(
        delete(StudyRefusal).where(
            StudyRefusal.study_id == study_id, StudyRefusal.user_id == user_id
        )
    )
    consent = StudyConsent(user_id=user_id, study_id=study_id, text_id=text.id, given_at=now)
    db.add(consent)
    db.flush()
    return consent


def refuse(db: Session, user_id: UUID, study_id: UUID, *, now: datetime) -> None:
    """Note a no, once: the study is not proposed to this person again.

    Raises :class:`Refused` ``agreed`` where a yes stands, which is taken back otherwise.
    """
    lock_for_writing(db)
    _proposed(db, study_id)
    db.get(User, user_id, with_for_update=True)
    if find_consent(db, user_id, study_id) is not None:
        raise Refused(
            _(
                "Vous aviez dit oui à cette étude. Pour la quitter, choisissez "
                "« Ne plus y prendre part »."
            ),
            code="agreed",
        )
    if db.get(StudyRefusal, (study_id, user_id)) is None:
        db.add(StudyRefusal(study_id=study_id, user_id=user_id, at=now))
        db.flush()


def withdraw(
    db: Session,
    user_id: UUID,
    study_id: UUID,
    key: bytes | None,
    *,
    erases: bool = False,
    now: datetime,
) -> StudyConsent | None:
    """Take a yes back: nothing more is asked, what was begun is erased, the next package is
    without this person. ``erases``: what they sent goes too.

    ``key``: the study's, None once it was destroyed (nothing can be found to erase then). Gives
    the yes, or None when there was none.
    """
    lock_for_writing(db)
    db.get(User, user_id, with_for_update=True)
    standing = find_consent(db, user_id, study_id)
    if standing is None:
        return None
    standing.withdrawn_at = now
    theirs = [one for one in list_invitations_of(db, user_id) if one.wave.study_id == study_id]
    for one in theirs:
        if one.answered_at is None:
            one.declined_at = one.declined_at or now
            if key is not None:
                erase_begun(db, one, key)
            take_back_mails(db, mail_keys(one), now=now)
    if erases and key is not None:
        erase_answers(db, user_id, study_id, key)
        db.flush()
        db.execute(delete(Invitation).where(Invitation.id.in_([one.id for one in theirs])))
    db.flush()
    return standing
