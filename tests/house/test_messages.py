"""The catalogue of messages is that of the code and templates as they are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import ngettext

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "tierslieu" / "translations" / "fr" / "LC_MESSAGES"


def test_the_catalogue_is_renewed_when_a_message_changes(tmp_path: Path) -> None:
    """If this fails: ``make messages``, and commit what it writes."""
    subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "renew-messages"), str(tmp_path)], check=True, cwd=ROOT
    )
    for name in ("messages.po", "messages.mo"):
        assert (tmp_path / name).read_bytes() == (CATALOGUE / name).read_bytes()


def test_zero_is_singular_in_french(app: Flask) -> None:
    with (CATALOGUE / "messages.po").open("rb") as file:
        plurals = [message.id for message in read_po(file) if isinstance(message.id, tuple)]
    assert plurals
    with app.test_request_context():
        for one, many in plurals:
            values = dict.fromkeys(set(re.findall(r"%\((\w+)\)", one + many)) - {"num"}, "x")
            assert ngettext(one, many, 0, **values) == one % {**values, "num": 0}
            assert ngettext(one, many, 2, **values) == many % {**values, "num": 2}
