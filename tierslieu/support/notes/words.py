"""The three levels in words: for who writes, and for who reads."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.support.notes.models import NoteLevel


def level_words() -> dict[NoteLevel, str]:
    """Who reads it, in two words."""
    return {
        NoteLevel.AUTHOR: _("pour moi"),
        NoteLevel.TEAM: _("équipe"),
        NoteLevel.SHARED: _("partagée"),
    }


def level_choices(name: str) -> dict[NoteLevel, str]:
    """Who reads it, as one chooses; ``name``: of whom it is about."""
    return {
        NoteLevel.SHARED: _("Partagée avec %(name)s, et l’équipe", name=name),
        NoteLevel.TEAM: _("Pour l’équipe : les personnes qui animent ici"),
        NoteLevel.AUTHOR: _("Pour moi"),
    }


LEVEL_TONES = {NoteLevel.AUTHOR: "plain", NoteLevel.TEAM: "mer", NoteLevel.SHARED: "ok"}
