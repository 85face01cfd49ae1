"""Where certificates lie until they are fetched: one file a certificate, then one zip a batch.

Every file is written aside, then renamed: one that bears its name is whole. The rows are committed
before their files are made, so a file whose row does not ask for it can be removed at once.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
MAX_NAME = 60  # letters: four bytes each at most, and file systems take 255


class Paper(NamedTuple):
    """One certificate: its line, the award it is of, whose, since when."""

    line_id: UUID
    award_id: UUID
    holder: str
    at: datetime


def keep_paper(folder: Path, batch_id: UUID, line_id: UUID, pdf: bytes) -> None:
    """Keep one certificate."""
    pieces = folder / str(batch_id)
    for place in (folder, pieces):  # each with its mode: parents made on the way have another
        place.mkdir(mode=0o700, exist_ok=True)
    aside = pieces / f".{line_id}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pdf)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(pieces / f"{line_id}.pdf")


def bind(folder: Path, batch_id: UUID, slug: str, papers: Iterable[Paper]) -> int:
    """Put the certificates of a batch into its zip; gives its size in bytes.

    The same certificates give the same zip. Raises FileNotFoundError when one was lost.
    """
    pieces = folder / str(batch_id)
    folder.mkdir(mode=0o700, exist_ok=True)
    aside = folder / f"{batch_id}.{secrets.token_hex(4)}.part"
    taken: set[str] = set()
    descriptor = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        # A PDF is compressed already.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for paper in papers:
                stem = file_stem(paper.holder, paper.award_id)
                # Case apart, for the systems that see no difference.
                if stem.casefold() in taken:
                    stem = f"{stem}-{paper.award_id.hex[8:]}"
                taken.add(stem.casefold())
                entry = zipfile.ZipInfo(f"attestations/{slug}/{stem}.pdf", paper.at.timetuple()[:6])
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, (pieces / f"{paper.line_id}.pdf").read_bytes())
        file.flush()
        os.fsync(file.fileno())
        size = file.seek(0, os.SEEK_END)
    aside.replace(zip_path(folder, batch_id))
    return size


def file_stem(holder: str, award_id: UUID) -> str:
    """``Chloé Nguyễn-3f2a9c01``: a person's name as a file bears it, then what tells it apart."""
    name = _NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", holder))
    name = " ".join(name.split())[:MAX_NAME].strip(" .")
    return f"{name or 'sans nom'}-{award_id.hex[:8]}"


def zip_path(folder: Path, batch_id: UUID) -> Path:
    """Where the zip of this batch lies, if it is there."""
    return folder / f"{batch_id}.zip"


def list_lost(folder: Path, batch_id: UUID, line_ids: Iterable[UUID]) -> list[UUID]:
    """The certificates of a batch that are not there."""
    pieces = folder / str(batch_id)
    return [line_id for line_id in line_ids if not (pieces / f"{line_id}.pdf").exists()]


def list_entries(folder: Path) -> list[Path]:
    """Everything that lies here. To be listed before the rows are read that say what to keep."""
    return sorted(folder.iterdir()) if folder.exists() else []


def sweep(entries: Iterable[Path], running: Iterable[UUID], done: Iterable[UUID]) -> int:
    """Remove what no batch asks for: everything of those that are over, the single certificates
    of those whose zip is there; gives how many files or folders."""
    keep_all = {str(batch_id) for batch_id in running}
    keep_zip = {f"{batch_id}.zip" for batch_id in done}
    count = 0
    for path in entries:
        if path.name.partition(".")[0] in keep_all or path.name in keep_zip:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        count += 1
    return count
