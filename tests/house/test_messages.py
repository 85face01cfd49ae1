"""The catalogues of messages are those of the code and templates as they are."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale, ngettext

from tierslieu.house import House

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "tierslieu" / "translations"
LANGUAGES = ("fr", "en")
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
TAGS = re.compile(r"</?\w+[^>]*>")


def read(language: str) -> list[Message]:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return [message for message in read_po(file) if message.id]


def texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, tuple | list) else [str(value)]


def test_the_catalogues_are_renewed_when_a_message_changes(tmp_path: Path) -> None:
    """If this fails: ``make messages``, write the English, and commit both."""
    subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "renew-messages"), str(tmp_path)], check=True, cwd=ROOT
    )
    for language in LANGUAGES:
        for name in ("messages.po", "messages.mo"):
            path = Path(language) / "LC_MESSAGES" / name
            assert (tmp_path / path).read_bytes() == (CATALOGUES / path).read_bytes(), path


def test_every_message_has_its_english() -> None:
    missing = [m.id for m in read("en") if not all(texts(m.string)) or m.fuzzy]
    assert not missing


def test_a_translation_keeps_what_is_put_into_it() -> None:
    wrong = []
    for message in read("en"):
        one, said = texts(message.id), texts(message.string)
        for french, english in zip(one, said, strict=True):
            places = set(PLACES.findall(english))
            # «One session» may leave its number out.
            may = set(PLACES.findall(french)) | set(PLACES.findall(one[-1]))
            is_whole = places == set(PLACES.findall(french)) or (len(one) > 1 and places <= may)
            if not is_whole or sorted(TAGS.findall(french)) != sorted(TAGS.findall(english)):
                wrong.append((french, english))
    assert not wrong


def test_french_quotation_marks_hold_to_their_words_by_a_narrow_space() -> None:
    wide = re.compile("« |«\u00a0| »|\u00a0»")
    said = [text for message in read("fr") for text in texts(message.id)]
    assert not [text for text in said if wide.search(text)]


def test_english_is_spaced_as_english_is() -> None:
    """No French quotation marks, no space before ``: ; ! ?``."""
    french = re.compile("[«»]|[\u00a0\u202f ][:;!?](?![\\w/(-])")
    said = [text for message in read("en") for text in texts(message.string)]
    wrong = [text for text in said if french.search(text)]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_zero_is_singular_in_french_and_plural_in_english(app: Flask, language: str) -> None:
    plurals = [message for message in read(language) if isinstance(message.id, tuple)]
    assert plurals
    with app.test_request_context(), force_locale(language):
        for message in plurals:
            one, many = message.id
            said = texts(message.string)
            names = set(re.findall(r"%\((\w+)\)", one + many + "".join(said))) - {"num"}
            values = dict.fromkeys(names, "x")
            zero = said[0] if language == "fr" else said[1]
            assert ngettext(one, many, 0, **values) == zero % {**values, "num": 0}
            assert ngettext(one, many, 2, **values) == said[1] % {**values, "num": 2}


#: What the commands and the files for researchers say alone.
SAID_ELSEWHERE = {"Invariant", "ResearchTable"}


def test_what_features_offer_to_pages_is_said_in_the_readers_language(app: Flask) -> None:
    house: House = app.extensions["tierslieu.house"]
    bare = {
        f"{type(offer).__name__}.{field.name}: {value}"
        for offer in house.offers
        if type(offer).__name__ not in SAID_ELSEWHERE
        for field in fields(offer)
        if type(value := getattr(offer, field.name)) is str and " " in value
    }
    assert not bare, "not messages, so never in English"
