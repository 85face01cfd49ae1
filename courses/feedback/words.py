"""Kinds and states of reports in words; the CSV of the course team uses the same."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState


def kind_words() -> dict[FeedbackKind, str]:
    """What is reported, as a person says it."""
    return {
        FeedbackKind.ERROR: _("Une erreur"),
        FeedbackKind.UNCLEAR: _("Ce n’est pas clair"),
        FeedbackKind.MISSING: _("Il manque quelque chose"),
        FeedbackKind.SUGGESTION: _("Une idée, un complément"),
    }


def kind_hints() -> dict[FeedbackKind, str]:
    """What each kind is for."""
    return {
        FeedbackKind.ERROR: _("une faute, un lien mort, un résultat faux"),
        FeedbackKind.UNCLEAR: _("une explication qui perd"),
        FeedbackKind.MISSING: _("une étape sautée, une notion absente"),
        FeedbackKind.SUGGESTION: _("un exemple, une activité, une ressource"),
    }


def state_words() -> dict[FeedbackState, str]:
    """How far a report is."""
    return {
        FeedbackState.NEW: _("nouveau"),
        FeedbackState.CONFIRMED: _("confirmé"),
        FeedbackState.SENT: _("transmis"),
        FeedbackState.FIXED: _("corrigé"),
        FeedbackState.REFUSED: _("non retenu"),
    }


def move_words() -> dict[FeedbackState, str]:
    """The button that brings a report there."""
    return {
        FeedbackState.CONFIRMED: _("Confirmer"),
        FeedbackState.SENT: _("Noter comme transmis"),
        FeedbackState.FIXED: _("Noter comme corrigé"),
        FeedbackState.REFUSED: _("Ne pas retenir"),
    }


def sent_words(sent: int, left: int) -> str:
    """What became of many reports noted as sent together."""
    done = ngettext(
        "%(num)s retour noté comme transmis.", "%(num)s retours notés comme transmis.", sent
    )
    if not left:
        return str(done)
    rest = ngettext(
        "%(num)s autre est resté comme il était : déjà transmis, clos ou réuni entre-temps.",
        "%(num)s autres sont restés comme ils étaient : déjà transmis, clos ou réunis entre-temps.",
        left,
    )
    return f"{done} {rest}"


def saw_words(count: int) -> str:
    """How many people said «moi aussi»."""
    return str(
        ngettext("%(num)s personne de plus l’a vu", "%(num)s personnes de plus l’ont vu", count)
    )


def is_open_to_others(report: CourseFeedback) -> bool:
    """Whether others on the step may read it, and say «moi aussi»."""
    return (
        report.is_shown
        and report.merged_into_id is None
        and report.state in (FeedbackState.CONFIRMED, FeedbackState.SENT)
    )


SENDABLE = (FeedbackState.NEW, FeedbackState.CONFIRMED)
STATE_TONES = {
    FeedbackState.NEW: "sun",
    FeedbackState.CONFIRMED: "mer",
    FeedbackState.SENT: "mer",
    FeedbackState.FIXED: "ok",
    FeedbackState.REFUSED: "plain",
}
