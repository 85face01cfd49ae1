"""Designing a study: what it is, what it says, its waves, who runs it; opening and closing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import Occasion
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.models import RESEARCHER
from tierslieu.people.queries import find_user
from tierslieu.store.shelf import Shelf
from tierslieu.surveys.editing.rules import make_name
from tierslieu.surveys.instruments.reading import check_names, find_faults, read_questionnaire
from tierslieu.surveys.models import Instrument, Study, Wave
from tierslieu.surveys.pseudonyms import destroy_key, make_key
from tierslieu.surveys.queries import list_studies
from tierslieu.surveys.studies.due import ENTRY
from tierslieu.surveys.studies.models import StudyResearcher, StudyText
from tierslieu.surveys.studies.queries import (
    find_draft_text,
    find_text,
    list_researchers,
    list_run_by,
    was_asked,
)
from tierslieu.surveys.studies.reminding import silence
from tierslieu.surveys.studies.words import first_words, to_write

MOST_WAVES = 20


@dataclass(frozen=True)
class StudyFacts:
    """What a study says of itself. ``responsible``: who answers for it, with a contact."""

    title: str
    description: str
    responsible: str
    path_id: UUID | None


@dataclass(frozen=True)
class WaveFacts:
    """What a wave asks, of whom, when. Days, and reminders at most."""

    title: str
    occasion: str
    delay_days: int
    instrument_id: UUID
    open_days: int
    reminders: int
    remind_every_days: int


def _hold(db: Session, study_id: UUID) -> Study:
    """The study, held for writing. Raises :class:`NotYours` for none, or for the place's own."""
    lock_for_writing(db)
    study = db.get(Study, study_id, with_for_update=True, populate_existing=True)
    if study is None or not study.has_own_consent:
        raise NotYours
    return study


def _hold_living(db: Session, study_id: UUID) -> Study:
    study = _hold(db, study_id)
    if study.closed_at is not None:
        raise Refused(_("Cette étude est close : elle ne change plus."), code="closed")
    return study


def begin_study(db: Session, title: str, user_id: UUID, *, now: datetime) -> Study:
    """The draft of a study which this person runs; its text is begun."""
    lock_for_writing(db)
    stem = make_name(title, "-", 40) or "etude"
    known = {one.slug for one in list_studies(db)}
    slug, number = stem, 2
    while slug in known:
        slug, number = f"{stem}-{number}", number + 1
    study = Study(slug=slug, title=title, has_own_consent=True, created_at=now)
    try:
        with db.begin_nested():
            db.add(study)
    except IntegrityError:
        raise Refused(
            _("Quelqu’un commence une étude du même nom à l’instant. Recommencez."),
            code="slug_taken",
        ) from None
    db.add(StudyResearcher(study_id=study.id, user_id=user_id, since=now))
    db.add(StudyText(study_id=study.id, version=1, body=first_words()))
    db.flush()
    return study


def describe_study(db: Session, study_id: UUID, facts: StudyFacts) -> Study:
    """Say what a study is. Once it is open its path stays: people agreed to that.

    Raises :class:`Refused` ``closed``, ``path_settled``.
    """
    study = _hold_living(db, study_id)
    if study.opened_at is not None and facts.path_id != study.path_id:
        raise Refused(
            _("L’étude est ouverte : le parcours sur lequel elle porte ne change plus."),
            code="path_settled",
            field="path",
        )
    study.title, study.description = facts.title, facts.description
    study.responsible, study.path_id = facts.responsible, facts.path_id
    db.flush()
    return study


def write_text(db: Session, study_id: UUID, body: str, *, allows_texts: bool = False) -> StudyText:
    """Keep what the text says for now; nobody is asked to agree to it before it is published.

    ``allows_texts``: it also says that written answers may be let out once they were read.
    """
    _hold_living(db, study_id)
    draft = find_draft_text(db, study_id)
    if draft is None:
        last = find_text(db, study_id)
        assert last is not None
        draft = StudyText(study_id=study_id, version=last.version + 1, body=body)
        db.add(draft)
    draft.body, draft.allows_texts = body, allows_texts
    db.flush()
    return draft


def publish_text(db: Session, study_id: UUID, *, asks_anew: bool, now: datetime) -> StudyText:
    """From now on one agrees to this text. ``asks_anew``: those who agreed to another do not take
    part until they agree to this one.

    Raises :class:`Refused` ``nothing_written``, ``not_open`` (opening publishes the first).
    """
    study = _hold_living(db, study_id)
    draft = find_draft_text(db, study_id)
    if study.opened_at is None:
        raise Refused(_("Le premier texte paraît avec l’ouverture de l’étude."), code="not_open")
    if draft is None:
        raise Refused(_("Il n’y a pas de nouveau texte à publier."), code="nothing_written")
    draft.published_at, draft.asks_anew = now, asks_anew
    if asks_anew:
        silence(db, study_id, now=now)
    db.flush()
    return draft


