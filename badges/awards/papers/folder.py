"""Where certificates lie until they are fetched: one file a certificate, then one zip a batch.

A file that bears its name is whole. The rows are committed before their files are made, so a file
whose row does not ask for it can be removed at once.
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tierslieu.store.shelf import Entry, Shelf

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
MAX_NAME = 60  # letters: four bytes each at most, and file systems take 255


class Paper(NamedTuple):
    """One certificate: its line, the award it is of, whose, since when."""

    line_id: UUID
    award_id: UUID
    holder: str
    at: datetime


def keep_paper(shelf: Shelf, batch_id: UUID, line_id: UUID, pdf: bytes) -> None:
    """Keep one certificate."""
    shelf.write(_piece(batch_id, line_id), pdf)


def bind(shelf: Shelf, batch_id: UUID, slug: str, papers: Iterable[Paper]) -> int:
    """Put the certificates of a batch into its zip; gives its size in bytes.

    The same certificates give the same zip. Raises FileNotFoundError when one was lost.
    """
    taken: set[str] = set()
    with shelf.writing(zip_file(batch_id)) as file:
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
                archive.writestr(entry, shelf.read(_piece(batch_id, paper.line_id)))
        return file.seek(0, os.SEEK_END)


def file_stem(holder: str, award_id: UUID) -> str:
    """``Chloé Nguyễn-3f2a9c01``: a person's name as a file bears it, then what tells it apart."""
    name = _NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", holder))
    name = " ".join(name.split())[:MAX_NAME].strip(" .")
    return f"{name or 'sans nom'}-{award_id.hex[:8]}"


def zip_file(batch_id: UUID) -> str:
    """The name of the zip of this batch."""
    return f"{batch_id}.zip"


def _piece(batch_id: UUID, line_id: UUID) -> str:
    return f"{batch_id}/{line_id}.pdf"


def list_lost(shelf: Shelf, batch_id: UUID, line_ids: Iterable[UUID]) -> list[UUID]:
    """The certificates of a batch that are not there."""
    there = {entry.name for entry in shelf.entries()}
    return [line_id for line_id in line_ids if _piece(batch_id, line_id) not in there]


def list_entries(shelf: Shelf) -> list[Entry]:
    """Everything that lies here. To be listed before the rows are read that say what to keep."""
    return list(shelf.entries(drafts=True))


def sweep(
    shelf: Shelf, entries: Iterable[Entry], running: Iterable[UUID], done: Iterable[UUID]
) -> int:
    """Remove what no batch asks for: everything of those that are over, the single certificates
    of those whose zip is there; gives of how many batches."""
    keep_all = {str(batch_id) for batch_id in running}
    keep_zip = {zip_file(batch_id) for batch_id in done}
    swept = set()
    for entry in entries:
        head = entry.name.partition("/")[0]
        if head.lstrip(".").partition(".")[0] in keep_all or entry.name in keep_zip:
            continue
        shelf.delete(entry.name)
        swept.add(head)
    return len(swept)
