"""What an activity is worth, and whose accounts a site's are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import SelectChoice, SelectField

from courses.paths.models import Path, Step
from courses.paths.words import step_name
from courses.progress.imports.models import Provider
from courses.progress.imports.words import PROVIDERS
from tierslieu.web.forms import Form
from tierslieu.web.written import Theirs

SEPARATOR = "/"


class ActivityForm(Form):
    """The step of a path that the activity validates. The choices are the view's."""

    step = SelectField(_("L’étape qu’elle valide"))

    def chosen(self, paths: Sequence[tuple[Path, Sequence[Step]]]) -> tuple[UUID | None, str]:
        """The path and the key of its step; no path for «not counted»."""
        slug, _separator, key = (self.step.data or "").partition(SEPARATOR)
        return next((path.id for path, _steps in paths if path.slug == slug), None), key


def activity_form(
    paths: Sequence[tuple[Path, Sequence[Step]]], now: str | None = None
) -> ActivityForm:
    """The form, with every step of every path to choose from. ``now``: what stands."""
    form = ActivityForm(step=now or "")
    form.step.choices = [
        SelectChoice("", _("aucune : elle ne compte pas")),
        *(
            SelectChoice(
                f"{path.slug}{SEPARATOR}{step.key}",
                Theirs(step_name(step)),
                optgroup=Theirs(path.short_title),
            )
            for path, steps in paths
            for step in steps
        ),
    ]
    return form


class HomePageForm(Form):
    """Whose usernames the accounts of a site are."""

    provider = SelectField(
        _("Ses comptes portent les identifiants de"),
        choices=[
            SelectChoice("", _("personne d’ici")),
            *(SelectChoice(one.value, name) for one, name in PROVIDERS.items()),
        ],
    )

    def chosen(self) -> Provider | None:
        """The provider, or none."""
        return Provider(self.provider.data) if self.provider.data else None
