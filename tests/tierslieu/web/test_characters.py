"""What no keyboard types and no page shows is told from what does."""

from __future__ import annotations

import pytest
from wtforms import StringField, TextAreaField

from tests.support.client import LookingClient
from tierslieu.web.characters import has_unseen
from tierslieu.web.forms import Form, no_control_characters


@pytest.mark.parametrize(
    "character", ["\x00", "\x1f", "\x7f", "\x9f", "\ud800", "\ufdd0", "\ufdef", "\ufffe", "\uffff",
                  "\U0001fffe", "\U0010ffff"],
)  # fmt: skip
def test_control_characters_half_pairs_and_noncharacters_are_unseen(character: str) -> None:
    assert has_unseen(f"mot{character}")


@pytest.mark.parametrize(
    "text", ["", "Élodie\u202f!", "ﷺ", "\ufdcf", "\ufdf0", "\ufffd", "👩‍🔧", "\U0001fffd"]
)
def test_what_can_be_read_or_shapes_what_can_is_seen(text: str) -> None:
    assert not has_unseen(text)


def test_line_breaks_are_welcome_where_lines_are_asked(client: LookingClient) -> None:
    class Words(Form):
        """A line, and lines."""

        line = StringField(validators=[no_control_characters])
        lines = TextAreaField(validators=[no_control_characters])

    with client.application.test_request_context(
        method="POST", data={"line": "a\uffff", "lines": "a\nb"}
    ):
        form = Words()
        form.validate()
        assert "line" in form.errors
        assert "lines" not in form.errors


@pytest.mark.parametrize("sign", ["\u202a", "\u202d", "\u202e", "\u2066", "\u2068"])
def test_a_line_turns_the_reading_of_no_sentence_that_quotes_it(
    client: LookingClient, sign: str
) -> None:
    class Words(Form):
        """A line, and lines."""

        line = StringField(validators=[no_control_characters])
        lines = TextAreaField(validators=[no_control_characters])

    said = f"devoir{sign}fdp.exe"
    with client.application.test_request_context(method="POST", data={"line": said, "lines": said}):
        form = Words()
        form.validate()
        assert "invisible" in str(form.errors["line"])
        assert "lines" not in form.errors
    with client.application.test_request_context(method="POST", data={"line": "مرحبا, שלום"}):
        form = Words()
        form.validate()
        assert "line" not in form.errors
