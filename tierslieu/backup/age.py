"""Files sealed under a passphrase in the age format, version 1 (C2SP «age», age-encryption.org/v1).

A standard anybody can open without us: ``age --decrypt FILE``. The head wraps a fresh file key
under scrypt and carries a MAC of itself; the body is ChaCha20-Poly1305 in chunks of 64 KiB, whose
nonces count them and mark the last, so a chunk that is changed, moved, missing or added is noticed.
Written and read as streams; the primitives are those of ``cryptography``.
"""

from __future__ import annotations

import io
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"age-encryption.org/v1\n"
WORK = 18  # log2 of scrypt's N: 256 MiB and about a second, as age itself chooses
MOST_WORK = 22  # a file that asks for more is not one of ours
CHUNK = 64 * 1024  # bytes
TAG = 16  # bytes
_LABEL = b"age-encryption.org/v1/scrypt"


class Damaged(Exception):
    """The file is not whole, or was changed; the message says what was noticed."""


class WrongPassphrase(Exception):
    """The passphrase does not open the file."""


def _text(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _bytes(text: bytes, length: int) -> bytes:
    """Canonical base64 without padding, of that many bytes; raises Damaged."""
    try:
        data = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except NotBase64:
        raise Damaged("its head cannot be read") from None
    if len(data) != length or _text(data) != text:
        raise Damaged("its head cannot be read")
    return data


def _wrap_key(passphrase: str, salt: bytes, work: int) -> bytes:
    derive = Scrypt(salt=_LABEL + salt, length=32, n=1 << work, r=8, p=1)
    return derive.derive(passphrase.encode())


def _derived(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt or None, info=info).derive(file_key)


def _mac(file_key: bytes, head: bytes) -> HMAC:
    mac = HMAC(_derived(file_key, b"", b"header"), SHA256())
    mac.update(head)
    return mac


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class SealedWriter:
    """Seals what is written to it into ``raw``; without :meth:`finish` it is known to be cut
    short."""

    def __init__(self, raw: BinaryIO, passphrase: str) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = ChaCha20Poly1305(_wrap_key(passphrase, salt, WORK)).encrypt(
            bytes(12), file_key, None
        )
        head = MAGIC + b"-> scrypt %s %d\n%s\n---" % (_text(salt), WORK, _text(wrapped))
        raw.write(head + b" " + _text(_mac(file_key, head).finalize()) + b"\n" + nonce)
        self._raw, self._held, self._number = raw, bytearray(), 0
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))

    def write(self, data: bytes) -> int:
        """Take bytes; whole chunks leave as soon as more follows them."""
        self._held += data
        while len(self._held) > CHUNK:
            self._seal(self._held[:CHUNK], is_last=False)
            del self._held[:CHUNK]
        return len(data)

    def _seal(self, chunk: bytearray, *, is_last: bool) -> None:
        self._raw.write(self._cipher.encrypt(_nonce(self._number, is_last), bytes(chunk), None))
        self._number += 1

    def flush(self) -> None:
        """Nothing leaves before its chunk is whole."""

    def finish(self) -> None:
        """Write the last chunk."""
        self._seal(self._held, is_last=True)


class SealedReader(io.RawIOBase):
    """What was sealed, as a stream; nothing unauthenticated is ever given out.

    Raises :class:`WrongPassphrase` at the start, :class:`Damaged` there or at any read.
    """

    def __init__(self, raw: BinaryIO, passphrase: str) -> None:
        head = MAGIC
        if raw.read(len(MAGIC)) != MAGIC:
            raise Damaged("it is no sealed file")
        lines = [raw.readline(256) for _ in range(3)]
        head += lines[0] + lines[1] + lines[2][:3]
        stanza = lines[0].removesuffix(b"\n").split(b" ")
        if len(stanza) != 4 or stanza[:2] != [b"->", b"scrypt"] or not lines[0].endswith(b"\n"):
            raise Damaged("its head cannot be read, or it was sealed without a passphrase")
        work = stanza[3]
        if not work.isdigit() or work.startswith(b"0") or int(work) > MOST_WORK:
            raise Damaged("its head cannot be read")
        wrapped = _bytes(lines[1].removesuffix(b"\n"), 32)
        if lines[2][:4] != b"--- " or not lines[2].endswith(b"\n") or not lines[1].endswith(b"\n"):
            raise Damaged("its head cannot be read")
        mac, salt = _bytes(lines[2][4:-1], 32), _bytes(stanza[2], 16)
        try:
            key = _wrap_key(passphrase, salt, int(work))
            file_key = ChaCha20Poly1305(key).decrypt(bytes(12), wrapped, None)
        except InvalidTag:
            raise WrongPassphrase from None
        try:
            _mac(file_key, head).verify(mac)
        except InvalidSignature:
            raise Damaged("its head was changed") from None
        nonce = raw.read(16)
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._raw, self._number, self._is_over = raw, 0, False
        self._ahead = raw.read(CHUNK + TAG)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Give the next bytes; 0 at the end that the file itself vouches for."""
        while not self._held:
            if self._is_over:
                return 0
            self._held = memoryview(self._open())
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _open(self) -> bytes:
        chunk, self._ahead = self._ahead, self._raw.read(CHUNK + TAG)
        self._is_over = not self._ahead
        try:
            opened = self._cipher.decrypt(_nonce(self._number, self._is_over), chunk, None)
        except (InvalidTag, ValueError):
            raise Damaged("it was cut short or changed") from None
        if not opened and self._number:
            raise Damaged("it was cut short or changed")
        self._number += 1
        return opened
