"""Answers, in a sentence."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from courses.progress.models import RecordState, StepRecord


def answered(record: StepRecord) -> str:
    """What was just answered to whom."""
    values = {"step": record.step.title, "name": record.enrolment.user.name}
    if record.state is RecordState.VALIDATED:
        return str(_("Étape « %(step)s » de %(name)s validée.", **values))
    return str(_("Étape « %(step)s » retournée à %(name)s avec votre mot.", **values))


def validated(done: int, missed: int) -> str:
    """What became of lines validated together."""
    said = ngettext("%(num)s étape validée.", "%(num)s étapes validées.", done)
    if not missed:
        return str(said)
    rest = ngettext(
        "%(num)s autre avait déjà reçu une réponse.",
        "%(num)s autres avaient déjà reçu une réponse.",
        missed,
    )
    return f"{said} {rest}"


def undo(answers: int, people: int, seconds: int) -> tuple[str, str]:
    """Who will be told when, and the button that takes it back."""
    when = ngettext("dans %(num)s seconde", "dans %(num)s secondes", seconds)
    return (
        str(
            ngettext(
                "La personne sera prévenue %(when)s.",
                "Ces %(num)s personnes seront prévenues %(when)s.",
                people,
                when=when,
            )
        ),
        str(
            ngettext("Annuler cette réponse", "Annuler ces %(num)s réponses", answers),
        ),
    )


def taken_back(answers: int) -> str:
    """What waits again."""
    return str(
        ngettext(
            "Réponse annulée : l’étape attend de nouveau, et personne n’a été prévenu.",
            "Réponses annulées : %(num)s étapes attendent de nouveau, et personne n’a été prévenu.",
            answers,
        )
    )


def ages() -> list[tuple[str, str]]:
    """How long a line has waited, to choose from."""
    return [
        ("", str(_("peu importe"))),
        ("3", str(_("plus de trois jours"))),
        ("7", str(_("plus d’une semaine"))),
        ("30", str(_("plus d’un mois"))),
    ]
