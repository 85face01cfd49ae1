"""The file of a backup: a gzipped tar, sealed with :mod:`tierslieu.backup.age` unless one wants it
in the clear. Streamed both ways, so that its size costs no memory.

First member ``about.json`` (what this is), then tables, keys and files, last ``manifest.json``: the
size and SHA-256 of every member in order. A file without its manifest is not whole.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, cast

from tierslieu.backup.age import MAGIC, Damaged, SealedReader, SealedWriter
from tierslieu.store.shelf import Shelf

FORMAT = "tierslieu-backup"
FORMAT_VERSION = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
# What gzip writes of itself without a name or a date; nothing checks these ten bytes but we.
_GZIP_HEAD = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
MOST_AT_ONCE = 64 * 1024 * 1024  # bytes: a member that is read whole is never larger
_SLICE = 1024 * 1024
_UNREADABLE = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError)


class PassphraseNeeded(Exception):
    """The file is sealed, and no passphrase was given."""


@dataclass(frozen=True)
class Member:
    """One file inside, as the manifest names it."""

    name: str
    size: int  # bytes
    sha256: str  # hex
    rows: int | None = None  # of a piece of a table


@dataclass
class Manifest:
    """What was put in, and what should have been but was not there any more."""

    members: list[Member] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # files that a row names and the disk lacks
    changed: list[str] = field(default_factory=list)  # files that are not what their name says


class _Counted:
    """Counts and digests what passes."""

    def __init__(self, raw: Any) -> None:
        self._raw, self.size, self.digest = raw, 0, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._raw.read(size)
        self.size += len(data)
        self.digest.update(data)
        return data


class ArchiveWriter:
    """Writes a backup into ``raw``, which stays open."""

    def __init__(self, raw: BinaryIO, passphrase: str | None, about: dict[str, Any]) -> None:
        self._sealed = SealedWriter(raw, passphrase) if passphrase else None
        self._gzip = gzip.GzipFile(
            filename="", mode="wb", compresslevel=6, mtime=0, fileobj=cast(Any, self._sealed or raw)
        )
        self._tar = tarfile.open(  # noqa: SIM115 - finish() closes it
            mode="w|", fileobj=self._gzip, format=tarfile.PAX_FORMAT
        )
        self.manifest = Manifest()
        head = {"format": FORMAT, "format_version": FORMAT_VERSION, **about}
        self.add(ABOUT, json.dumps(head, ensure_ascii=False, indent=1).encode())

    def _put(self, name: str, size: int, source: Any, rows: int | None) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        counted = _Counted(source)
        self._tar.addfile(info, cast(Any, counted))
        digest = counted.digest.hexdigest()
        self.manifest.members.append(Member(name, size, digest, rows))
        return digest

    def add(self, name: str, data: bytes, rows: int | None = None) -> None:
        """A member of these bytes."""
        self._put(name, len(data), io.BytesIO(data), rows)

    def add_file(self, name: str, shelf: Shelf, kept: str) -> str:
        """A member as the file ``kept`` of a shelf is; its SHA-256. Raises FileNotFoundError,
        nothing written."""
        with shelf.open(kept) as source:
            return self._put(name, source.seek(0, io.SEEK_END) - source.seek(0), source, None)

    def finish(self) -> None:
        """Write the manifest and every end."""
        data = json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1).encode()
        self.add(MANIFEST, data)
        self._tar.close()
        self._gzip.close()
        if self._sealed is not None:
            self._sealed.finish()

    def abandon(self) -> None:
        """Write no more: what is there has no end."""
        cast(Any, self._tar.fileobj).closed = True  # else it writes its end when it is forgotten
        self._gzip.fileobj = None  # type: ignore[assignment]


class ArchiveReader:
    """Reads a backup from its start; :meth:`members` once, to its end.

    Raises :class:`Damaged`, :class:`tierslieu.backup.age.WrongPassphrase`,
    :class:`PassphraseNeeded`.
    """

    def __init__(self, raw: BinaryIO, passphrase: str | None) -> None:
        start = raw.read(max(len(MAGIC), 10))
        raw.seek(0)
        source: Any = raw
        self.is_sealed = start.startswith(MAGIC[:8])
        if self.is_sealed:
            if not passphrase:
                raise PassphraseNeeded
            source = io.BufferedReader(SealedReader(raw, passphrase))
            start = source.peek(10)
        if not start.startswith(_GZIP_HEAD):
            raise Damaged("it is no backup of this software, or its first bytes were changed")
        self._gzip = gzip.GzipFile(fileobj=source, mode="rb")
        self._seen: list[Member] = []
        self.manifest: Manifest | None = None
        try:
            self._tar = tarfile.open(mode="r|", fileobj=self._gzip)  # noqa: SIM115
            first = self._tar.next()
            data = b"" if first is None or first.name != ABOUT else self._whole(first)
            self.about: dict[str, Any] = json.loads(data)
        except _UNREADABLE as error:
            raise Damaged("it is no backup of this software, or its start was changed") from error
        if not isinstance(self.about, dict) or self.about.get("format") != FORMAT:
            raise Damaged("it is no backup of this software")

    def _counted(self, info: tarfile.TarInfo) -> _Counted:
        if not info.isreg():
            raise Damaged("it holds something that is no file")
        return _Counted(self._tar.extractfile(info))

    def _whole(self, info: tarfile.TarInfo) -> bytes:
        if info.size > MOST_AT_ONCE:
            raise Damaged(f"{info.name} is larger than it can be")
        source = self._counted(info)
        data = source.read()
        self._note(info, source)
        return data

    def _note(self, info: tarfile.TarInfo, source: _Counted) -> None:
        while source.read(_SLICE):
            pass
        self._seen.append(Member(info.name, source.size, source.digest.hexdigest()))

    def members(self) -> Iterator[tuple[str, Any]]:
        """(name, something to ``read``) for each member between the first and the manifest; at the
        end everything that was read is held against the manifest."""
        try:
            while (info := self._tar.next()) is not None and info.name != MANIFEST:
                source = self._counted(info)
                yield info.name, source
                self._note(info, source)
            if info is None:
                raise Damaged("it was cut short")
            self.manifest = _read_manifest(self._whole(info))
            self._check(self.manifest)
            while self._gzip.read(_SLICE):  # what pads the tar, and the checksum behind it
                pass
        except _UNREADABLE as error:
            raise Damaged("it was cut short or changed") from error

    def _check(self, manifest: Manifest) -> None:
        said = [(m.name, m.size, m.sha256) for m in manifest.members]
        if [(m.name, m.size, m.sha256) for m in self._seen[:-1]] != said:
            raise Damaged("what it holds is not what its manifest says")


def _read_manifest(data: bytes) -> Manifest:
    found = json.loads(data)
    return Manifest(
        [Member(**member) for member in found["members"]], found["missing"], found["changed"]
    )
