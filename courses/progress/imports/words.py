"""Importing in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from courses.progress.imports.models import GradeImport, Outlook, Provider

# Names, the same in every language.
PROVIDERS = {
    Provider.FUN: "FUN",
    Provider.EDX: "edX",
    Provider.MOODLE: "Moodle",
    Provider.H5P: "H5P",
}
# The word of the address that asks for one kind of line.
KINDS = {
    "changees": Outlook.CHANGED,
    "inchangees": Outlook.UNCHANGED,
    "inconnues": Outlook.UNMATCHED,
    "erreurs": Outlook.ERROR,
}


def say(outlook: Outlook, *, is_applied: bool, count: int = 1) -> tuple[str, str]:
    """What ``count`` lines do or did, in a word, and the tone of its tag."""
    changed = ngettext("validée", "validées", count) if is_applied else _("à valider")
    return {
        Outlook.CHANGED: (str(changed), "ok"),
        Outlook.UNCHANGED: (str(_("rien à changer")), "plain"),
        Outlook.UNMATCHED: (ngettext("personne inconnue", "personnes inconnues", count), "sun"),
        Outlook.ERROR: (ngettext("ligne illisible", "lignes illisibles", count), "terra"),
    }[outlook]


def kinds(found: GradeImport) -> list[tuple[str, str, int]]:
    """The kinds of lines there are: the word of the address, what it says, how many."""
    counts = {
        Outlook.CHANGED: found.changed,
        Outlook.UNCHANGED: found.unchanged,
        Outlook.UNMATCHED: found.unmatched,
        Outlook.ERROR: found.errors,
    }
    is_applied = found.applied_at is not None
    return [
        (key, say(outlook, is_applied=is_applied, count=counts[outlook])[0], counts[outlook])
        for key, outlook in KINDS.items()
        if counts[outlook]
    ]
