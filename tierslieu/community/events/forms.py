"""Adding to the base of events: parse and shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from tierslieu.community.entries.forms import EntryForm, line, lines, link_field
from tierslieu.community.events.models import Event, OpenTo
from tierslieu.community.events.rules import EventFacts
from tierslieu.community.events.words import open_choices
from tierslieu.web.forms import Form


class EventForm(EntryForm):
    """The eight columns."""

    name = line(_("Nom de l’événement"))
    date_words = line(
        _("Date"),
        description=_(
            "Comme on la dit : « 14 mars 2027 », « du 3 au 5 mars », « mi-novembre », "
            "« printemps 2027 », « semaine 12 ». Elle reste écrite ainsi."
        ),
    )
    place = line(_("Lieu"))
    description = lines(_("Description"), render_kw={"rows": 6})
    organiser = line(
        _("Organisateur"), description=_("La personne ou la structure qui l’organise.")
    )
    author = line(_("Auteur"), description=_("Qui l’annonce ici."))
    open_to = RadioField(_("Ouvert"), validators=[InputRequired(_("Choisissez une réponse."))])
    link = link_field()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.open_to.choices = [(o.value, words) for o, words in open_choices().items()]

    def facts(self) -> EventFacts:
        """What was typed."""
        return EventFacts(
            name=self.name.data or "",
            place=self.place.data or "",
            description=self.description.data or "",
            author=self.author.data or "",
            organiser=self.organiser.data or "",
            date_words=self.date_words.data or "",
            open_to=OpenTo(self.open_to.data),
            link=self.link.data or "",
        )


class ComingForm(Form):
    """«Je viens», by name or only counted."""

    is_named = BooleanField(
        _("Montrer mon nom à qui organise"),
        description=_("Sinon, vous êtes seulement dans le compte."),
    )


def values_of(entry: Event) -> dict[str, Any]:
    """An entry as its form shows it."""
    return {
        "seen": entry.revision,
        "space": str(entry.pilot_id or ""),
        "is_public": entry.is_public,
        "name": entry.name,
        "date_words": entry.date_words,
        "place": entry.place,
        "description": entry.description,
        "organiser": entry.organiser,
        "author": entry.author,
        "open_to": entry.open_to.value,
        "link": entry.link,
    }
