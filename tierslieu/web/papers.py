"""Papers: from a page in HTML to a tagged PDF, in the typefaces of the pages.

Two things are done once a process that WeasyPrint would do for each document. The fonts are those
of the pages, cut to the weights used: cutting a variable font takes most of the time of a paper,
and would write the hour of the drawing into each file, so that no two were alike. And each style
sheet is read once. Pictures are not shared between documents: WeasyPrint keeps them for ever.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Response, current_app

from tierslieu.web.paper_tongues import Tongues

STATIC = Path(__file__).parents[1] / "static"
STYLE = STATIC / "css" / "pdf.css"
_lock = Lock()
_kits: dict[Path, _Kit] = {}


@dataclass
class _Kit:
    fonts: Any
    style: Any
    fetcher: Any


@dataclass(frozen=True)
class Drawn:
    """The PDF, and the letters that no font of this machine has."""

    pdf: bytes
    missing: frozenset[str]


def draw_pdf(
    pages: Sequence[Callable[[], str]],
    style: Path,
    *,
    variant: str,
    attachments: Sequence[Any] = (),
) -> Drawn:
    """The first of these pages (HTML, the roomiest first) that fits on one sheet, as a PDF.

    The last one is taken if none does, on as many sheets as it needs. ``variant``: what kind of
    PDF, in WeasyPrint's words; what speaks another language (``lang``) says so in it. The same
    arguments give the same bytes. Several threads may call it: they draw in turn, for the fonts are
    shared.
    """
    import weasyprint

    with _lock:
        kit = _kits.get(style) or _make_kit(style)
        for make_page in pages:
            page = weasyprint.HTML(
                string=make_page(), base_url=f"{STATIC.as_uri()}/", url_fetcher=kit.fetcher
            )
            document = page.render(
                stylesheets=[kit.style], font_config=kit.fonts, pdf_variant=variant
            )
            if len(document.pages) == 1:
                break
        tongues = Tongues(page.etree_element)
        tongues.listen(document.pages)
        data = document.write_pdf(
            pdf_variant=variant,
            attachments=list(attachments),
            finisher=lambda _document, pdf: tongues.write(pdf),
        )
        missing = {chr(code) for font in document.fonts.values() for code in font.missing}
    return Drawn(data, frozenset(missing))


def draw_paper(template: str, **facts: Any) -> bytes:
    """A template of ``templates/pdf/`` as a PDF/UA-1, on as many A4 sheets as it needs.

    It is given these facts and the logo of the place, not what every page may show: nothing is
    asked of the database while it is drawn. Names go through ``can_write``: where no font here has
    their letters, an empty box is nobody's name and the paper leaves a line to be filled in by
    hand; elsewhere such letters are left out.
    """
    page = current_app.jinja_env.get_template(template)
    # Asked before, not while it is drawn; put there by the room of the place, on a floor above.
    printed_logo: Any = current_app.jinja_env.globals["printed_logo"]
    facts = {"logo": printed_logo()} | facts

    def make(missing: frozenset[str]) -> str:
        html = page.render(can_write=missing.isdisjoint, **facts)
        return html.translate(dict.fromkeys(map(ord, missing)))

    nothing: frozenset[str] = frozenset()
    drawn = draw_pdf([lambda: make(nothing)], STYLE, variant="pdf/ua-1")
    if drawn.missing:
        drawn = draw_pdf([lambda: make(drawn.missing)], STYLE, variant="pdf/ua-1")
    return drawn.pdf


def send_paper(data: bytes, filename: str) -> Response:
    """A person's paper as an answer: shown in the browser, kept by nobody on the way."""
    answer = Response(data, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _make_kit(style: Path) -> _Kit:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    # Our own files and what the page holds itself; nothing from elsewhere.
    fetcher = URLFetcher(allowed_protocols=("file", "data"))
    sheet = weasyprint.CSS(
        string=style.read_text("utf-8"),
        base_url=f"{STATIC.as_uri()}/css/",
        font_config=fonts,
        url_fetcher=fetcher,
    )
    kit = _kits[style] = _Kit(fonts, sheet, fetcher)
    return kit


def _leave() -> None:
    """Let the fonts go while the library that frees them is still there."""
    _kits.clear()


atexit.register(_leave)
