"""What studies offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.house import PersonalData, TimelineEvent, TimelineSource
from tierslieu.house_joining import Joining
from tierslieu.register import Basis
from tierslieu.surveys.studies.designing import leave_studies
from tierslieu.surveys.studies.models import StudyConsent, StudyRefusal, StudyResearcher
from tierslieu.surveys.studies.queries import list_consents_of, list_refused, list_run_by
from tierslieu.web.written import Theirs


def _events(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Each yes, and each one taken back: for the person alone."""
    for one in list_consents_of(db, user_id):
        url = f"/recherche/{one.study.slug}"
        yield TimelineEvent(
            one.given_at, str(_("Accord donné à une étude")), Theirs(one.study.title), "survey", url
        )
        if one.withdrawn_at is not None:
            yield TimelineEvent(
                one.withdrawn_at, str(_("Accord repris")), Theirs(one.study.title), "survey", url
            )


def _export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    said = [
        {
            "etude": one.study.title,
            "version": one.text.version,
            "accord": one.given_at.isoformat(),
            "repris": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
        }
        for one in list_consents_of(db, user_id)
    ]
    refused = [
        {"etude": one.study.title, "refus": one.at.isoformat()} for one in list_refused(db, user_id)
    ]
    runs = [
        {"etude": one.study.title, "menee_depuis": one.since.isoformat()}
        for one in list_run_by(db, user_id)
    ]
    return [*said, *refused, *runs]


def _erase(db: Session, user_id: UUID) -> None:
    leave_studies(db, user_id, now=clock.now())
    for table in (StudyConsent, StudyRefusal, StudyResearcher):
        db.execute(delete(table).where(table.user_id == user_id))


def _join(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """One yes to a study stands, unless the last word of the two accounts was a no."""
    lock_for_writing(db)
    standing: dict[UUID, StudyConsent] = {}
    noes: dict[UUID, datetime] = {}
    for one in [*list_consents_of(db, kept), *list_consents_of(db, gone)]:
        if one.withdrawn_at is not None:
            noes[one.study_id] = max(one.withdrawn_at, noes.get(one.study_id, one.withdrawn_at))
    for refusal in [*list_refused(db, kept), *list_refused(db, gone)]:
        noes[refusal.study_id] = max(refusal.at, noes.get(refusal.study_id, refusal.at))
    for one in [*list_consents_of(db, kept), *list_consents_of(db, gone)]:
        if one.withdrawn_at is not None:
            continue
        other = standing.get(one.study_id)
        if other is None:
            standing[one.study_id] = one
            continue
        first, later = sorted((one, other), key=lambda yes: (yes.text.version, yes.given_at))
        # The yes to the newer text is the one that counts; of two to the same, the first.
        stays, goes = (later, first) if later.text_id != first.text_id else (first, later)
        goes.withdrawn_at, standing[one.study_id] = now, stays
    for study_id, one in standing.items():
        if study_id in noes and noes[study_id] > one.given_at:
            one.withdrawn_at = noes[study_id]
    db.flush()


OFFERS = (
    Joining(
        "studies",
        doubles=frozenset({"study_refusal", "study_researcher"}),
        tables=frozenset({"study_consent"}),
        join=_join,
    ),
    TimelineSource("studies", _events),
    PersonalData(
        name="studies",
        what=_("Les études auxquelles vous avez dit oui ou non, et celles que vous menez."),
        why=_("N’utiliser vos données que pour ce que vous avez accepté, et pouvoir le prouver."),
        basis=_("Votre accord, que vous pouvez reprendre à tout moment."),
        how_long=_("Jusqu’à la fermeture de votre compte."),
        export=_export,
        erase=_erase,
        treatment="surveys",
        grounds=(Basis.CONSENT,),
    ),
)
