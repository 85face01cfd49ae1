"""Keys that lie with somebody else, encrypted: who runs a store must not be able to read them.

Each file is sealed under the passphrase of the keys (scrypt, then AES-256-GCM bound to the name of
the file, so that none can be put in another's place).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tierslieu.store.shelf import Entry, Shelf, StoreAway

MAGIC = b"tierslieu-sealed-1\n"
SALT, NONCE = 16, 12  # bytes


class WrongSeal(StoreAway):
    """It was sealed under another passphrase, was not sealed, or was changed."""


@lru_cache(maxsize=64)
def _derive(passphrase: str, salt: bytes) -> bytes:
    # 32 MB and a twentieth of a second, once a process for each salt.
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())


@lru_cache(maxsize=4)
def _salt_of(process: int) -> bytes:
    """One for all that a process writes, so that reading it all derives one key."""
    return os.urandom(SALT)


def seal(name: str, data: bytes, passphrase: str) -> bytes:
    """``data``, to be read by whoever has the passphrase and asks for this name."""
    salt, nonce = _salt_of(os.getpid()), os.urandom(NONCE)
    sealed = AESGCM(_derive(passphrase, salt)).encrypt(nonce, data, MAGIC + name.encode())
    return MAGIC + salt + nonce + sealed


def unseal(name: str, sealed: bytes, passphrase: str) -> bytes:
    """What was sealed. Raises :class:`WrongSeal`."""
    rest = sealed.removeprefix(MAGIC)
    if rest == sealed:
        raise WrongSeal(errno.EACCES, "it is not sealed as keys are there: put it there anew")
    salt, nonce, body = rest[:SALT], rest[SALT : SALT + NONCE], rest[SALT + NONCE :]
    try:
        return AESGCM(_derive(passphrase, salt)).decrypt(nonce, body, MAGIC + name.encode())
    except (InvalidTag, ValueError):
        raise WrongSeal(
            errno.EACCES,
            "it was changed, or TIERSLIEU_KEY_PASSPHRASE is not the one it was sealed under",
        ) from None


class SealedShelf(Shelf):
    """A shelf of small files, each sealed."""

    is_sealed = True

    def __init__(self, inner: Shelf, passphrase: str) -> None:
        self.inner, self._passphrase = inner, passphrase

    def open(self, name: str) -> BinaryIO:
        """See :class:`Shelf`."""
        return BytesIO(unseal(name, self.inner.read(name), self._passphrase))

    @contextmanager
    def writing(self, name: str, *, is_lasting: bool = True) -> Iterator[BinaryIO]:
        """See :class:`Shelf`."""
        file = BytesIO()
        yield file
        sealed = seal(name, file.getvalue(), self._passphrase)
        with self.inner.writing(name, is_lasting=is_lasting) as outer:
            outer.write(sealed)

    def create(self, name: str, data: bytes) -> bool:
        """See :class:`Shelf`."""
        return self.inner.create(name, seal(name, data, self._passphrase))

    def delete(self, name: str) -> None:
        """See :class:`Shelf`."""
        self.inner.delete(name)

    def destroy(self, name: str) -> None:
        """See :class:`Shelf`."""
        self.inner.destroy(name)

    def has(self, name: str) -> bool:
        """See :class:`Shelf`."""
        return self.inner.has(name)

    def is_empty(self) -> bool:
        """See :class:`Shelf`."""
        return self.inner.is_empty()

    def entries(self, *, drafts: bool = False) -> Iterator[Entry]:
        """See :class:`Shelf`; sizes are those of what is sealed."""
        return self.inner.entries(drafts=drafts)

    def clear(self) -> None:
        """See :class:`Shelf`."""
        self.inner.clear()


def read_under_either(former: Shelf, shelf: Shelf) -> dict[str, bytes]:
    """Every file of a sealed shelf by name, sealed under one passphrase or already under the
    other: a first try at changing it may have been cut short. Empty for a shelf that is not
    sealed. Raises :class:`WrongSeal`."""
    found: dict[str, bytes] = {}
    for entry in shelf.entries() if shelf.is_sealed else ():
        try:
            found[entry.name] = former.read(entry.name)
        except WrongSeal:
            found[entry.name] = shelf.read(entry.name)
    return found
