"""Keys with somebody else: what lies there tells nothing, and none can be put in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierslieu.store.folders import FolderShelf
from tierslieu.store.sealing import SealedShelf, WrongSeal, read_under_either

FORMER, NEW = "quatre mots bien choisis", "cinq autres mots mieux choisis"
KEY = b"0123456789abcdef" * 4


def test_a_sealed_key_does_not_lie_in_the_clear_and_opens_with_its_passphrase_alone(
    tmp_path: Path,
) -> None:
    inner = FolderShelf(tmp_path)
    SealedShelf(inner, FORMER).write("study-a.key", KEY)
    assert KEY not in inner.read("study-a.key")
    assert SealedShelf(inner, FORMER).read("study-a.key") == KEY
    with pytest.raises(WrongSeal, match="TIERSLIEU_KEY_PASSPHRASE"):
        SealedShelf(inner, NEW).read("study-a.key")


def test_nobody_who_writes_to_the_store_puts_one_key_in_the_place_of_another(
    tmp_path: Path,
) -> None:
    inner, shelf = FolderShelf(tmp_path), SealedShelf(FolderShelf(tmp_path), FORMER)
    shelf.write("study-a.key", KEY)
    sealed = inner.read("study-a.key")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for name, data in (
        ("study-b.key", sealed),
        ("study-a.key", changed),
        ("study-a.key", sealed[:30]),
        ("study-a.key", KEY),
    ):
        inner.write(name, data)
        with pytest.raises(WrongSeal):
            shelf.read(name)


def test_keys_are_read_under_either_passphrase_while_it_changes_and_under_no_third(
    tmp_path: Path,
) -> None:
    inner = FolderShelf(tmp_path)
    former, new = SealedShelf(inner, FORMER), SealedShelf(inner, NEW)
    former.write("study-a.key", b"a")
    new.write("study-b.key", b"b")  # as a first try left it
    found = {"study-a.key": b"a", "study-b.key": b"b"}
    assert read_under_either(former, new) == found
    assert read_under_either(inner, inner) == {}
    with pytest.raises(WrongSeal):
        read_under_either(SealedShelf(inner, "something else"), new)
