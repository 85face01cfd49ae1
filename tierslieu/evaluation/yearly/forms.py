"""The words and targets of a report of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from tierslieu.evaluation.yearly.models import YearlyReport
from tierslieu.evaluation.yearly.rules import Words
from tierslieu.house import Indicator
from tierslieu.web.forms import Form, no_control_characters, tidy

_WORDS = [Optional(), Length(max=10_000), no_control_characters]
_TARGET = "target-"


class ReportForm(Form):
    """What the coordinator writes."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()], default=0)
    summary = TextAreaField(
        _("L’année en bref"),
        validators=_WORDS,
        description=_("Ce qui a été fait, et ce que cela a changé. Markdown."),
        render_kw={"rows": 8},
    )
    obstacles = TextAreaField(_("Ce qui a freiné"), validators=_WORDS, render_kw={"rows": 6})
    levers = TextAreaField(
        _("Ce qui a aidé, et la suite"), validators=_WORDS, render_kw={"rows": 6}
    )

    def words(self, targets: Mapping[str, str]) -> Words:
        """What was written."""
        return Words(
            self.summary.data or "", self.obstacles.data or "", self.levers.data or "", targets
        )

    def read_beside(self, report: YearlyReport) -> list[tuple[str, str]]:
        """Somebody kept other words meanwhile: those that differ, by the label of their field, to
        be read beside these; what is sent next was written knowing them."""
        kept = {
            "summary": report.summary,
            "obstacles": report.obstacles,
            "levers": report.levers,
            **target_values(report.targets),
        }
        self.revision.data, self.revision.raw_data = report.revision, None
        return [
            (str(field.label.text), kept.get(field.name, ""))
            for field in self
            if (field.name in kept or field.name.startswith(_TARGET))
            and _lines(field.data) != _lines(kept.get(field.name, ""))
        ]


def _lines(text: str | None) -> list[str]:
    return (text or "").splitlines()


def with_targets(indicators: Sequence[Indicator]) -> type[ReportForm]:
    """The form with a target for each indicator."""
    fields = {
        f"{_TARGET}{one.key}": StringField(
            gettext("Cible : %(label)s", label=one.label),
            validators=[Optional(), Length(max=80), no_control_characters],
            filters=[tidy],
        )
        for one in indicators
    }
    return type("ReportFormWithTargets", (ReportForm,), fields)


def read_targets(form: ReportForm) -> dict[str, str]:
    """The targets that were given, by indicator."""
    return {
        field.name.removeprefix(_TARGET): field.data
        for field in form
        if field.name.startswith(_TARGET) and field.data
    }


def target_values(targets: Mapping[str, str]) -> dict[str, str]:
    """The targets as the fields of a form."""
    return {f"{_TARGET}{key}": value for key, value in targets.items()}
