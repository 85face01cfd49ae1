"""Statements of an exercise site in the demonstration: some validated a step, some wait."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus
from courses.enrolments.queries import get_enrolments, list_enrolment_ids
from courses.paths.queries import current_version, find_path
from courses.progress.imports.applying import GRADED
from courses.progress.imports.models import Provider
from courses.progress.imports.usernames import declare_usernames
from courses.statements.queries import find_activities, find_home_pages
from courses.statements.reading import read_statements
from courses.statements.rules import decide_activity, decide_home_page, receive
from tierslieu.clock import days
from tierslieu.house import Stage
from tierslieu.tokens.rules import make_token

SLUG, SITE = "nsi", "https://exercices.example.org"
SPACE = UUID("6a1f6a8e-6f0c-5b1e-9a53-6f7c1d2b8e10")
NAMES = ("Premières boucles", "Listes et dictionnaires", "Trier une liste")


def play(db: Session, stage: Stage) -> None:
    """A site that sends what people passed there: some activities are worth a step, one waits."""
    path = find_path(db, SLUG)
    version = current_version(db, path.id) if path is not None else None
    if path is None or version is None:
        return
    keys = [step.key for step in version.steps if step.kind in GRADED]
    facilitator = stage.props["facilitators"][0]
    followers = [
        enrolment.user_id
        for enrolment in get_enrolments(db, list_enrolment_ids(db, before=stage.today))
        if enrolment.path_id == path.id
        and enrolment.status is not EnrolmentStatus.STOPPED
        and enrolment.user_id != facilitator
    ]
    if not followers:
        return
    declare_usernames(db, followers[0], {Provider.H5P: "ines.r"}, now=stage.today - days(9))
    token, _secret = make_token(
        db, facilitator, name="Site d’exercices", scopes=["xapi:write"], days=365,
        now=stage.today - days(8),
    )  # fmt: skip
    token_id = token.id
    _send(db, token_id, stage, 8, [_said(NAMES[2], "personne", stage, 8)])
    activities = find_activities(db, [_iri(NAMES[2])])
    site = find_home_pages(db, [SITE])[SITE]
    decide_home_page(db, site.id, Provider.H5P)
    decide_activity(
        db, activities[_iri(NAMES[2])].id, path.id, keys[-1],
        actor_id=facilitator, now=stage.today - days(7),
    )  # fmt: skip
    _send(
        db, token_id, stage, 6,
        [_said(name, "ines.r", stage, 6) for name in NAMES]
        + [_said(NAMES[0], "inconnue", stage, 6, verb="attempted")],
    )  # fmt: skip


def _send(
    db: Session, token_id: UUID, stage: Stage, ago: int, statements: list[dict[str, Any]]
) -> None:
    receive(db, read_statements(statements), token_id, now=stage.today - days(ago))


def _iri(name: str) -> str:
    return f"{SITE}/h5p/{uuid5(SPACE, name).hex[:8]}"


def _said(name: str, who: str, stage: Stage, ago: int, *, verb: str = "passed") -> dict[str, Any]:
    return {
        "id": str(uuid5(SPACE, f"{name} {who} {verb}")),
        "actor": {"account": {"homePage": SITE, "name": who}},
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
        "object": {"id": _iri(name), "definition": {"name": {"fr": name}}},
        "timestamp": (stage.today - days(ago)).isoformat(),
    }
