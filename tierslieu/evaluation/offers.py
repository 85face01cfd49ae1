"""What evaluation offers: the studies to who researches, the month to who coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.disclosure import explain
from tierslieu.evaluation.free_text.queries import list_requests_of, list_waiting_for
from tierslieu.evaluation.free_text.rules import forget_person
from tierslieu.evaluation.kept.jobs import FORGETTING, JOB
from tierslieu.evaluation.kept.queries import list_asked_by, list_to_keep
from tierslieu.evaluation.kept.rules import forget_in_packages, package_file
from tierslieu.evaluation.nightly.jobs import JOB as NIGHTLY
from tierslieu.evaluation.nightly.reading import show_month, show_rates
from tierslieu.evaluation.participants.showing import list_waiting
from tierslieu.evaluation.queries import list_downloads_of
from tierslieu.evaluation.rules import erase_downloader
from tierslieu.house import Card, HomeCard, House, PersonalData
from tierslieu.house_files import KeptFiles
from tierslieu.house_joining import Joining
from tierslieu.people.models import ADMINISTRATOR, COORDINATOR, LEARNER, RESEARCHER
from tierslieu.register import Basis
from tierslieu.surveys.queries import list_studies
from tierslieu.surveys.studies.queries import may_research

FIRST_FIGURES = 4  # on the first page; the others stand on their own page


def _studies(db: Session, user_id: UUID, now: datetime) -> Iterator[Card]:
    open_ones = [
        study
        for study in list_studies(db)
        if study.opened_at is not None
        and study.closed_at is None
        and may_research(db, study, user_id)
    ]
    if open_ones:
        shown, kept = show_rates(db, open_ones)
        context = {"studies": shown, "kept": kept, "explain": explain}
        yield Card("evaluation/_card_studies.html", context, urgency=10, span=12)


def _proposed(db: Session, user_id: UUID, now: datetime) -> Iterator[Card]:
    """A study that waits for one's yes or no."""
    waiting = list_waiting(db, user_id)
    if waiting:
        first = waiting[0]
        context = {"study": first.study, "is_anew": first.is_anew, "more": len(waiting) - 1}
        yield Card("evaluation/_card_studies_proposed.html", context, urgency=42, span=6)


def _texts(db: Session, user_id: UUID, now: datetime) -> Iterator[Card]:
    """Free texts that wait to be read."""
    waiting = list_waiting_for(db, user_id)
    if waiting:
        context = {"request": waiting[0], "more": len(waiting) - 1}
        yield Card("evaluation/free_text/_card.html", context, urgency=45, span=6, tone="ask")


def _figures(db: Session, user_id: UUID, now: datetime) -> Iterator[Card]:
    house: House = current_app.extensions["tierslieu.house"]
    found = show_month(db, house, now, FIRST_FIGURES)
    if found.figures:
        context = {"figures": found.figures, "month": found.month.name, "kept": found.kept}
        yield Card("evaluation/_card_figures.html", context, urgency=20, span=12)


def _export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    asked = [
        {"etude": one.study.title, "demande": one.asked_at.isoformat(), "sha256": one.sha256}
        for one in list_asked_by(db, user_id)
    ]
    taken = [
        {"etude": one.study.title, "date": one.at.isoformat(), "sha256": one.sha256}
        for one in list_downloads_of(db, user_id)
    ]
    texts = [
        {
            "etude": one.study.title,
            "demande": one.asked_at.isoformat(),
            "reponse": one.decided_at.isoformat() if one.decided_at else None,
        }
        for one in list_requests_of(db, user_id)
    ]
    return [*asked, *taken, *texts]


def _erase(db: Session, user_id: UUID) -> None:
    forget_in_packages(db, user_id, now=clock.now())
    erase_downloader(db, user_id)
    forget_person(db, user_id)


def _kept_files(db: Session) -> Iterator[tuple[str, str]]:
    for sha256 in list_to_keep(db):
        yield package_file(sha256), sha256


OFFERS = (
    JOB,
    FORGETTING,
    NIGHTLY,
    HomeCard("studies", frozenset({RESEARCHER}), _studies),
    KeptFiles("packages", lambda settings: settings.packages, _kept_files),
    Joining("evaluation", doubles=frozenset({"package_participant"})),
    HomeCard("studies_proposed", frozenset({LEARNER}), _proposed),
    HomeCard("texts_to_read", frozenset({COORDINATOR}), _texts),
    HomeCard("figures_of_the_month", frozenset({COORDINATOR, ADMINISTRATOR}), _figures),
    PersonalData(
        name="evaluation",
        what=_(
            "Les paquets de données de recherche que vous avez demandés ou téléchargés, les "
            "réponses écrites que vous avez demandées ou laissées sortir, et quand."
        ),
        why=_("Savoir quelles données pseudonymisées sont sorties, et par qui."),
        basis=_("Obligation légale de sécurité des données."),
        how_long=_("Le temps de l’étude ; votre nom en est retiré si vous fermez votre compte."),
        export=_export,
        erase=_erase,
        treatment="security",
        grounds=(Basis.LEGAL_DUTY,),
    ),
)
