"""A badge's certificate as a PDF/A-3: its sheet, its signed file.

What every paper needs (typefaces, style, drawing, the language of its passages) is in
``tierslieu.web.papers``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tierslieu.web.papers import STATIC, Drawn, draw_pdf

STYLE = STATIC / "css" / "pdf-badge.css"


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
    return draw_pdf(pages, STYLE, variant="pdf/a-3a", attachments=files)
