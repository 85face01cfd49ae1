"""Where a file of a shelf lies, for tests that spoil it: in these, shelves are folders."""

from __future__ import annotations

from pathlib import Path

from tierslieu.store.folders import FolderShelf
from tierslieu.store.shelf import Shelf


def folder_of(shelf: Shelf) -> Path:
    """The folder of a shelf."""
    assert isinstance(shelf, FolderShelf)
    return shelf.folder


def path_of(shelf: Shelf, name: str) -> Path:
    """Where this file of a shelf lies, if it is there."""
    return folder_of(shelf) / name
