"""What a shelf of files can do, wherever it is: nobody but this room knows where files lie.

A file is there whole under its name, or not at all, whenever a machine stops. Names are
``name`` or ``group/name`` of ASCII letters, digits, ``.``, ``_`` and ``-``.
"""

from __future__ import annotations

import errno
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

_NAME = re.compile(r"(?:[A-Za-z0-9_.-]{1,250}/)?[A-Za-z0-9_.-]{1,250}")


class StoreAway(OSError):
    """Files cannot be read or written now: what was asked may be right, and well in a moment.

    ``strerror`` says why, for who runs the place: without an address, a name or a secret."""


# What a disk answers when it takes nothing more, for now or for good; nothing is wrong with what
# was to be written.
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


def is_of_the_disk(error: BaseException) -> bool:
    """Whether a disk is full, damaged, or mounted for reading alone."""
    return isinstance(error, OSError) and error.errno in _OF_THE_DISK


@dataclass(frozen=True)
class Entry:
    """A file as a list tells it."""

    name: str
    size: int  # bytes
    changed_at: datetime  # by the clock of where it lies; aware

    @property
    def is_draft(self) -> bool:
        """Whether it was begun to be written, and is not whole."""
        return self.name.rsplit("/", 1)[-1].startswith(".")


def is_name(name: str) -> bool:
    """Whether a shelf takes this name."""
    return bool(_NAME.fullmatch(name)) and not {".", ".."} & set(name.split("/"))


def check_name(name: str) -> str:
    """The name, if a shelf takes it. Raises ValueError."""
    if not is_name(name):
        raise ValueError("no name for a file of a shelf")
    return name


class Shelf(ABC):
    """Files of one kind (keys, uploads…). Everything raises :class:`StoreAway` when where they lie
    does not answer, is full or refuses."""

    #: Whether what lies there is encrypted under the passphrase of the keys.
    is_sealed = False

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """The file to read, from its start; it can be sought in, and nothing of it is fetched any
        more. Raises FileNotFoundError."""

    @abstractmethod
    def writing(self, name: str, *, is_lasting: bool = True) -> AbstractContextManager[BinaryIO]:
        """Something to write to and seek in; when the block ends well it is there under its name,
        over what was there. ``is_lasting`` False: whoever writes many has them last together, by
        one ``os.sync()`` at the end."""

    @abstractmethod
    def create(self, name: str, data: bytes) -> bool:
        """Put a file there unless there is one; whether it was. Of several at once one does."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a file; nothing if there is none."""

    @abstractmethod
    def destroy(self, name: str) -> None:
        """Remove a file so that nobody can read it again here; nothing if there is none. Copies
        kept elsewhere (a backup) are for who keeps them to destroy."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is such a file."""

    @abstractmethod
    def entries(self, *, drafts: bool = False) -> Iterator[Entry]:
        """Every file, by name; with ``drafts`` also what was begun to be written and is not whole
        (its last part begins with a dot). What bears a name that no shelf gives was put there by
        somebody else, and is left out."""

    @abstractmethod
    def clear(self) -> None:
        """Remove everything."""

    def may_others_enter(self) -> bool:
        """Whether other accounts of this machine can list or reach the files."""
        return False

    def may_others_read(self, name: str) -> bool:
        """Whether other accounts of this machine can read this file."""
        return False

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError."""
        with self.open(name) as file:
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Have this file hold ``data``, over what was there."""
        with self.writing(name) as file:
            file.write(data)

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing lies there, of whatever name."""
