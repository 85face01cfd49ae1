"""What is declared of each mail, and the words that may stand for a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _

from tierslieu.web.written import Theirs

# Who a mail is written to.
HOLDER = _("la personne inscrite")
MEMBER = _("la personne qui a le compte")
OUTSIDER = _("une personne sans compte")
TEAM = _("l’équipe")
COURSE_TEAM = _("l’équipe d’un cours, ailleurs")


@dataclass(frozen=True)
class Blank:
    """A word in braces that an administrator may write, and what it stands for.

    ``french`` and ``english`` are written alike in either language's text; ``where`` is the way to
    it in a mail's context (``when_where.day``).
    """

    french: str
    english: str
    where: str
    meaning: Any


BLANKS = {
    "place": Blank("lieu", "place", "place_name", _("le nom du lieu")),
    "name": Blank("nom", "name", "name", _("comment la personne veut être appelée")),
    "session": Blank("séance", "session", "title", _("le titre de la séance ou de la série")),
    "day": Blank("jour", "day", "when_where.day", _("le jour de la séance")),
    "hours": Blank("heures", "hours", "when_where.hours", _("ses heures")),
    "where": Blank("endroit", "where", "when_where.place", _("la salle, ou « en ligne »")),
    "badge": Blank("badge", "badge", "badge", _("le nom du badge")),
    "organisation": Blank("organisme", "organisation", "organisation", _("l’organisme")),
    "step": Blank("étape", "step", "step", _("le titre de l’étape")),
    "path": Blank("parcours", "path", "path", _("le nom du parcours")),
    "week": Blank("semaine", "week", "title", _("le titre de la semaine")),
    "days": Blank("dates", "dates", "days", _("les jours de la semaine")),
    "ask": Blank("demande", "request", "title", _("le titre de la demande d’aide")),
    "entry": Blank("fiche", "entry", "title", _("le titre de la fiche")),
    "pilot": Blank("pilote", "pilot", "pilot", _("le nom du pilote")),
    "study": Blank("étude", "study", "study", _("le titre de l’étude")),
    "about": Blank("sujet", "subject", "about", _("ce dont parle le questionnaire")),
    "meeting_day": Blank("jour", "day", "meeting.day", _("le jour du rendez-vous")),
    "meeting_hours": Blank("heures", "hours", "meeting.hours", _("ses heures")),
    "with": Blank("avec", "with", "meeting.with", _("la personne que l’on rencontre")),
    "token": Blank("clé", "key", "token", _("le nom de la clé d’accès")),
}


@dataclass(frozen=True)
class Kind:
    """One mail. ``template`` names ``templates/mail/<template>.txt`` and ``.html``.

    ``sample``: a context as the rule that sends it writes one, of nobody. What people of the place
    wrote is ``Theirs`` in it, and every mail of this kind marks what stands there as they do.
    ``blanks``: keys of :data:`BLANKS` that every mail of this kind can fill. ``subject_varies``:
    its subject says what happened (accepted or refused, today or tomorrow), so that no single one
    could replace it.
    """

    template: str
    name: Any
    when: Any
    to: Any
    sample: Mapping[str, Any] = field(default_factory=dict)
    blanks: str = "name"
    subject_varies: bool = False

    @property
    def words(self) -> tuple[Blank, ...]:
        """The blanks, the place's name first."""
        return tuple(BLANKS[key] for key in ("place", *self.blanks.split()))


def both(french: str, english: str) -> dict[str, str]:
    """A sample's words as :func:`tierslieu.mail.words.in_each` keeps them."""
    return {"$fr": french, "$en": english}


NAME = "Camille Exemple"
DAY = both("jeudi 14 janvier", "Thursday 14 January")
LATER = both("jeudi 21 janvier", "Thursday 21 January")
HOURS = both("14:00–16:00", "2:00 pm – 4:00 pm")
WHEN_WHERE = {"day": DAY, "hours": HOURS, "place": Theirs("Salle Ada"), "link": ""}
WAS = {"day": LATER, "hours": HOURS, "place": Theirs("Salle Ada"), "link": ""}
UNTIL = {"day": both("mercredi 13 janvier", "Wednesday 13 January"), "hour": "18:00"}
PERSON = {"name": NAME}
