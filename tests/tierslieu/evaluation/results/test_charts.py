"""What is drawn of results: where it lies, and what is said of what is not drawn."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, render_template_string
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.evaluation import make_participants
from tests.support.factories import Factory
from tests.support.results import ITEMS, answer_waves, make_empty_study
from tierslieu.evaluation.results.words import share
from tierslieu.evaluation.statistics.diverging import lay_out

DIVERGING = """{% from "_parts/charts.html" import diverging -%}
{{ diverging(rows, options, "Avis", ["Question", "Non", "Oui"], [["Utile", "1", "3"]], share) }}"""
SPANS = """{% from "_parts/charts.html" import spans -%}
{{ spans(rows, "Moyenne", 1, 5, "1", "5", ["Vague", "Moyenne"], [["Avant", "3,00"]], zero) }}"""


def show(app: Flask, source: str, **facts: Any) -> str:
    with app.test_request_context():
        return render_template_string(source, **facts)


def row(name: str, *counts: int) -> dict[str, Any]:
    return {"name": name, "bar": lay_out(counts) if counts else None, "note": "masqué"}


def places(drawn: str, kind: str) -> list[tuple[float, float]]:
    """Where the segments of a kind begin and end, in hundredths of the width."""
    found = re.findall(rf'<rect class="{kind}[^"]*" x="([\d.]+)%"[^>]* width="([\d.]+)%"', drawn)
    return [(float(x), float(x) + float(width)) for x, width in found]


def test_bars_meet_at_the_same_line_and_lean_to_where_answers_are(app: Flask) -> None:
    options = ["Non", "Plutôt non", "Entre", "Plutôt oui", "Oui"]
    rows = [row("Utile", 0, 5, 10, 15, 20), row("Clair", 20, 10, 0, 10, 10)]
    drawn = show(app, DIVERGING, rows=rows, options=options, share=share)
    zero = {float(x) for x in re.findall(r'<line class="zero" x1="([\d.]+)%"', drawn)}
    assert len(zero) == 1
    [line] = zero
    assert all(end <= line + 20 for _start, end in places(drawn, "against"))
    first, second = places(drawn, "for l1")[0], places(drawn, "for l1")[1]
    assert first[0] > line  # half of the middle lies between
    assert abs(second[0] - line) < 0.02
    assert abs(places(drawn, "against")[-1][1] - line) < 0.02
    [middle] = places(drawn, "middle")
    assert abs(sum(middle) / 2 - line) < 0.02
    every = places(drawn, "against") + places(drawn, "for") + [middle]
    assert min(x for x, _end in every) >= 17
    assert max(end for _x, end in every) <= 83.01


def test_a_bar_says_its_shares_to_eyes_and_ears_without_inline_style(app: Flask) -> None:
    drawn = show(
        app, DIVERGING, rows=[row("Utile", 1, 3), row("Clair")], options=["Non", "Oui"], share=share
    )
    assert "<title>Avis</title>" in drawn
    assert "Utile\u00a0: Non 25\u202f%, Oui 75\u202f%\u202f; Clair\u00a0: masqué." in drawn
    assert drawn.count("<rect") == 2
    assert ">masqué</text>" in drawn
    assert "style=" not in drawn
    assert '<td class="num" data-label="Oui">3</td>' in drawn


def test_without_a_single_bar_the_table_stands_alone(app: Flask) -> None:
    drawn = show(app, DIVERGING, rows=[row("Utile")], options=["Non", "Oui"], share=share)
    assert "<svg" not in drawn
    assert "<table" in drawn


def test_a_point_lies_where_its_value_is_and_its_band_stays_on_the_axis(app: Flask) -> None:
    one = {"name": "Avant", "value": 3, "start": 0.5, "end": 4, "text": "3,00"}
    hidden = {"name": "Après", "value": None, "start": None, "end": None, "text": "masqué"}
    drawn = show(app, SPANS, rows=[one, hidden], zero=None)
    assert re.findall(r'cx="([\d.]+)%"', drawn) == ["40.00"]  # the middle of 2 to 78
    assert places(drawn, "span") == [(2, 59)]
    assert "Avant\u00a0: 3,00, Après\u00a0: masqué." in drawn
    assert "zero" not in drawn
    assert 'class="zero" x1="21.00%"' in show(app, SPANS, rows=[one], zero=2)


def test_the_page_draws_what_is_whole_and_says_why_it_does_not_draw_the_rest(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, people = make_empty_study(db), make_participants(make, 25)
    answers = [
        {**dict.fromkeys(ITEMS, str(1 + n % 5)), "pace": "5" if n == 0 else "1"} for n in range(25)
    ]
    answer_waves(db, people, ("before", answers))
    page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}/resultats").text
    page = page[page.index("Chaque barre penche") :]
    assert page.count('class="against l0"') == 4
    assert 'aria-label="Le rythme me convient"' not in page
    assert page.count("n’est pas dessinée") == 1
