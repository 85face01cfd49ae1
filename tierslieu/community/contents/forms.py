"""Adding to the base of contents: parse and shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from tierslieu.community.contents.licences import LICENCES, find_licence
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.rules import ContentFacts
from tierslieu.community.contents.words import rights_choices
from tierslieu.community.entries.forms import EntryForm, line, lines, link_field

OTHER = "other"


class ContentForm(EntryForm):
    """The six columns; the licence from a list, or in one's own words."""

    subject = line(_("Objet"), description=_("Le titre sous lequel on la cherchera."))
    content = line(
        _("Contenu"),
        description=_(
            "Ce que c’est : activité, texte, film, exercice… pour qui, combien de temps."
        ),
        render_kw={"list": "genres"},
    )
    description = lines(_("Description"), render_kw={"rows": 6})
    link = link_field()
    author = line(_("Auteur"), description=_("Qui l’a faite : vous, ou la personne à citer."))
    rights = RadioField(
        _("Libre de droit"), validators=[InputRequired(_("Choisissez une réponse."))]
    )
    licence = SelectField(_("Licence"), validate_choice=False)
    licence_other = line(
        _("Une autre licence, ou une précision"),
        description=_("Si elle n’est pas dans la liste."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rights.choices = [(r.value, words) for r, words in rights_choices().items()]
        self.licence.choices = [
            ("", _("Aucune")),
            *((one.spdx, one.name) for one in LICENCES),
            (OTHER, _("Une autre")),
        ]

    def facts(self) -> ContentFacts:
        """What was typed."""
        chosen = find_licence(self.licence.data or "")
        return ContentFacts(
            self.subject.data or "",
            self.content.data or "",
            self.description.data or "",
            self.link.data or "",
            self.author.data or "",
            Rights(self.rights.data),
            chosen.name if chosen else self.licence_other.data or "",
        )


def values_of(entry: Content) -> dict[str, Any]:
    """An entry as its form shows it."""
    known = find_licence(entry.licence)
    return {
        "seen": entry.revision,
        "space": str(entry.pilot_id or ""),
        "is_public": entry.is_public,
        "subject": entry.subject,
        "content": entry.content,
        "description": entry.description,
        "link": entry.link,
        "author": entry.author,
        "rights": entry.rights.value,
        "licence": known.spdx if known else OTHER if entry.licence else "",
        "licence_other": "" if known else entry.licence,
    }
