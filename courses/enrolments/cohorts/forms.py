"""Opening a cohort, joining one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from courses.enrolments.cohorts.rules import MAX_NOTE, MAX_TITLE, CohortPlan
from tierslieu.people.models import User
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.links import MAX_URL

_DAY = [InputRequired(_("Choisissez un jour."))]


class CohortForm(Form):
    """What a cohort is."""

    title = StringField(
        _("Nom de la promotion"),
        filters=[tidy],
        validators=[
            InputRequired(_("Donnez un nom.")),
            Length(max=MAX_TITLE),
            no_control_characters,
        ],
        description=_("Par exemple « Automne 2026 »."),
    )
    starts_on = DateField(_("Premier jour"), validators=_DAY)
    ends_on = DateField(_("Dernier jour"), validators=_DAY)
    facilitator = SelectField(_("Qui l’accompagne"), validate_choice=False)
    forum_url = StringField(
        _("Adresse du forum"),
        filters=[tidy],
        validators=[Optional(), Length(max=MAX_URL), no_control_characters],
        render_kw={"inputmode": "url", "placeholder": "https://"},
    )
    note = TextAreaField(
        _("Un mot pour ceux qui en sont"),
        filters=[tidy],
        validators=[Optional(), Length(max=MAX_NOTE), no_control_characters],
    )
    is_open = BooleanField(_("Chacun peut la rejoindre jusqu’au dernier jour"))

    def __init__(self, team: Sequence[User], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named = [(str(person.id), person.name) for person in team]
        self.facilitator.choices = [("", _("personne en particulier")), *named]

    def plan(self) -> CohortPlan:
        """What was written. Somebody strange is nobody."""
        known = {value for value, _label in self.facilitator.choices or ()}
        chosen = self.facilitator.data if self.facilitator.data in known else ""
        return CohortPlan(
            title=self.title.data or "",
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            facilitator_id=UUID(chosen) if chosen else None,
            forum_url=self.forum_url.data or "",
            note=self.note.data or "",
            is_open=bool(self.is_open.data),
        )


class JoinForm(Form):
    """Which cohort one follows one's path with; none of them is an answer."""

    cohort = SelectField(_("Promotion"), validate_choice=False)

    def chosen(self) -> UUID | None:
        """The cohort, or None. Raises ValueError for what is no identifier."""
        return UUID(self.cohort.data) if self.cohort.data else None
