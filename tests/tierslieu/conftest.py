"""What tests of papers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tierslieu.db import db as database
from tierslieu.web import papers


@pytest.fixture
def drawn_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every paper is drawn outside any transaction; gives the kinds of PDF drawn."""
    drawn: list[str] = []
    draw = papers.draw_pdf

    def watched(*pages: Any, **more: Any) -> papers.Drawn:
        assert not database.session().in_transaction()
        made = draw(*pages, **more)
        assert not database.session().in_transaction()
        drawn.append(str(more["variant"]))
        return made

    monkeypatch.setattr(papers, "draw_pdf", watched)
    yield drawn
    assert drawn
