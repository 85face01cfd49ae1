"""Kinds and states of reports in words; the CSV of the course team uses the same."""

from __future__ import annotations

from flask_babel import gettext as _

from courses.feedback.models import FeedbackKind, FeedbackState


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


STATE_TONES = {
    FeedbackState.NEW: "sun",
    FeedbackState.CONFIRMED: "mer",
    FeedbackState.SENT: "mer",
    FeedbackState.FIXED: "ok",
    FeedbackState.REFUSED: "plain",
}
