"""The boarding school's sheet on paper."""

from __future__ import annotations

from tierslieu.settings import Settings
from tierslieu.web.papers import draw_paper
from tierslieu.weeks.stays.sheet import Sheet


def draw_sheet(settings: Settings, paper: Sheet) -> bytes:
    """The sheet as a PDF/UA-1."""
    return draw_paper(
        "pdf/weeks_sheet.html",
        place_name=settings.place_name,
        contact=settings.contact,
        paper=paper,
    )
