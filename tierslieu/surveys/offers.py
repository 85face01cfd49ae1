"""What surveys offer: who waits for an answer, invitations in time, one's own data, the figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house import (
    Card,
    Check,
    Figure,
    Finding,
    HomeCard,
    House,
    Indicator,
    Invariant,
    Job,
    Occasion,
    PersonalData,
    Scene,
    Setup,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.people.models import LEARNER
from tierslieu.register import Basis
from tierslieu.settings import Settings
from tierslieu.surveys import queries, rules
from tierslieu.surveys.instruments.reading import content_hash, read_questionnaire
from tierslieu.surveys.joining import join_surveys
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import has_key, read_key
from tierslieu.surveys.scenes import play
from tierslieu.surveys.studies import offers as studies
from tierslieu.surveys.studies.opening import AFTER_SESSION, list_without_key, open_study
from tierslieu.surveys.studies.reminding import remind_due
from tierslieu.web.languages import current
from tierslieu.web.written import Theirs


def _settings() -> Settings:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def _set_up(db: Session, settings: Settings) -> None:
    open_study(db, settings.keys)


def _invite(db: Session, now: datetime) -> int:
    house: House = current_app.extensions["tierslieu.house"]
    invited = rules.invite_due(db, {one.key: one for one in house.all(Occasion)}, now)
    return len(invited) + remind_due(db, now)


def _shuffle(db: Session, now: datetime) -> int:
    return rules.shuffle_answers(db)


def _waiting(db: Session, user_id: UUID, now: datetime) -> Iterator[Card]:
    waiting = queries.list_waiting(db, user_id, now)
    if not waiting:
        return
    first = waiting[0]
    questionnaire = read_questionnaire(first.wave.instrument.content, current())
    yield Card(
        "surveys/_card_waiting.html",
        {
            "title": questionnaire.title,
            "language": questionnaire.language,
            "about": first.label,
            "occurred_at": first.occurred_at,
            "is_session": first.wave.occasion == AFTER_SESSION,
            "minutes": questionnaire.minutes,
            "code": first.code,
            "more": len(waiting) - 1,
        },
        urgency=40,
        span=6,
        tone="ask",
    )


def _events(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """What one answered, and what one may still answer: for the person alone."""
    for waiting in queries.list_waiting(db, user_id, now):
        words = str(_("Questionnaire à remplir avant ce jour"))
        url = f"/questionnaire/{waiting.code}"
        yield TimelineEvent(waiting.closes_at, words, Theirs(waiting.label), "survey", url)
    for invitation in queries.list_invitations_of(db, user_id):
        if invitation.answered_at is not None:
            yield TimelineEvent(
                invitation.answered_at,
                str(_("Questionnaire rempli")),
                Theirs(invitation.label),
                "survey",
            )


def _export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "etude": invitation.wave.study.title,
            "vague": invitation.wave.title,
            "objet": invitation.label,
            "invitation": invitation.invited_at.isoformat(),
            "fermeture": invitation.closes_at.isoformat(),
            "reponse": invitation.answered_at.isoformat() if invitation.answered_at else None,
            "refus": invitation.declined_at.isoformat() if invitation.declined_at else None,
        }
        for invitation in queries.list_invitations_of(db, user_id)
    ]


def _erase(db: Session, user_id: UUID) -> None:
    folder = _settings().keys
    for study in queries.list_studies(db):
        if has_key(folder, study.slug):
            rules.erase_answers(db, user_id, study.id, read_key(folder, study.slug))
    rules.erase_invitations(db, user_id)


def _join(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    folder = _settings().keys

    def read(study: Study) -> bytes | None:
        return read_key(folder, study.slug) if has_key(folder, study.slug) else None

    join_surveys(db, gone, kept, now, read)


def _answer_rate(db: Session, since: datetime, until: datetime) -> Figure:
    return Figure(*queries.count_rates(db, since, until))


def _sheets_match(db: Session) -> Finding:
    answered, submitted = queries.count_answered(db), queries.count_submitted(db)
    broken = [
        f"wave {wave}: {submitted.get(wave, 0)} sheets for {answered.get(wave, 0)} answers"
        for wave in sorted({*answered, *submitted}, key=str)
        if submitted.get(wave, 0) != answered.get(wave, 0)
    ]
    return Finding(sum(submitted.values()), broken)


def _unchanged(db: Session) -> Finding:
    instruments = queries.list_instruments(db)
    broken = [
        f"{one.slug} version {one.version}"
        for one in instruments
        if content_hash(one.content) != one.content_sha256
    ]
    return Finding(len(instruments), broken)


def _keys_there(db: Session, now: datetime) -> str | None:
    missing = list_without_key(db, _settings().keys)
    return f"the key of the study {', '.join(missing)} is missing" if missing else None


OFFERS = (
    *studies.OFFERS,
    Joining("surveys", tables=frozenset({"invitation"}), join=_join),
    HomeCard("survey_waiting", frozenset({LEARNER}), _waiting),
    TimelineSource("surveys", _events),
    PersonalData(
        name="surveys",
        what=_(
            "Les questionnaires qui vous ont été proposés, et si vous y avez répondu. Vos réponses "
            "sont ailleurs, sous un pseudonyme : personne ne peut les lire à côté de votre nom."
        ),
        why=_(
            "Ne vous proposer chaque questionnaire qu’une fois, "
            "et savoir combien de personnes répondent."
        ),
        basis=_(
            "Mission d’intérêt public ; votre accord pour l’usage de vos réponses en recherche."
        ),
        how_long=_(
            "Jusqu’à la fermeture de votre compte. La clé qui relie pseudonyme et personne est "
            "détruite à la fin de l’étude ; jusque-là, tout effacer efface aussi vos réponses."
        ),
        export=_export,
        erase=_erase,
        treatment="surveys",
        grounds=(
            Basis.PUBLIC_TASK,
            Basis.CONSENT,
        ),
    ),
    Indicator(
        "survey_answers",
        _("Personnes qui répondent aux questionnaires"),
        _(
            "Parmi les personnes à qui un questionnaire a été proposé pendant la période, celles "
            "qui ont répondu à l’un d’eux au moins ; chacune compte une fois."
        ),
        _answer_rate,
    ),
    Invariant("surveys.sheets", "Autant de feuilles remises que de réponses notées", _sheets_match),
    Invariant("surveys.instruments", "Aucun questionnaire n’a changé sous sa version", _unchanged),
    Check("study_keys", _keys_there),
    Job("invite_to_answer", timedelta(minutes=15), _invite),
    Job("shuffle_answers", timedelta(hours=12), _shuffle, by_any_clock=True),
    Setup("surveys", _set_up),
    Scene("surveys", play),
)
