"""A path of the place's own in the demonstration: a core, a choice, a lock, and a waiver."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from courses.paths.editing.rules import change_draft, create_draft, publish_draft, with_facts
from courses.paths.queries import current_version, find_path
from courses.progress.waivers.rules import ask_waiver, grant_waiver
from tierslieu.clock import days
from tierslieu.house import Stage

TITLE, SHORT = "Enseigner l’IA au lycée", "IA au lycée"
FACTS: dict[str, Any] = {
    "summary": "Un socle commun, puis deux options selon votre classe et vos envies.",
    "audiences": ["teacher", "career_changer"],
    "provider": "Le tiers-lieu",
    "licence": "CC BY 4.0",
    "hours_from": 20,
    "hours": 30,
    "pools": [{"key": "options", "title": "Options", "needed": 2}],
    "steps": [
        {"key": "python", "title": "Se rafraîchir en Python", "kind": "preparation", "hours": 4},
        {
            "key": "iai",
            "title": "L’Intelligence Artificielle… avec intelligence !",
            "kind": "subpath",
            "subpath": "iai",
        },
        {
            "key": "apprentissage",
            "code": "Socle",
            "title": "Apprentissage automatique",
            "kind": "exercise",
            "hours": 6,
            "units": ["Données et étiquettes", "Entraîner, évaluer", "Biais"],
            "needs": ["iai", "python"],
        },
        *(
            {
                "key": f"option-{place}",
                "code": f"Option {place}",
                "title": title,
                "kind": "exercise",
                "hours": 4,
                "pool": "options",
                "needs": ["apprentissage"],
            }
            for place, title in enumerate(
                ("Le traitement de la langue", "La vision", "L’éthique en débat"), start=1
            )
        ),
        {
            "key": "demi-journee",
            "title": "Demi-journée au tiers-lieu",
            "kind": "attendance",
            "hours": 3,
            "is_required": False,
        },
    ],
}


def play(db: Session, stage: Stage) -> None:
    """The team writes a path; a learner is let off what they know, and asks for more."""
    facilitator = stage.props["facilitators"][0]
    written = stage.today - days(30)
    draft = create_draft(db, TITLE, SHORT, actor_id=facilitator, now=written)
    change = with_facts(**FACTS)
    slug = draft.slug
    draft = change_draft(db, slug, change, revision=None, actor_id=facilitator, now=written)
    publish_draft(db, slug, revision=draft.revision, actor_id=facilitator, now=written)
    path = find_path(db, slug)
    assert path is not None
    learner = stage.props["people"]["learner@example.org"]
    enrolment = enrol(db, learner, path.id, now=stage.today - days(12))
    version = current_version(db, path.id)
    assert version is not None
    steps = {step.key: step.id for step in version.steps}
    grant_waiver(
        db,
        enrolment.id,
        steps["python"],
        actor_id=facilitator,
        now=stage.today - days(10),
        house=stage.house,
        reason="Vous enseignez Python depuis cinq ans.",
    )
    ask_waiver(
        db,
        enrolment.id,
        steps["iai"],
        now=stage.today - days(2),
        house=stage.house,
        request="J’ai suivi IAI à sa sortie, en 2020, et j’ai gardé l’attestation de suivi.",
    )
