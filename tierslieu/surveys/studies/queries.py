"""Every SELECT of what studies say, who agreed, and who runs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from courses.enrolments.models import Enrolment, EnrolmentStatus
from tierslieu.people.queries import list_research_participants, research_participants
from tierslieu.surveys.models import Invitation, Study, Wave
from tierslieu.surveys.studies.models import (
    StudyConsent,
    StudyRefusal,
    StudyResearcher,
    StudyText,
)


def find_text(db: Session, study_id: UUID) -> StudyText | None:
    """What one agrees to now: the last text that was published."""
    return db.scalar(
        select(StudyText)
        .where(StudyText.study_id == study_id, StudyText.published_at.is_not(None))
        .order_by(StudyText.version.desc())
        .limit(1)
    )


def find_draft_text(db: Session, study_id: UUID) -> StudyText | None:
    """The text that is being written."""
    return db.scalar(
        select(StudyText).where(StudyText.study_id == study_id, StudyText.published_at.is_(None))
    )


def list_texts(db: Session, study_id: UUID) -> Sequence[StudyText]:
    """Every published text, the last first."""
    return db.scalars(
        select(StudyText)
        .where(StudyText.study_id == study_id, StudyText.published_at.is_not(None))
        .order_by(StudyText.version.desc())
    ).all()


def least_version(db: Session, study_id: UUID) -> int:
    """The first version a yes may be to and still stand: the last one that asked anew, else any."""
    return (
        db.scalar(
            select(func.max(StudyText.version)).where(
                StudyText.study_id == study_id,
                StudyText.asks_anew.is_(True),
                StudyText.published_at.is_not(None),
            )
        )
        or 1
    )


def find_consent(db: Session, user_id: UUID, study_id: UUID) -> StudyConsent | None:
    """The yes of this person that was not taken back."""
    return db.scalar(
        select(StudyConsent)
        .where(
            StudyConsent.user_id == user_id,
            StudyConsent.study_id == study_id,
            StudyConsent.withdrawn_at.is_(None),
        )
        .options(joinedload(StudyConsent.text))
    )


def list_consents_of(db: Session, user_id: UUID) -> Sequence[StudyConsent]:
    """Every yes of this person to a study, taken back or not, the first first."""
    return db.scalars(
        select(StudyConsent)
        .where(StudyConsent.user_id == user_id)
        .options(joinedload(StudyConsent.study), joinedload(StudyConsent.text))
        .order_by(StudyConsent.given_at, StudyConsent.id)
    ).all()


def takes_part(db: Session, study: Study, user_id: UUID) -> bool:
    """Whether this person may be asked by the study: a yes stands, if it wants one of its own."""
    if not study.has_own_consent:
        return True
    consent = find_consent(db, user_id, study.id)
    return consent is not None and consent.text.version >= least_version(db, study.id)


def _stands(db: Session, study_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """What a yes to this study (joined to its text) fulfils while it stands."""
    return (
        StudyConsent.study_id == study_id,
        StudyConsent.withdrawn_at.is_(None),
        StudyText.version >= least_version(db, study_id),
    )


def _whose_yes_stands(db: Session, study_id: UUID) -> Select[UUID]:
    return select(StudyConsent.user_id).join(StudyConsent.text).where(*_stands(db, study_id))


def participants_of(db: Session, study: Study) -> Select[UUID]:
    """Whose data may leave with this study now, as a query for others to build on."""
    if not study.has_own_consent:
        return research_participants()
    return _whose_yes_stands(db, study.id)


def hold_standing(db: Session, study_id: UUID) -> set[UUID]:
    """Whose yes stands, held until this transaction ends: nobody takes theirs back meanwhile."""
    query = _whose_yes_stands(db, study_id).order_by(StudyConsent.user_id)
    return set(db.scalars(query.with_for_update(read=True, of=StudyConsent)))


def list_entries(db: Session, study_id: UUID) -> dict[UUID, datetime]:
    """Since when each person whose yes stands takes part: their first yes without a no after it.
    One said to another text at the instant the one before ended goes on from it."""
    rows = db.execute(
        select(StudyConsent.user_id, StudyConsent.given_at)
        .join(StudyConsent.text)
        .where(*_stands(db, study_id))
        .order_by(StudyConsent.user_id)
    )
    standing = {row[0]: row[1] for row in rows}
    ended = db.execute(
        select(StudyConsent.user_id, StudyConsent.given_at, StudyConsent.withdrawn_at)
        .where(StudyConsent.study_id == study_id, StudyConsent.withdrawn_at.is_not(None))
        .order_by(StudyConsent.withdrawn_at.desc(), StudyConsent.id)
    )
    for user_id, given_at, withdrawn_at in ended:
        if standing.get(user_id) == withdrawn_at:
            standing[user_id] = given_at
    return standing


def list_participants(db: Session, study: Study) -> list[UUID]:
    """Whose data may leave with this study now, each once."""
    if not study.has_own_consent:
        return list_research_participants(db)
    return list(db.scalars(_whose_yes_stands(db, study.id).order_by(StudyConsent.user_id)))


def list_text_participants(db: Session, study: Study) -> list[UUID]:
    """Those of them whose yes is to a text that says written answers may be let out; the agreement
    given with the account, on which the place's study rests, does not say so."""
    if not study.has_own_consent:
        return []
    query = _whose_yes_stands(db, study.id).where(StudyText.allows_texts.is_(True))
    return list(db.scalars(query.order_by(StudyConsent.user_id)))


