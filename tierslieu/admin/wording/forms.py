"""What may be written into a mail: shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from tierslieu.mail.wording.models import TEXTS
from tierslieu.web.forms import Form, no_control_characters, tidy

SUBJECT_LIMIT = 150  # characters: programs cut longer ones
TEXT_LIMIT = 1500


def _lines(value: Any) -> Any:
    """Line breaks as they are kept, and no more than one empty line between paragraphs."""
    if not isinstance(value, str):
        return value
    lines = [line.rstrip() for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return tidy(text)


def _subject(label: Any) -> StringField:
    return StringField(
        label,
        [Length(max=SUBJECT_LIMIT), no_control_characters],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )


def _text(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        [Length(max=TEXT_LIMIT), no_control_characters],
        filters=[_lines],
        render_kw={"rows": 4},
    )


class WordingForm(Form):
    """Subject, a word after the greeting, a word at the end, in both languages; and the version
    that was on the screen."""

    subject_fr = _subject(_l("Objet, en français"))
    subject_en = _subject(_l("Objet, en anglais"))
    opening_fr = _text(_l("Mot du début, en français"))
    opening_en = _text(_l("Mot du début, en anglais"))
    closing_fr = _text(_l("Mot de la fin, en français"))
    closing_en = _text(_l("Mot de la fin, en anglais"))
    seen = HiddenField()

    @property
    def texts(self) -> dict[str, str]:
        """What is written, by the names of the columns."""
        return {name: self[name].data or "" for name in TEXTS}

    @property
    def version(self) -> int:
        """The version that was read before writing; -1 for none that can be."""
        text = self.seen.data or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1
