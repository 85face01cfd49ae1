"""The key and what is made with it."""

from __future__ import annotations

import hmac
import re
import stat
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from tests.support.files import path_of
from tierslieu.errors import Refused
from tierslieu.store.folders import FolderShelf
from tierslieu.surveys.pseudonyms import key_file, make_key, pseudonym, read_key, sheet_key

STUDY, PERSON = UUID(int=1), UUID(int=2)


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    keys = FolderShelf(tmp_path / "keys")
    key = make_key(keys, "lieu")
    assert len(key) == 32
    assert make_key(keys, "lieu") == key == read_key(keys, "lieu")
    assert stat.S_IMODE(path_of(keys, key_file("lieu")).stat().st_mode) == 0o600
    assert make_key(keys, "autre") != key


def test_without_its_key_a_study_says_so(app: Flask, tmp_path: Path) -> None:
    keys = FolderShelf(tmp_path)
    with pytest.raises(Refused, match="n’est plus là"):
        read_key(keys, "lieu")
    path_of(keys, key_file("lieu")).write_text("abcd")
    with pytest.raises(Refused):
        read_key(keys, "lieu")


def test_a_pseudonym_is_p_and_sixteen_letters_of_an_hmac() -> None:
    key = bytes(range(32))
    pid = pseudonym(key, STUDY, PERSON)
    assert re.fullmatch(r"p[a-z2-7]{16}", pid)
    # Recomputed by another road: five bits at a time from the digest.
    digest = hmac.new(key, f"{STUDY}|{PERSON}".encode(), sha256).digest()
    bits = int.from_bytes(digest[:10], "big")
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    assert pid == "p" + "".join(letters[bits >> (75 - 5 * i) & 31] for i in range(16))


def test_pseudonyms_differ_by_key_study_and_person() -> None:
    one, other = bytes(32), bytes([1] * 32)
    assert (
        len(
            {
                pseudonym(one, STUDY, PERSON),
                pseudonym(other, STUDY, PERSON),
                pseudonym(one, PERSON, STUDY),
                pseudonym(one, STUDY, STUDY),
                sheet_key(one, PERSON),
                sheet_key(other, PERSON),
            }
        )
        == 6
    )