def allows_texts(db: Session, study: Study) -> bool:
    """Whether a text to which a yes may stand says that written answers may be let out."""
    if not study.has_own_consent:
        return False
    found = select(StudyText.id).where(
        StudyText.study_id == study.id,
        StudyText.published_at.is_not(None),
        StudyText.version >= least_version(db, study.id),
        StudyText.allows_texts.is_(True),
    )
    return db.scalar(found.limit(1)) is not None


def list_agreed_texts(db: Session, study_id: UUID) -> Sequence[StudyText]:
    """The texts to which a yes stands, the first first."""
    agreed = select(StudyConsent.text_id).join(StudyConsent.text).where(*_stands(db, study_id))
    return db.scalars(
        select(StudyText).where(StudyText.id.in_(agreed)).order_by(StudyText.version)
    ).all()


def list_researchers(db: Session, study_id: UUID) -> Sequence[StudyResearcher]:
    """Who runs the study, who came first first."""
    return db.scalars(
        select(StudyResearcher)
        .where(StudyResearcher.study_id == study_id)
        .options(joinedload(StudyResearcher.user))
        .order_by(StudyResearcher.since, StudyResearcher.user_id)
    ).all()


def may_research(db: Session, study: Study, user_id: UUID) -> bool:
    """Whether somebody who researches has the answers of this study: the place's are for all."""
    if not study.has_own_consent:
        return True
    return db.get(StudyResearcher, (study.id, user_id)) is not None


def list_run_by(db: Session, user_id: UUID) -> Sequence[StudyResearcher]:
    """The studies this person runs."""
    return db.scalars(
        select(StudyResearcher)
        .where(StudyResearcher.user_id == user_id)
        .options(joinedload(StudyResearcher.study))
        .order_by(StudyResearcher.since, StudyResearcher.study_id)
    ).all()


def list_proposed(db: Session, user_id: UUID) -> Sequence[Study]:
    """The open studies this person may take part in: about no path, or about one they follow."""
    follows = exists().where(
        Enrolment.path_id == Study.path_id,
        Enrolment.user_id == user_id,
        Enrolment.status != EnrolmentStatus.STOPPED,
    )
    return db.scalars(
        select(Study)
        .where(
            Study.has_own_consent.is_(True),
            Study.opened_at.is_not(None),
            Study.closed_at.is_(None),
            Study.path_id.is_(None) | follows,
        )
        .order_by(Study.opened_at, Study.id)
    ).all()


def list_refused(db: Session, user_id: UUID) -> Sequence[StudyRefusal]:
    """What this person said no to, the first first."""
    return db.scalars(
        select(StudyRefusal)
        .where(StudyRefusal.user_id == user_id)
        .options(joinedload(StudyRefusal.study))
        .order_by(StudyRefusal.at, StudyRefusal.study_id)
    ).all()


def find_study(db: Session, study_id: UUID) -> Study | None:
    """One study with its waves, their instruments, and its path."""
    return db.scalar(
        select(Study)
        .where(Study.id == study_id)
        .options(selectinload(Study.waves).joinedload(Wave.instrument), joinedload(Study.path))
    )


def list_asked_waves(db: Session, study_id: UUID) -> set[UUID]:
    """The waves of a study by which somebody was invited."""
    asked = select(Invitation.id).where(Invitation.wave_id == Wave.id).exists()
    return set(
        db.scalars(select(Wave.id).where(Wave.study_id == study_id, asked).order_by(Wave.id))
    )


def was_asked(db: Session, wave_id: UUID) -> bool:
    """Whether anybody was invited to this wave."""
    return (
        db.scalar(select(Invitation.id).where(Invitation.wave_id == wave_id).limit(1)) is not None
    )


def list_to_remind(db: Session, now: datetime) -> Sequence[Invitation]:
    """Invitations that may still be answered and have reminders left, held for writing."""
    return db.scalars(
        select(Invitation)
        .join(Invitation.wave)
        .join(Wave.study)
        .where(
            Invitation.answered_at.is_(None),
            Invitation.declined_at.is_(None),
            Invitation.closes_at > now,
            Invitation.reminded < Wave.reminders,
            Wave.retired_at.is_(None),
            Study.closed_at.is_(None),
        )
        .options(
            joinedload(Invitation.wave).joinedload(Wave.instrument),
            joinedload(Invitation.wave).joinedload(Wave.study),
        )
        .order_by(Invitation.invited_at, Invitation.id)
        .with_for_update(of=Invitation, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def list_open_mails(db: Session, study_id: UUID) -> Sequence[Invitation]:
    """The invitations of a study that nobody answered or declined."""
    return db.scalars(
        select(Invitation)
        .join(Invitation.wave)
        .where(
            Wave.study_id == study_id,
            Invitation.answered_at.is_(None),
            Invitation.declined_at.is_(None),
        )
        .order_by(Invitation.id)
    ).all()
