"""Following a path: beginning, pausing, stopping with a reason, resuming. History is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentEvent, EnrolmentStatus, StopReason
from courses.enrolments.queries import find_living_enrolment
from courses.paths.models import Path
from courses.paths.queries import current_version
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User
from tierslieu.web.formats import number

ACTIVE, PAUSED, STOPPED = EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED, EnrolmentStatus.STOPPED
MOVES = frozenset(
    {(ACTIVE, PAUSED), (ACTIVE, STOPPED), (PAUSED, ACTIVE), (PAUSED, STOPPED), (STOPPED, ACTIVE)}
)
MAX_REASON = 2000  # characters


def enrol(db: Session, user_id: UUID, path_id: UUID, *, now: datetime) -> Enrolment:
    """Begin a path, in the version it has now.

    Raises :class:`Refused` ``already_enrolled`` if the person follows it already (paused
    included), ``retired`` if it is no longer proposed, :class:`NotYours` if there is no such path.
    """
    _lock(db, user_id)
    path = db.get(Path, path_id)
    version = current_version(db, path_id)
    if path is None or version is None:
        raise NotYours
    if find_living_enrolment(db, user_id, path_id):
        raise _already(path)
    if path.retired_at is not None:
        raise Refused(
            _("Ce parcours n’est plus proposé : on ne peut plus le commencer."), code="retired"
        )
    enrolment = Enrolment(
        user_id=user_id, path_id=path_id, version_id=version.id, status=ACTIVE, started_at=now
    )
    enrolment.events = [EnrolmentEvent(actor_id=user_id, at=now, to_status=ACTIVE)]
    db.add(enrolment)
    db.flush()
    return enrolment


def change_status(
    db: Session,
    enrolment_id: UUID,
    to_status: EnrolmentStatus,
    *,
    now: datetime,
    actor_id: UUID,
    cause: StopReason | None = None,
    reason: str = "",
) -> Enrolment:
    """Pause, stop or resume. Stopping needs a ``cause`` («I'd rather not say» is one).

    Raises :class:`Refused` ``status_unchanged``, ``status_impossible``, ``cause_missing``,
    ``reason_too_long`` or, resuming beside a newer enrolment, ``already_enrolled``.
    """
    owner_id = db.scalar(select(Enrolment.user_id).where(Enrolment.id == enrolment_id))
    if owner_id is None:
        raise NotYours
    _lock(db, owner_id)
    enrolment = db.get_one(
        Enrolment, enrolment_id, with_for_update={"of": Enrolment}, populate_existing=True
    )
    _check_move(db, enrolment, to_status)
    if to_status is STOPPED and cause is None:
        raise Refused(
            _(
                "Dites en un mot pourquoi vous arrêtez : cela aide le lieu à s’améliorer. "
                "« Je préfère ne pas le dire » est une réponse."
            ),
            code="cause_missing",
            field="cause",
        )
    if len(reason) > MAX_REASON:
        raise Refused(
            _(
                "Ce texte est trop long : %(max)s caractères sont possibles.",
                max=number(MAX_REASON),
            ),
            code="reason_too_long",
            field="reason",
        )
    event = EnrolmentEvent(
        enrolment_id=enrolment.id,
        actor_id=actor_id,
        at=now,
        from_status=enrolment.status,
        to_status=to_status,
        cause=cause if to_status is STOPPED else None,
        reason=reason.strip(),
    )
    enrolment.status = to_status
    db.add(event)
    db.flush()
    db.expire(enrolment, ["events"])
    return enrolment


def _lock(db: Session, user_id: UUID) -> None:
    # One row a person is held, so that two clicks at once are answered one after the other. Not a
    # plain FOR UPDATE, which would also hold up every insert that refers to the person.
    lock_for_writing(db)
    db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def _already(path: Path) -> Refused:
    return Refused(
        _(
            "Vous suivez déjà le parcours « %(title)s » : retrouvez-le dans « Mes parcours ».",
            title=path.short_title,
        ),
        code="already_enrolled",
    )


def _check_move(db: Session, enrolment: Enrolment, to_status: EnrolmentStatus) -> None:
    here = enrolment.status
    if here is to_status:
        sentences = {
            ACTIVE: _("Ce parcours est déjà en cours."),
            PAUSED: _("Ce parcours est déjà en pause."),
            STOPPED: _("Ce parcours est déjà arrêté."),
        }
        raise Refused(sentences[here], code="status_unchanged")
    if (here, to_status) not in MOVES:
        raise Refused(_("Ce parcours est arrêté : reprenez-le d’abord."), code="status_impossible")
    if here is STOPPED and find_living_enrolment(db, enrolment.user_id, enrolment.path_id):
        raise _already(enrolment.path)