def _checked(
    db: Session, study: Study, slug: str, facts: WaveFacts, occasions: Mapping[str, Occasion]
) -> Instrument:
    if facts.occasion != ENTRY and facts.occasion not in occasions:
        raise Refused(_("Cette occasion n’existe pas ici."), code="bad_wave", field="occasion")
    occasion = occasions.get(facts.occasion)
    if occasion is not None and occasion.is_ahead and facts.delay_days < 1:
        raise Refused(
            _("Ce qui se demande avant se demande au moins un jour avant."),
            code="bad_wave",
            field="delay_days",
        )
    # Whoever changes this questionnaire waits, and then finds that a wave asks it.
    instrument = db.get(Instrument, facts.instrument_id, with_for_update=True)
    if instrument is None:
        raise Refused(_("Ce questionnaire n’est plus là."), code="bad_wave", field="instrument")
    faults = find_faults(instrument.content)
    if faults:
        raise Refused(
            _("Ce questionnaire n’est pas prêt : %(why)s", why=faults[0]),
            code="bad_wave",
            field="instrument",
        )
    try:
        check_names(read_questionnaire(instrument.content), slug)
    except ValueError as fault:
        raise Refused(str(fault), code="bad_wave", field="instrument") from None
    return instrument


def add_wave(
    db: Session, study_id: UUID, facts: WaveFacts, occasions: Mapping[str, Occasion]
) -> Wave:
    """One more wave, the last. Raises :class:`Refused` ``closed``, ``bad_wave``, ``too_many``."""
    study = _hold_living(db, study_id)
    if len(study.waves) >= MOST_WAVES:
        raise Refused(
            _("Une étude a %(most)s vagues au plus.", most=MOST_WAVES), code="too_many_waves"
        )
    number = max((int(one.slug[1:]) for one in study.waves), default=0) + 1
    wave = Wave(slug=f"t{number}", position=number)
    _fill(wave, facts, _checked(db, study, wave.slug, facts, occasions))
    study.waves.append(wave)
    db.flush()
    return wave


def change_wave(
    db: Session,
    study_id: UUID,
    wave_id: UUID,
    facts: WaveFacts,
    occasions: Mapping[str, Occasion],
) -> Wave:
    """Change a wave. Once somebody was asked, what it asks and when stay: only its title, how long
    it is open and its reminders change.

    Raises :class:`NotYours`, :class:`Refused` ``closed``, ``bad_wave``, ``wave_settled``.
    """
    study = _hold_living(db, study_id)
    wave = _wave_of(study, wave_id)
    kept = (wave.occasion, wave.delay_days, wave.instrument_id)
    if (facts.occasion, facts.delay_days, facts.instrument_id) != kept and was_asked(db, wave.id):
        raise Refused(
            _(
                "Des personnes ont déjà été invitées par cette vague : ce qu’elle demande et quand "
                "ne changent plus. Arrêtez-la et ajoutez-en une autre."
            ),
            code="wave_settled",
        )
    _fill(wave, facts, _checked(db, study, wave.slug, facts, occasions))
    db.flush()
    return wave


def _fill(wave: Wave, facts: WaveFacts, instrument: Instrument) -> None:
    wave.title, wave.occasion, wave.instrument = facts.title, facts.occasion, instrument
    wave.delay_days, wave.open_days = facts.delay_days, facts.open_days
    wave.reminders, wave.remind_every_days = facts.reminders, facts.remind_every_days


def _wave_of(study: Study, wave_id: UUID) -> Wave:
    for wave in study.waves:
        if wave.id == wave_id:
            return wave
    raise NotYours


def remove_wave(db: Session, study_id: UUID, wave_id: UUID, *, now: datetime) -> bool:
    """Take a wave away; one that asked somebody invites nobody any more, and keeps its answers.
    Gives whether it is gone."""
    study = _hold_living(db, study_id)
    wave = _wave_of(study, wave_id)
    if was_asked(db, wave.id):
        wave.retired_at = wave.retired_at or now
        db.flush()
        return False
    study.waves.remove(wave)
    db.flush()
    return True


def open_study(db: Session, study_id: UUID, keys: Shelf, *, now: datetime) -> Study:
    """Propose a study to people from now on, with its first text and a key of its own.

    Raises :class:`Refused` ``not_ready`` (what is missing), ``closed``, ``already_open``.
    """
    study = _hold_living(db, study_id)
    if study.opened_at is not None:
        raise Refused(_("Cette étude est déjà ouverte."), code="already_open")
    missing = list_missing(db, study)
    if missing:
        raise Refused(" ".join(missing), code="not_ready")
    text = find_draft_text(db, study_id)
    assert text is not None
    make_key(keys, study.slug)
    study.opened_at = text.published_at = now
    db.flush()
    note(db, Act.STUDY_OPENED, now=now, about={"study": str(study_id), "title": study.title})
    return study


