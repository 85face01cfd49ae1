"""A report, the settings of a path, one's usernames: parse and shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import FloatField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import TextInput

from courses.paths.models import Step
from courses.paths.words import step_name
from courses.progress.imports.completions.judging import EMAIL, USERNAME, Plan, guess_identity
from courses.progress.imports.models import THRESHOLD, GradeSettings, Provider
from courses.progress.imports.words import PROVIDERS
from tierslieu.web.forms import Form, tidy


class ReportForm(Form):
    """A grade report as the platform gives it."""

    file = FileField(
        _("Relevé de notes ou d’achèvement"),
        [FileRequired(_("Choisissez le fichier du relevé."))],
        description=_(
            "Le fichier CSV de FUN, d’Open edX ou de Moodle, sans le changer : relevé de notes, "
            "relevé par exercice ou achèvement des activités. 100 000 lignes et 10 Mo au plus."
        ),
        render_kw={"accept": ".csv,.txt,text/csv"},
    )


class PercentField(FloatField):
    """A number with a comma or a point, with or without ``%``."""

    widget = TextInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """What was typed, as a number."""
        super().process_formdata([v.replace(",", ".").rstrip(" %\u00a0\u202f") for v in valuelist])

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else f"{self.data:g}".replace(".", ",")


class SettingsForm(Form):
    """The threshold and the provider; a subclass adds a choice for each column."""

    threshold = PercentField(
        _("Seuil de réussite, en pourcentage"),
        [
            InputRequired(_("Donnez un seuil, de 1 à 100.")),
            NumberRange(min=1, max=100, message=_("Donnez un seuil, de 1 à 100.")),
        ],
        render_kw={"inputmode": "decimal"},
    )
    provider = SelectField(
        _("D’où viennent les identifiants"),
        choices=[SelectChoice(one.value, name) for one, name in PROVIDERS.items()],
        description=_("Pour reconnaître qui n’est nommé que par son identifiant."),
    )

    def columns(self, names: Sequence[str]) -> dict[str, str]:
        """The step chosen for each of these columns; empty for none."""
        return {name: self[f"column_{place}"].data or "" for place, name in enumerate(names)}


def settings_form(
    names: Sequence[str], steps: Sequence[Step], settings: GradeSettings | None
) -> SettingsForm:
    """The form of a path's settings, with what they are now, and a choice for each column."""
    known = [SelectChoice(step.key, step_name(step)) for step in steps]
    has = {c["column"]: c["step"] for c in settings.columns} if settings else {}
    fields: dict[str, Any] = {}
    shown: dict[str, Any] = {
        "threshold": round(100 * (settings.threshold if settings else THRESHOLD), 4),
        "provider": (settings.provider if settings else Provider.FUN).value,
    }
    for place, name in enumerate(names):
        # A step that a newer version no longer has is no choice, and is forgotten when saved.
        fields[f"column_{place}"] = SelectField(
            name,
            choices=[SelectChoice("", _("la note finale")), *known],
            default="",
        )
        shown[f"column_{place}"] = has.get(name, "")
    made: type[SettingsForm] = type("PathSettingsForm", (SettingsForm,), fields)
    return made(data=shown)


class CompletionsForm(Form):
    """Whose usernames; a subclass adds a choice for each column and for each activity."""

    provider = SelectField(
        _("D’où viennent les identifiants"),
        choices=[SelectChoice(one.value, name) for one, name in PROVIDERS.items()],
        description=_("Pour reconnaître qui n’est nommé que par son identifiant."),
    )

    def chosen(self, kind: str, names: Sequence[str]) -> dict[str, str]:
        """What was chosen for each of these ``identity`` columns or each ``activity``."""
        return {name: self[f"{kind}_{place}"].data or "" for place, name in enumerate(names)}


def completions_form(
    identities: Sequence[str], activities: Sequence[str], steps: Sequence[Step], plan: Plan
) -> CompletionsForm:
    """The form of what counts in a path's completion reports, with what is remembered."""
    known = [SelectChoice(step.key, step_name(step)) for step in steps]
    keys = {step.key for step in steps}
    fields: dict[str, Any] = {}
    shown: dict[str, Any] = {"provider": plan.provider.value}
    for place, title in enumerate(identities):
        fields[f"identity_{place}"] = SelectField(
            title,
            choices=[
                SelectChoice("", _("rien d’utile ici")),
                SelectChoice(EMAIL, _("l’adresse électronique")),
                SelectChoice(USERNAME, _("l’identifiant")),
            ],
            default="",
        )
        shown[f"identity_{place}"] = plan.identities.get(title, guess_identity(title))
    for place, name in enumerate(activities):
        fields[f"activity_{place}"] = SelectField(
            name, choices=[SelectChoice("", _("non comptée")), *known], default=""
        )
        # A step that a newer version no longer has is no choice, and is forgotten when saved.
        key = plan.activities.get(name, "")
        shown[f"activity_{place}"] = key if key in keys else ""
    made: type[CompletionsForm] = type("PathCompletionsForm", (CompletionsForm,), fields)
    return made(data=shown)


class UsernamesForm(Form):
    """One's username at each provider; empty for none."""

    fun = StringField(
        PROVIDERS[Provider.FUN],
        filters=[tidy],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )
    edx = StringField(
        PROVIDERS[Provider.EDX],
        filters=[tidy],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )

    moodle = StringField(
        PROVIDERS[Provider.MOODLE],
        filters=[tidy],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )
    h5p = StringField(
        PROVIDERS[Provider.H5P],
        filters=[tidy],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )

    def usernames(self) -> Mapping[Provider, str]:
        """What was written, by provider."""
        return {one: self[one.value].data or "" for one in Provider}
