"""Steps at every stage of the demonstration place: declared, validated, returned, redone."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus, StopReason
from courses.enrolments.queries import get_enrolments
from courses.enrolments.rules import change_status
from courses.paths.models import Step, StepKind
from courses.paths.queries import list_steps
from courses.progress.models import RecordState
from courses.progress.rules import decide, declare_step
from tierslieu.clock import days
from tierslieu.house import Stage
from tierslieu.uploads.rules import store_upload

SHOWN = (
    "J’ai suivi toutes les vidéos et réussi les quiz, sauf un que j’ai refait deux fois.",
    "Fait en trois soirées. J’ai gardé des notes pour les réutiliser en classe.",
    "Terminé. Le dernier exercice m’a demandé de l’aide sur le forum.",
    "J’ai préparé une activité d’une heure pour ma classe à partir de cette partie.",
    "Tout est fait, et j’ai expliqué le principe à une collègue : elle a compris.",
)
LINKS = (
    "https://example.org/depots/activite-donnees",
    "https://example.org/notes/resume-de-l-etape",
)
WORDS = (
    "Très bien, vos exemples sont parlants.",
    "Validé. Pensez à garder cette activité pour la demi-journée.",
    "",
    "",
)
RETURNED = (
    "Il manque un exemple à vous : ajoutez une situation de votre quotidien, et ce sera bon.",
    "Le lien demande un mot de passe : partagez-le autrement, ou déposez le fichier.",
)
STOPS = (
    (StopReason.TIME, "Les conseils de classe ont tout mangé, je reviendrai au printemps."),
    (StopReason.GOT_WHAT_I_NEEDED, ""),
    (StopReason.TOO_HARD, "Il me manque les bases de Python."),
    (StopReason.NOT_SAID, ""),
)
NOTES = """Notes de la partie suivie

1. Ce que j'ai compris
2. Ce que je garde pour ma classe
3. Une question pour la prochaine séance
"""


class _Learner:
    """Walks one enrolment forward by the same rules as real use."""

    def __init__(self, db: Session, stage: Stage, random: Random, enrolment: Enrolment) -> None:
        self.db, self.stage, self.random = db, stage, random
        self.id, self.user_id = enrolment.id, enrolment.user_id
        self.at: datetime = enrolment.started_at
        self.facilitators: list[UUID] = stage.props["facilitators"]

    def _later(self, low: float, high: float) -> datetime:
        """Some time later, never in the future; each moment after the one before."""
        wished = self.at + days(self.random.uniform(low, high))
        left = self.stage.today - self.at
        self.at = min(wished, self.at + left * 0.5)
        return self.at

    def declare(self, step: Step, *, lately: bool = False) -> UUID:
        """Show words, often a link, sometimes a file."""
        now = self._later(2, 9)
        if lately:
            now = max(now, self.stage.today - days(self.random.uniform(0.2, 8)))
            self.at = now
        upload = None
        if self.random.random() < 0.15:
            shelf = self.stage.settings.uploads
            upload = store_upload(
                self.db, shelf, self.user_id, "notes.txt", NOTES.encode(), now=now
            )
        url = self.random.choice(LINKS) if self.random.random() < 0.4 else ""
        record = declare_step(
            self.db,
            self.id,
            step.id,
            now=now,
            house=self.stage.house,
            text=self.random.choice(SHOWN),
            url=url,
            upload_id=upload.id if upload else None,
        )
        return record.id

    def answer(self, record_id: UUID, state: RecordState) -> None:
        """Somebody of the team reads it within a few days."""
        words = WORDS if state is RecordState.VALIDATED else RETURNED
        decide(
            self.db,
            record_id,
            state,
            actor_id=self.random.choice(self.facilitators),
            now=self._later(0.5, 4),
            word=self.random.choice(words),
        )

    def finish(self, step: Step) -> None:
        """Declared and validated, now and then after having been returned once."""
        if self.random.random() < 0.15:
            self.answer(self.declare(step), RecordState.RETURNED)
        self.answer(self.declare(step), RecordState.VALIDATED)

    def change(self, to_status: EnrolmentStatus, cause: StopReason | None, reason: str) -> None:
        """Pause, stop or resume."""
        change_status(
            self.db,
            self.id,
            to_status,
            now=self._later(1, 6),
            actor_id=self.user_id,
            cause=cause,
            reason=reason,
        )


def play(db: Session, stage: Stage) -> None:
    """Every stage of an enrolment, for somebody to look at."""
    random = Random(f"{stage.seed}:progress")  # noqa: S311 - a demonstration, not a secret
    people = stage.props["people"]
    ids: list[UUID] = stage.props["enrolments"]
    enrolments = {enrolment.id: enrolment for enrolment in get_enrolments(db, ids)}
    steps: dict[UUID, list[Step]] = {}
    for step in list_steps(db, sorted({e.version_id for e in enrolments.values()})):
        if step.kind is not StepKind.ATTENDANCE:
            steps.setdefault(step.version_id, []).append(step)
    for number, enrolment_id in enumerate(ids):
        enrolment = enrolments[enrolment_id]
        learner = _Learner(db, stage, random, enrolment)
        todo = steps[enrolment.version_id]
        if enrolment.user_id == people["learner@example.org"]:
            _play_learner(learner, todo, is_midway=enrolment.path.slug == "snt")
        elif enrolment.user_id == people["learner2@example.org"]:
            learner.finish(todo[0])
            learner.declare(todo[1], lately=True)
        else:
            _play_anybody(learner, todo, number, stage.today - enrolment.started_at)


def _play_learner(learner: _Learner, steps: list[Step], *, is_midway: bool) -> None:
    for step in steps[:1] if is_midway else steps:
        learner.answer(learner.declare(step), RecordState.VALIDATED)


def _play_anybody(learner: _Learner, steps: list[Step], number: int, since: timedelta) -> None:
    random = learner.random
    done = len(steps) if number % 5 == 0 else random.randint(0, len(steps) - 1)
    if since < days(10):
        done = min(done, 1)
    for step in steps[:done]:
        learner.finish(step)
    if done == len(steps):
        return
    if number % 3 == 1:
        learner.declare(steps[done], lately=True)  # waits
    elif number % 9 == 2:
        learner.answer(learner.declare(steps[done]), RecordState.RETURNED)
    elif number % 9 == 5:
        learner.change(EnrolmentStatus.PAUSED, None, "")
    elif number % 9 == 8:
        cause, reason = STOPS[number // 9 % len(STOPS)]
        learner.change(EnrolmentStatus.STOPPED, cause, reason)
