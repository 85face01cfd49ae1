"""Looks at a paper: its words, its tags, its pages."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from tests.support.certificates import words_of
from tests.support.sessions import plain

# What `pdfinfo -struct-text` writes of a structure element, and of the words in it.
_PIECE = re.compile(r" *[A-Z][A-Za-z0-9]*( <[^>]*>)?:?( \((block|inline)\):?)?$")
_WORDS = re.compile(r' *"(.*)"$')


def said_by(pdf: bytes, folder: Path) -> str:
    """The text as poppler reads it, with ordinary spaces."""
    return plain(words_of(pdf, folder))


def pages_of(pdf: bytes, folder: Path) -> list[str]:
    """The same, page by page."""
    return [plain(page) for page in words_of(pdf, folder).split("\f")[:-1]]


def walk(element: Any) -> Iterator[Any]:
    """Every structure element, in the order it is read."""
    if isinstance(element, pikepdf.Array):
        for one in element:
            yield from walk(one)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
        yield element
        if "/K" in element:
            yield from walk(element.K)


def spoken_by(pdf: bytes, folder: Path) -> list[tuple[str, str]]:
    """What a paper says, piece by piece as it is read, each with its language (its element's, or
    the document's); a picture is read by its description, not by the words drawn in it."""
    (folder / "spoken.pdf").write_bytes(pdf)
    told = subprocess.run(
        ["pdfinfo", "-struct-text", str(folder / "spoken.pdf")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        languages = [
            str(one.get("/Lang", opened.Root.Lang)) for one in walk(opened.Root.StructTreeRoot.K)
        ]
    pieces: list[tuple[str, str]] = []
    place, is_picture = -1, False
    for line in told.splitlines():
        if _PIECE.match(line):
            place += 1
            is_picture = line.strip().startswith("Figure")
        elif not is_picture and (found := _WORDS.match(line)):
            pieces.append((languages[place], plain(found[1])))
    assert place + 1 == len(languages), "poppler reads other elements"
    return pieces


def assert_is_tagged(pdf: bytes, title: str) -> list[str]:
    """Assert what PDF/UA-1 asks and can be seen here; gives the tags in their order."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        assert str(opened.Root.Lang) == "fr"
        metadata = opened.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == title
        elements = list(walk(opened.Root.StructTreeRoot.K))
        for cell in elements:
            if cell.S == "/TD":  # each is told with its row or its column
                assert list(cell.A.Headers)
            if cell.S == "/Figure":
                assert str(cell.Alt)
        for number in range(1, len(opened.objects)):
            found = opened.get_object(number, 0)
            if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor":
                assert "/FontFile2" in found or "/FontFile3" in found
        return [str(element.S) for element in elements]
