"""The boarding school's sheet on paper."""

from __future__ import annotations

from tierslieu.place.said import Place
from tierslieu.web.papers import draw_paper
from tierslieu.weeks.stays.sheet import Sheet


def draw_sheet(place: Place, paper: Sheet) -> bytes:
    """The sheet as a PDF/UA-1."""
    return draw_paper(
        "pdf/weeks_sheet.html",
        place_name=place.name_here,
        contact=place.contact,
        paper=paper,
    )
