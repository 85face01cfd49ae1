"""Statements in words."""

from __future__ import annotations

from flask_babel import gettext as _

from courses.statements.models import ActivityState, XapiActivity


def say_state(activity: XapiActivity) -> tuple[str, str]:
    """What an activity is worth, in a word, and the tone of its tag."""
    return {
        ActivityState.NEW: (str(_("à régler")), "sun"),
        ActivityState.COUNTED: (str(_("valide une étape")), "ok"),
        ActivityState.NOT_COUNTED: (str(_("non comptée")), "plain"),
    }[activity.state]
