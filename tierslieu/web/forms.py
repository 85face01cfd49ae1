"""What every form of the house shares: parse and shape, nothing else."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import DateField, Field, TextAreaField, ValidationError
from wtforms import Form as PlainForm
from wtforms.fields.choices import Choice
from wtforms.meta import DefaultMeta
from wtforms.widgets import Select, TextArea, TextInput, html_params
from wtforms.widgets.core import clean_key

from tierslieu.errors import Refused
from tierslieu.web.characters import has_unseen, turns_reading
from tierslieu.web.form_words import FieldWords, field_words
from tierslieu.web.languages import LOCALES, MAIN, current
from tierslieu.web.written import Theirs

YEARS = range(1000, 9000)  # of a day that a form takes


def tidy(value: str | None) -> str | None:
    """Text as it is kept: NFC, without spaces around."""
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def no_control_characters(form: Any, field: Field) -> None:
    """Refuse what no keyboard types and no page shows; line breaks only where lines are asked."""
    text = field.data or ""
    # A title with a line break would cut the subject of the mail that quotes it.
    welcome = "\n\r\t" if isinstance(field, TextAreaField) else ""
    # What one pastes into many lines may have signs that turn the reading; it stands by itself.
    turned = not welcome and isinstance(text, str) and turns_reading(text)
    if turned or (isinstance(text, str) and has_unseen(text, welcome)):
        raise ValidationError(
            _("Ce texte contient un caractère invisible : effacez-le et réessayez.")
        )


class SpokenSelect(Select):
    """A list in which what people wrote (:class:`Theirs`) says its language: options and groups."""

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        html = cast("Markup", super().__call__(field, **kwargs))
        if field.has_groups():
            for group, _choices in field.iter_groups():
                if group is not None and _lang_of(group):
                    said = Markup("<optgroup {}>").format(_params(label=group))
                    marked = Markup("<optgroup {}>").format(_params(label=group, **_lang_of(group)))
                    html = html.replace(said, marked)
        return html

    @classmethod
    def render_option(cls, choice: Choice, **kwargs: Any) -> Markup:
        """One option, with its language where the page speaks another."""
        return cast("Markup", super().render_option(choice, **_lang_of(choice.label), **kwargs))


def _params(**attributes: Any) -> Markup:
    return Markup(html_params(**attributes))  # noqa: S704 - WTForms escapes them


def _lang_of(text: object) -> dict[str, str]:
    if isinstance(text, Theirs) and text.language != current():
        return {"lang": text.language}
    return {}


def _language_in(field: Field) -> str:
    """The language of the words that stand in a field, where it is known: a field of words in one
    language is named after it, and what is kept in the place was written in the place's. One's own
    words (:class:`OwnForm`) are in a language that one knows, and nobody else."""
    if not isinstance(field.widget, (TextArea, TextInput)) or not isinstance(field.data, str):
        return ""
    if getattr(field.widget, "input_type", "text") not in ("text", "search"):
        return ""
    named = str(field.short_name).rpartition("_")[2]
    if named in LOCALES:
        return named
    if field.meta.own_words:
        return ""
    more = field.render_kw or {}
    kept = not field.raw_data or field.data == field.object_data
    return MAIN if field.data and kept and not {"lang", "autocomplete"} & more.keys() else ""


class _Meta(DefaultMeta):
    own_words = False

    def get_translations(self, form: Any) -> FieldWords:
        """The sentences that fields say by themselves."""
        return field_words

    def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
        """A field in the language of what stands in it."""
        # A template writes `class_`, a field `class`: one attribute, the template's.
        given = [*(field.render_kw or {}).items(), *render_kw.items()]
        shown = {clean_key(name): value for name, value in given}
        if type(field.widget) is Select:
            return SpokenSelect(field.widget.multiple)(field, **shown)
        language = _language_in(field)
        if language not in ("", current()):
            shown.setdefault("lang", language)
        return cast("Markup", super().render_field(field, shown))


class PartForm(PlainForm):
    """The base of a part of a form that stands in it several times."""

    Meta = _Meta


class AnyDayField(DateField):
    """A day that is compared with others and never counted from: the last of the calendar too."""


class Form(FlaskForm):
    """The base of the house's forms."""

    class Meta(_Meta):
        """What WTForms is told of all of them."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        """As the library does; and a day at the edge of the calendar, of which Python can count
        neither the eve nor the morrow, is no day that anybody means."""
        super().process(*args, **kwargs)
        for field in self:
            if not isinstance(field, DateField) or isinstance(field, AnyDayField):
                continue
            if field.raw_data and field.data is not None and field.data.year not in YEARS:
                field.data = None
                field.process_errors = [_("Écrivez un jour qui existe, par exemple 24/03/2027.")]

    def refuse(self, refusal: Refused) -> None:
        """Put the sentence of a rule beside the field it is about, or at the top of the form."""
        field = self._fields.get(refusal.field) if refusal.field else None
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]


class OwnForm(Form):
    """A form in which one finds one's own words again, that nobody else writes: a profile, a plan,
    a wish. The page speaks one's language already, so they bear no mark of the place's."""

    class Meta(Form.Meta):
        """What WTForms is told of these."""

        own_words = True
