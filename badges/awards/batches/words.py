"""What is said of a line: before the batch is confirmed, and after its turn."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext as _

from badges.awards.models import AwardBatchLine, LineState, Outlook


class Said(NamedTuple):
    """A few words, and the tone of their tag."""

    words: str
    tone: str


# The words of an address: a filter of the page of a batch.
OUTLOOKS = {
    "recevront": Outlook.ACCOUNT,
    "attendront": Outlook.ADDRESS,
    "deja": Outlook.HELD,
    "criteres": Outlook.UNMET,
    "adresses": Outlook.INVALID,
    "soi-meme": Outlook.OWN,
    "fermes": Outlook.CLOSED,
}
STATES = {
    "attribues": LineState.DONE,
    "a-venir": LineState.WAITING,
    "refuses": LineState.REFUSED,
    "arretes": LineState.STOPPED,
    "ecartes": LineState.LEFT_OUT,
}


def say_outlook(outlook: Outlook) -> Said:
    """What will happen to a line, or why nothing will."""
    return {
        Outlook.ACCOUNT: Said(_("Recevra le badge"), "ok"),
        Outlook.ADDRESS: Said(_("Sans compte : le badge l’attendra"), "mer"),
        Outlook.HELD: Said(_("A déjà ce badge"), "plain"),
        Outlook.UNMET: Said(_("Ne remplit pas les critères"), "sun"),
        Outlook.INVALID: Said(_("Ligne à corriger"), "terra"),
        Outlook.OWN: Said(_("C’est vous"), "sun"),
        Outlook.CLOSED: Said(_("Compte fermé"), "plain"),
    }[outlook]


def say_foreseen(line: AwardBatchLine) -> Said:
    """What will happen to this line of a dry run."""
    if _renews(line):
        return Said(_("Renouvellement"), "sun")
    return say_outlook(line.outlook)


def _renews(line: AwardBatchLine) -> bool:
    """Whether its award renews one: nothing else is told of a line that receives the badge."""
    is_to_be = line.state in (LineState.WAITING, LineState.DONE)
    return is_to_be and line.outlook is Outlook.ACCOUNT and bool(line.words)


def say_state(state: LineState) -> Said:
    """What became of lines, as the head of a list."""
    return {
        LineState.DONE: Said(_("Attribués"), "ok"),
        LineState.WAITING: Said(_("À venir"), "mer"),
        LineState.REFUSED: Said(_("Refusés à leur tour"), "sun"),
        LineState.STOPPED: Said(_("Laissés de côté"), "plain"),
        LineState.LEFT_OUT: Said(_("Écartés à la vérification"), "plain"),
    }[state]


def say_line(line: AwardBatchLine) -> Said:
    """What became of this line."""
    if line.state is LineState.LEFT_OUT:
        return say_outlook(line.outlook)
    if line.state is LineState.DONE and line.outlook is Outlook.ADDRESS:
        return Said(_("Attribué, attend la personne"), "ok")
    if line.state is LineState.DONE and _renews(line):
        return Said(_("Renouvelé"), "ok")
    return {
        LineState.DONE: Said(_("Attribué"), "ok"),
        LineState.WAITING: Said(_("À venir"), "mer"),
        LineState.REFUSED: Said(_("Non attribué"), "sun"),
        LineState.STOPPED: Said(_("Arrêté avant son tour"), "plain"),
    }[line.state]


def say_hindrance(code: str) -> str:
    """Why a batch does not go on."""
    known = {
        "no_key": _(
            "La clé de signature du lieu n’est pas lisible : l’attribution reprendra d’elle-même "
            "quand elle le sera. Prévenez l’administration."
        ),
        "badge_archived": _(
            "Le badge a été archivé entre-temps : ce qui était attribué le reste, la suite est "
            "laissée de côté."
        ),
    }
    return str(known.get(code, ""))
