"""From a page in HTML to a PDF/A-3: typefaces and style are made ready once a process.

Two things are done once here that WeasyPrint would do for each document. The fonts are those of
the pages, cut to the weights used: cutting a variable font takes most of the time of a certificate,
and would write the hour of the drawing into each file, so that no two were alike. And the style
sheet is read once. Pictures are not shared between documents: WeasyPrint keeps them for ever.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

STATIC = Path(__file__).parents[2] / "tierslieu" / "static"
STYLE = STATIC / "css" / "pdf-badge.css"
# family, weight, file
_FACES = (
    ("Bricolage Grotesque", 700, "bricolage-grotesque-latin-700"),
    ("Bricolage Grotesque Extended", 700, "bricolage-grotesque-latin-ext-700"),
    ("Atkinson Hyperlegible Next", 400, "atkinson-hyperlegible-next-latin-400"),
    ("Atkinson Hyperlegible Next", 600, "atkinson-hyperlegible-next-latin-600"),
    ("Atkinson Hyperlegible Next Extended", 400, "atkinson-hyperlegible-next-latin-ext-400"),
    ("Atkinson Hyperlegible Next Extended", 600, "atkinson-hyperlegible-next-latin-ext-600"),
    # Neither family has U+202F, the narrow space of French.
    ("Narrow Space", 400, "narrow-space"),
)
# Elements that may bear a language, and what WeasyPrint makes of them.
_TAGS = {"h1": "/H1", "section": "/Sect", "ol": "/L", "ul": "/L", "li": "/LI"}
_lock = Lock()
_kit: _Kit | None = None


@dataclass
class _Kit:
    fonts: Any
    style: Any
    fetcher: Any


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF; ``at``: when it was made."""

    name: str
    data: bytes
    at: datetime


@dataclass(frozen=True)
class Drawn:
    """The PDF, and the letters that no font of this machine has."""

    pdf: bytes
    missing: frozenset[str]


def draw(pages: Sequence[Callable[[], str]], attached: Attached | None) -> Drawn:
    """The first of these pages (HTML, the roomiest first) that fits on one sheet, as PDF/A-3a.

    The last one is taken if none does. The same pages and attachment give the same bytes. Several
    threads may call it: they draw in turn, for the fonts are shared.
    """
    import weasyprint

    with _lock:
        kit = _kit or _make_kit()
        for make_page in pages:
            page = weasyprint.HTML(
                string=make_page(), base_url=f"{STATIC.as_uri()}/", url_fetcher=kit.fetcher
            )
            document = page.render(
                stylesheets=[kit.style], font_config=kit.fonts, pdf_variant="pdf/a-3a"
            )
            if len(document.pages) == 1:
                break
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
        data = document.write_pdf(
            pdf_variant="pdf/a-3a",
            attachments=files,
            finisher=lambda _document, pdf: _say_languages(page.etree_element, pdf),
        )
        missing = {chr(code) for font in document.fonts.values() for code in font.missing}
    return Drawn(data, frozenset(missing))


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


def _make_kit() -> _Kit:
    global _kit
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    # Our own files and what the page holds itself; nothing from elsewhere.
    fetcher = URLFetcher(allowed_protocols=("file", "data"))
    style = weasyprint.CSS(
        string=_faces() + STYLE.read_text("utf-8"),
        base_url=f"{STATIC.as_uri()}/css/",
        font_config=fonts,
        url_fetcher=fetcher,
    )
    _kit = _Kit(fonts, style, fetcher)
    return _kit


def _leave() -> None:
    """Let the fonts go while the library that frees them is still there."""
    global _kit
    _kit = None


atexit.register(_leave)


def _faces() -> str:
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};'
        f'src:url("../fonts/{name}.woff2")}}'
        for family, weight, name in _FACES
    )
