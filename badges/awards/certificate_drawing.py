"""A badge's certificate as a PDF/A-3: its sheet, its signed file, the language of its passages.

What every paper needs (typefaces, style, drawing) is in ``tierslieu.web.papers``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tierslieu.web.papers import STATIC, Drawn, draw_pdf

STYLE = STATIC / "css" / "pdf-badge.css"
# Elements that may bear a language, and what WeasyPrint makes of them.
_TAGS = {"h1": "/H1", "section": "/Sect", "ol": "/L", "ul": "/L", "li": "/LI"}


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF; ``at``: when it was made."""

    name: str
    data: bytes
    at: datetime


def draw(pages: Sequence[Callable[[], str]], attached: Attached | None) -> Drawn:
    """The first of these pages (HTML, the roomiest first) that fits on one sheet, as PDF/A-3a.

    The last one is taken if none does. The same pages and attachment give the same bytes.
    """
    import weasyprint

    files = []
    if attached is not None:
        files.append(
            weasyprint.Attachment(
                string=attached.data,
                name=attached.name,
                description="Open Badges 3.0",
                created=attached.at,
                modified=attached.at,
                relationship="Source",
            )
        )
    return draw_pdf(pages, STYLE, variant="pdf/a-3a", attachments=files, finish=_say_languages)


def _say_languages(root: Any, pdf: Any) -> None:
    """Write the language of each passage that has one of its own into the PDF's structure.

    WeasyPrint writes that of the document alone. It makes one structure element for each of these
    elements, in the order of the page.
    """
    import pydyf  # type: ignore[import-untyped]

    made: dict[str, list[Any]] = {}
    for one in pdf.objects:
        if isinstance(one, dict) and one.get("Type") == "/StructElem":
            made.setdefault(one["S"], []).append(one)
    seen: dict[str, int] = {}
    for element in root.iter():
        tag = _TAGS.get(element.tag) if isinstance(element.tag, str) else None
        if tag is None:
            continue
        place = seen[tag] = seen.get(tag, -1) + 1
        if language := element.get("lang"):
            made[tag][place]["Lang"] = pydyf.String(language)
