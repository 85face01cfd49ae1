"""The library's sentences are shown in French: ours first, its own translation beneath."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_security.core import _default_messages
from flask_security.utils import get_message, localize_callback

from tierslieu.people.messages import MESSAGES


def test_every_sentence_of_ours_answers_one_the_library_knows() -> None:
    assert set(MESSAGES) <= set(_default_messages)


@pytest.mark.parametrize("key", sorted(_default_messages))
def test_no_sentence_of_the_library_is_shown_in_english(app: Flask, key: str) -> None:
    english = str(_default_messages[key][0])
    with app.test_request_context():
        shown = localize_callback(app.config[f"SECURITY_MSG_{key}"][0])
    assert shown != english
    assert "!" not in shown


def test_ours_win_over_the_librarys_own(app: Flask) -> None:
    with app.test_request_context():
        assert get_message("PASSWORD_INVALID_LENGTH", length=12)[0] == (
            "Ce mot de passe doit compter de 12 à 128 caractères."
        )


def test_numbers_refused_by_a_form_are_refused_in_french(app: Flask) -> None:
    from tierslieu.people.forms import ProfileForm

    with app.test_request_context(method="POST", data={"country": "Atlantide"}):
        form = ProfileForm()
        assert not form.validate()
        assert "Not a valid choice" not in str(form.errors)
