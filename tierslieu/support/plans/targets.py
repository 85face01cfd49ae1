"""What a step of a plan may be tied to: a path, a step of one, the sessions about it, one's
appointment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from courses.enrolments.queries import list_enrolments
from courses.paths.models import Path
from courses.paths.queries import list_paths, list_steps
from tierslieu.errors import Refused
from tierslieu.support.appointments.queries import list_to_come
from tierslieu.support.appointments.words import describe_with
from tierslieu.support.plans.models import PlanStep, StepTarget
from tierslieu.web.formats import day as format_day


@dataclass(frozen=True)
class Target:
    """What it is, by which ids, and its name."""

    kind: StepTarget
    name: str
    path_id: UUID | None = None
    step_key: str = ""
    appointment_id: UUID | None = None

    @property
    def value(self) -> str:
        """As a form sends it."""
        ids = (self.kind.value, self.appointment_id or self.path_id, self.step_key)
        return ":".join(str(one) for one in ids if one)


def value_of(step: PlanStep) -> str:
    """What this step is tied to, as a form sends it; empty for nothing."""
    if step.target is None or not (step.path_id or step.appointment_id):
        return ""
    return Target(step.target, "", step.path_id, step.step_key, step.appointment_id).value


def list_targets(db: Session, user_id: UUID, now: datetime) -> dict[str, list[Target]]:
    """What this person may tie a step to, by headings."""
    paths = list_paths(db)
    enrolments = list_enrolments(db, user_id)
    titles = {one.version_id: one.path for one in enrolments}
    groups = {
        _("Mes rendez-vous"): [
            Target(
                StepTarget.APPOINTMENT,
                _(
                    "Avec %(name)s, %(day)s",
                    name=describe_with(one.slot),
                    day=format_day(one.slot.starts_local),
                ),
                appointment_id=one.id,
            )
            for one in list_to_come(db, user_id, now)
        ],
        _("Suivre un parcours"): [Target(StepTarget.PATH, path.title, path.id) for path in paths],
        _("Venir à une séance sur"): [
            Target(StepTarget.SESSIONS, path.title, path.id) for path in paths
        ],
    }
    for step in list_steps(db, list(titles)):
        path: Path = titles[step.version_id]
        heading = path.short_title
        found = Target(StepTarget.STEP, step.title, path.id, step.key)
        groups.setdefault(heading, []).append(found)
    return {heading: found for heading, found in groups.items() if found}


def read_target(
    db: Session, user_id: UUID, value: str, now: datetime, *, step: PlanStep | None = None
) -> Target | None:
    """What a form sent; None for nothing. What the step has already may stay, proposed or not.

    Raises :class:`Refused` ``wrong_target``.
    """
    if not value:
        return None
    if step is not None and step.target is not None and value == value_of(step):
        return Target(step.target, step.title, step.path_id, step.step_key, step.appointment_id)
    for found in list_targets(db, user_id, now).values():
        for target in found:
            if target.value == value:
                return target
    raise Refused(
        _("Ce lien n’est plus proposé : choisissez-en un autre, ou aucun."),
        code="wrong_target",
        field="target",
        status=422,
    )
