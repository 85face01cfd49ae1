"""Files in a folder: of this machine, or shared between hosts by a file server."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tierslieu.store.shelf import Entry, Shelf, StoreAway, check_name, is_name

MARK = 4  # bytes that tell the drafts of one file apart


@contextmanager
def _telling() -> Iterator[None]:
    """What the disk says, as a shelf says it."""
    try:
        yield
    except (FileNotFoundError, StoreAway):
        raise
    except OSError as error:
        raise StoreAway(error.errno, error.strerror or type(error).__name__) from error


class FolderShelf(Shelf):
    """A folder of mode 0700 that is made when something comes into it, files of mode 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, name: str) -> Path:
        return self.folder / check_name(name)

    def open(self, name: str) -> BinaryIO:
        """See :class:`Shelf`."""
        with _telling():
            return self._path(name).open("rb")

    def _begin(self, path: Path) -> tuple[int, Path]:
        """A draft beside the file it becomes, and what writes to it."""
        draft = path.with_name(f".{path.name}.{secrets.token_hex(MARK)}")
        # Each folder with its mode: parents made on the way would have another.
        for place in dict.fromkeys((self.folder, path.parent)):
            place.mkdir(mode=0o700, parents=place == self.folder, exist_ok=True)
        return os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), draft

    @contextmanager
    def _draft(self, path: Path) -> Iterator[tuple[BinaryIO, Path]]:
        descriptor, draft = self._begin(path)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file, draft
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def writing(self, name: str, *, is_lasting: bool = True) -> Iterator[BinaryIO]:
        """See :class:`Shelf`."""
        path = self._path(name)
        # Written aside and renamed: a file that bears its name is whole. Writing it anew also
        # makes it young, so that it is not swept before its row is committed.
        with _telling(), self._draft(path) as (file, draft):
            yield file
            _finish(file, is_lasting=is_lasting)
            draft.replace(path)
            if is_lasting:
                _fix_names(path.parent)

    def create(self, name: str, data: bytes) -> bool:
        """See :class:`Shelf`."""
        path = self._path(name)
        with _telling(), self._draft(path) as (file, draft):
            file.write(data)
            _finish(file, is_lasting=True)
            try:
                path.hardlink_to(draft)  # unlike a renaming, it fails where there is a file
            except FileExistsError:
                return False
            _fix_names(path.parent)
        return True

    def delete(self, name: str) -> None:
        """See :class:`Shelf`."""
        path = self._path(name)
        with _telling():
            path.unlink(missing_ok=True)
            if path.parent != self.folder:
                with suppress(OSError):  # others lie there still, or it is gone
                    path.parent.rmdir()

    def destroy(self, name: str) -> None:
        """Write over the file, then remove it; so too what a process that died began of it."""
        path = self._path(name)
        with _telling():
            if not path.parent.exists():
                return
            drafts = path.parent.glob(f".{path.name}.{'?' * 2 * MARK}")
            for one in (path, *drafts):
                with suppress(FileNotFoundError):
                    with one.open("r+b") as file:
                        file.write(b"0" * one.stat().st_size)
                        _finish(file, is_lasting=True)
                    one.unlink()
            _fix_names(path.parent)

    def has(self, name: str) -> bool:
        """See :class:`Shelf`."""
        with _telling():
            return self._path(name).exists()

    def entries(self, *, drafts: bool = False) -> Iterator[Entry]:
        """See :class:`Shelf`."""
        with _telling():
            if not self.folder.exists():
                return
            paths = [found for path in sorted(self.folder.iterdir()) for found in _inside(path)]
        for path in paths:
            if path.name.startswith(".") and not drafts:
                continue
            with suppress(FileNotFoundError), _telling():  # removed meanwhile
                state = path.stat()
                changed_at = datetime.fromtimestamp(state.st_mtime, UTC)
                name = path.relative_to(self.folder).as_posix()
                if is_name(name):
                    yield Entry(name, state.st_size, changed_at)

    def is_empty(self) -> bool:
        """See :class:`Shelf`."""
        with _telling():
            return not any(path.is_file() for path in self.folder.rglob("*"))

    def clear(self) -> None:
        """See :class:`Shelf`."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def may_others_enter(self) -> bool:
        """See :class:`Shelf`."""
        with _telling():
            return bool(self.folder.stat().st_mode & 0o077)

    def may_others_read(self, name: str) -> bool:
        """See :class:`Shelf`."""
        with _telling():
            return bool(self._path(name).stat().st_mode & 0o077)


def _inside(path: Path) -> list[Path]:
    """A file, or the files of a group."""
    if not path.is_dir():
        return [path]
    try:
        return sorted(path.iterdir())
    except FileNotFoundError:  # the last of them was removed meanwhile
        return []


def _fix_names(folder: Path) -> None:
    """Have the disk know, too, which names stand in a folder: a file that is whole under a name
    that is lost with the power is lost as well."""
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)


def _finish(file: BinaryIO, *, is_lasting: bool) -> None:
    file.flush()
    if is_lasting:
        os.fsync(file.fileno())