def list_missing(db: Session, study: Study) -> list[str]:
    """What keeps a draft from being opened, each in a sentence."""
    text = find_draft_text(db, study.id)
    found = [
        (not study.description, _("Dites ce que cherche l’étude.")),
        (not study.responsible, _("Dites qui en répond, et comment lui écrire.")),
        (not study.waves, _("Ajoutez une vague au moins.")),
        (
            text is not None and to_write() in text.body,
            _("Complétez le texte d’accord : des passages y sont « à écrire »."),
        ),
    ]
    for wave in study.waves:
        faults = find_faults(wave.instrument.content)
        found.append((bool(faults), f"{wave.title} : {faults[0]}" if faults else ""))
    return [str(sentence) for is_missing, sentence in found if is_missing]


def close_study(db: Session, study_id: UUID, *, now: datetime) -> Study:
    """End a study: nobody is asked or reminded any more; its data may still be packed."""
    study = _hold(db, study_id)
    if study.opened_at is None:
        raise Refused(_("Ce brouillon n’a jamais été ouvert : effacez-le plutôt."), code="not_open")
    if study.closed_at is None:
        study.closed_at = now
        note(db, Act.STUDY_CLOSED, now=now, about={"study": str(study_id), "title": study.title})
    silence(db, study_id, now=now)
    db.flush()
    return study


def leave_studies(db: Session, user_id: UUID, *, now: datetime) -> None:
    """Somebody who goes runs no study any more; one that they ran alone is closed, or a draft of
    theirs forgotten: nobody is asked by a study that nobody runs."""
    for run in list_run_by(db, user_id):
        others = [one for one in list_researchers(db, run.study_id) if one.user_id != user_id]
        if others:
            continue
        if run.study.opened_at is None:
            db.delete(run.study)
        else:
            close_study(db, run.study_id, now=now)
    db.flush()


def forget_draft(db: Session, study_id: UUID) -> None:
    """Erase a study that was never opened. Raises :class:`Refused` ``already_open``."""
    study = _hold(db, study_id)
    if study.opened_at is not None:
        raise Refused(
            _("Cette étude a été ouverte : elle se clôt, elle ne s’efface pas."),
            code="already_open",
        )
    db.delete(study)
    db.flush()


def cut_link(db: Session, study_id: UUID, keys: Shelf, slug: str) -> Study:
    """Destroy the key of a closed study: nobody can say any more whose answers are whose, and no
    package can be built. ``slug`` is typed by the person who decides.

    Raises :class:`Refused` ``not_closed``, ``wrong_name``.
    """
    study = _hold(db, study_id)
    if study.closed_at is None:
        raise Refused(_("Closez d’abord l’étude : sa clé sert encore."), code="not_closed")
    if slug != study.slug:
        raise Refused(
            _("Ce n’est pas le nom de l’étude : sa clé n’est pas détruite."),
            code="wrong_name",
            field="slug",
        )
    destroy_key(keys, study.slug)
    note(db, Act.STUDY_KEY_DESTROYED, about={"study": str(study_id), "title": study.title})
    return study


def add_researcher(db: Session, study_id: UUID, email: str, *, now: datetime) -> StudyResearcher:
    """Somebody else runs the study too. Raises :class:`Refused` ``no_researcher``."""
    study = _hold(db, study_id)
    person = find_user(db, email)
    if person is None or not person.active or not person.holds(RESEARCHER):
        raise Refused(
            _("Personne qui fait de la recherche ici n’a cette adresse."),
            code="no_researcher",
            field="email",
        )
    known = db.get(StudyResearcher, (study_id, person.id))
    if known is None:
        known = StudyResearcher(study_id=study_id, user_id=person.id, since=now)
        db.add(known)
        db.flush()
        # Who may read what people answered from now on.
        about = {"study": str(study_id), "title": study.title}
        note(db, Act.RESEARCHER_ADDED, now=now, subject_id=person.id, about=about)
    return known


def remove_researcher(db: Session, study_id: UUID, user_id: UUID) -> None:
    """Somebody runs the study no more. Raises :class:`Refused` ``last_researcher``."""
    study = _hold(db, study_id)
    known = {one.user_id for one in list_researchers(db, study_id)}
    left = known - {user_id}
    if not left:
        raise Refused(
            _("Une étude a toujours quelqu’un qui la mène : ajoutez d’abord une autre personne."),
            code="last_researcher",
        )
    db.execute(
        delete(StudyResearcher).where(
            StudyResearcher.study_id == study_id, StudyResearcher.user_id == user_id
        )
    )
    if user_id in known:
        about = {"study": str(study_id), "title": study.title}
        note(db, Act.RESEARCHER_REMOVED, subject_id=user_id, about=about)
