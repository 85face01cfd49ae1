"""The languages of a paper, written into its PDF.

WeasyPrint (70) writes ``lang`` of the document alone: ``/Lang`` of the catalog. What a passage has
of its own is added here to its structure element, which is what a screen reader asks (PDF/UA-1,
7.2; WCAG 3.1.2). Each box that is painted gets a number on its page, and the PDF's parent tree
leads from there to the element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class Tongues:
    """What languages one document speaks, and where. ``root``: its ``html`` element."""

    def __init__(self, root: Any) -> None:
        self._main = root.get("lang") or ""
        self._of = dict(_languages(root, self._main))
        self._painted: dict[tuple[int, int], str] = {}

    def listen(self, pages: list[Any]) -> None:
        """Note, while these pages are painted, which of their pieces speak another language."""
        if len({*self._of.values()}) < 2:
            return  # all of it speaks as the document does
        for number, page in enumerate(pages):
            page.paint = self._noting(number, page.paint)

    def write(self, pdf: Any) -> None:
        """Say it in the structure of the PDF, before that is written."""
        import pydyf  # type: ignore[import-untyped]

        if not self._painted:
            return
        numbers = _object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
        pieces = dict(zip(numbers[::2], numbers[1::2], strict=True))
        said: dict[bytes, set[str]] = {}
        for (page, piece), language in self._painted.items():
            said.setdefault(pieces[page][piece], set()).add(language)
        for reference, languages in said.items():
            # A link holds the words it is made of itself: several languages are of none.
            language = languages.pop() if len(languages) == 1 else self._main
            if language != self._main:
                _object(pdf, reference)["Lang"] = pydyf.String(language)

    def _noting(self, number: int, paint: Callable[..., None]) -> Callable[..., None]:
        def painted(stream: Any, scale: float = 1) -> None:
            paint(stream, scale)
            for box, piece in (stream._tags or {}).items():
                language = self._of.get(box.element, self._main)
                self._painted[number, piece["mcid"]] = language

        return painted


def _languages(element: Any, language: str) -> Iterator[tuple[Any, str]]:
    """Each element of a page, and the language it speaks."""
    own = element.get("lang") or language
    yield element, own
    for child in element:
        yield from _languages(child, own)


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
