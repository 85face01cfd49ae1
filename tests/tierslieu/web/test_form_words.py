"""What a field says by itself is said in our words, as typographers write them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import Length, NumberRange

from tierslieu.web.forms import Form


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        (SelectField(choices=["a"]), "b", "Ce choix n’est pas dans la liste"),
        (SelectField(choices=["1"], coerce=int), "b", "Ce choix n’est pas dans la liste"),
        (SelectMultipleField(choices=["a"]), "b", "Ce choix n’est pas dans la liste"),
        (SelectMultipleField(choices=["1"], coerce=int), "b", "Ce choix n’est pas dans la liste"),
        (DateField(), "32/13/2027", "Écrivez un jour qui existe"),
        (TimeField(), "25:61", "Écrivez une heure"),
        (IntegerField(), "douze", "Écrivez un nombre entier"),
        (DecimalField(), "douze", "Écrivez un nombre, en chiffres."),
        (IntegerField(validators=[NumberRange(2, 9)]), "1", "Écrivez un nombre entre 2 et 9."),
        (IntegerField(validators=[NumberRange(min=2)]), "1", "Écrivez un nombre d’au moins 2."),
        (IntegerField(validators=[NumberRange(max=9)]), "10", "Écrivez un nombre d’au plus 9."),
        (StringField(validators=[Length(max=3)]), "long", "3 caractères sont possibles."),
        (StringField(validators=[Length(max=1)]), "long", "1 caractère est possible."),
        (StringField(validators=[Length(min=9)]), "long", "Écrivez au moins 9 caractères."),
        (StringField(validators=[Length(2, 3)]), "long", "Écrivez de 2 à 3 caractères."),
    ],
)  # fmt: skip
def test_a_field_says_in_our_words_what_is_wrong(
    app: Flask, field: Any, sent: str, said: str
) -> None:
    class OneField(Form):
        it = field

    with app.test_request_context(method="POST"):
        form = OneField(MultiDict({"it": sent}), meta={"csrf": False})
        assert not form.validate()
        (words,) = form.it.errors[:1]
        assert said in words
        assert not re.search(r" [:;!?]|'|%", words)
