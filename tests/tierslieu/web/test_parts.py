"""The parts every page is made of: what they say to eyes and to ears, and their colours."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional

from tierslieu.web import formats, languages, written

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "tierslieu" / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text("utf-8")


@pytest.fixture(scope="module")
def bench() -> Flask:
    """Only the templates: what a part needs from the application is what stands here."""
    app = Flask("bench", static_folder=str(STATIC), template_folder=str(ROOT / "templates"))
    app.secret_key = "a test"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formats.FILTERS)
    place = SimpleNamespace(
        sites=(), opening=(), accent="", logo=None, theme=lambda scheme: "#ffffff"
    )
    app.jinja_env.globals.update(
        tongue=languages.current,
        this_page=lambda: "/",
        open_today=str,
        the_place=place,
        part_is_on=lambda part: True,
    )
    Babel(app, default_locale="fr")
    written.install(app)
    CSRFProtect(app)
    return app


def show(app: Flask, source: str, **context: Any) -> str:
    with app.test_request_context():
        return render_template_string(source, **context)


# Colours


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` or ``#rgb`` (WCAG 2.2)."""
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def palette(scheme: str) -> dict[str, str]:
    light, dark, paper = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\n {2,4}\}", TOKENS, re.DOTALL)
        if "--paper" in block
    )
    return {"light": light, "dark": dark, "print": paper}[scheme]


GROUNDS = ("paper", "card")
TEXTS = [(text, ground) for text in ("ink", "soft", "mer", "terra", "olive") for ground in GROUNDS]
TEXTS += [("terra-ink", "terra"), ("card", "olive"), ("soleil-ink", "soleil-wash")]
TEXTS += [(c, f"{c}-wash") for c in ("mer", "terra", "olive")]
# Where no colour was chosen, links are in mer, on every ground.
TEXTS += [("mer", f"{c}-wash") for c in ("terra", "olive", "soleil")]
TEXTS += [("ink", f"{c}-wash") for c in ("mer", "terra", "olive", "soleil")]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_every_text_can_be_read_on_its_ground(scheme: str, text: str, ground: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_control_can_be_seen(scheme: str, ground: str) -> None:
    colours = palette(scheme)
    assert contrast(colours["edge"], colours[ground]) >= 3


@pytest.mark.parametrize("sheet", ["tokens.css", "pdf.css", "pdf-faces.css"])
def test_every_file_a_stylesheet_asks_for_is_shipped(sheet: str) -> None:
    source = (STATIC / "css" / sheet).read_text("utf-8")
    asked = re.findall(r'url\("([^"]+)"\)', source)
    assert asked
    assert [a for a in asked if not (STATIC / "css" / a).resolve().is_file()] == []


# Forms


PLACES = [SelectChoice("p", "Ici"), SelectChoice("o", "Loin")]


class Question(Form):
    name = StringField("Votre nom", [DataRequired("Écrivez votre nom.")], description="Tel quel.")
    secret = PasswordField("Mot de passe", [Optional()])
    mode = RadioField("Comment", [DataRequired("Choisissez.")], choices=PLACES)


FIELD = '{% from "_parts/forms.html" import field %}{{ field(f) }}'
ERRORS = '{% from "_parts/forms.html" import errors %}{{ errors(form) }}'


def refused() -> Question:
    form = Question(MultiDict())
    assert not form.validate()
    return form


def test_an_error_is_tied_to_its_control(bench: Flask) -> None:
    html = show(bench, FIELD, f=refused().name)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="name-hint name-error"' in html
    assert re.search(r'id="name-error".*Écrivez votre nom\.', html, re.DOTALL)


def test_a_field_that_is_well_says_nothing_of_errors(bench: Flask) -> None:
    html = show(bench, FIELD, f=Question().name)
    assert "aria-invalid" not in html
    assert "name-error" not in html


def test_a_list_of_choices_is_named_by_its_legend_and_each_choice_by_its_label(
    bench: Flask,
) -> None:
    html = show(bench, FIELD, f=Question(MultiDict({"mode": "o"})).mode)
    assert re.search(r"<fieldset.*<legend>\s*Comment", html, re.DOTALL)
    assert re.search(r'for="mode-1">.*value="o" checked', html)
    assert html.count("checked") == 1


def test_an_optional_question_says_so(bench: Flask) -> None:
    html = show(bench, FIELD, f=Question().secret)
    assert "(facultatif)" in html
    assert 'autocomplete="current-password"' in html


def test_the_summary_leads_to_each_wrong_field(bench: Flask) -> None:
    html = show(bench, ERRORS, form=refused())
    assert 'role="alert"' in html
    assert 'href="#name"' in html
    assert 'href="#mode"' in html
    assert 'href="#secret"' not in html


def test_nothing_is_summed_up_when_nothing_is_wrong(bench: Flask) -> None:
    assert show(bench, ERRORS, form=Question()).strip() == ""


def test_what_a_person_typed_is_shown_as_text(bench: Flask) -> None:
    html = show(bench, FIELD, f=Question(MultiDict({"name": '"><script>'})).name)
    assert "<script>" not in html


def test_a_button_that_changes_something_asks_first_without_a_script(bench: Flask) -> None:
    source = (
        '{% from "_parts/forms.html" import post_button %}'
        "{{ post_button('/x', 'Libérer', confirm='Vraiment', fields={'n': 3}) }}"
    )
    html = show(bench, source)
    assert re.search(r"<details.*<summary.*<form method=\"post\" action=\"/x\"", html, re.DOTALL)
    assert 'name="csrf_token"' in html
    assert 'name="n" value="3"' in html


# The line of steps, checks, charts, pages


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("done", "Fait"),
        ("now", "En cours"),
        ("waiting", "En attente"),
        ("returned", "À reprendre"),
        ("todo", "À faire"),
    ],
)
def test_each_step_says_its_state_in_a_word(bench: Flask, state: str, word: str) -> None:
    steps = [{"title": "Une étape", "detail": "", "state": state}]
    html = show(
        bench, '{% from "_parts/frise.html" import frise %}{{ frise(steps, "P") }}', steps=steps
    )
    assert word in re.sub(r"<[^>]+>", "", html)
    assert ('aria-current="step"' in html) == (state == "now")


@pytest.mark.parametrize(
    ("count", "way"), [(3, "lies"), (6, "lies"), (7, "stands"), (14, "stands")]
)
def test_a_long_path_stands_up(bench: Flask, count: int, way: str) -> None:
    steps = [{"title": f"Étape {i}", "detail": "", "state": "todo"} for i in range(count)]
    html = show(
        bench, '{% from "_parts/frise.html" import frise %}{{ frise(steps, "P") }}', steps=steps
    )
    assert f'class="frise {way}"' in html


def test_a_chart_says_in_words_what_it_draws(bench: Flask) -> None:
    source = '{% from "_parts/charts.html" import bars %}{{ bars(rows, "Qui vient", "personnes") }}'
    html = show(
        bench, source, rows=[("Collège", 50), {"label": "Lycée", "value": 200}, ("Autre", None)]
    )
    description = re.search(r"<desc>(.*?)</desc>", html, re.DOTALL)
    assert description is not None
    assert "Collège\u00a0: 50" in description[1]
    assert 'width="20.00%"' in html
    assert 'width="80.00%"' in html
    assert html.count('class="bar"') == 2
    assert "trop peu pour être montré" in html
    assert "style=" not in html


def test_a_share_is_drawn_on_a_whole_hundred(bench: Flask) -> None:
    source = '{% from "_parts/charts.html" import bars %}{{ bars(rows, "Terminés", "%") }}'
    html = show(bench, source, rows=[("novembre", 25), ("octobre", 50)])
    assert 'width="20.00%"' in html
    assert 'width="40.00%"' in html


def test_a_check_that_failed_says_so_without_its_colour(bench: Flask) -> None:
    rows = [{"outcome": "failed", "label": "Signature"}, {"outcome": "unknown", "label": "Clé"}]
    html = show(bench, '{% from "_parts/checks.html" import checks %}{{ checks(rows) }}', rows=rows)
    words = re.sub(r"<[^>]+>", "", html)
    assert "Échec\u00a0: Signature" in words.replace("&nbsp;", "\u00a0")
    assert "Pas pu être vérifié\u00a0: Clé" in words.replace("&nbsp;", "\u00a0")


@pytest.mark.parametrize(
    ("number", "before", "after"), [(1, False, True), (2, True, True), (3, True, False)]
)
def test_a_list_leads_to_its_neighbouring_pages(
    bench: Flask, number: int, before: bool, after: bool
) -> None:
    page = SimpleNamespace(
        number=number, pages=3, url=lambda n: f"?page={n}", is_long=False, has_next=number < 3
    )
    source = '{% from "_parts/paging.html" import paging %}{{ paging(page) }}'
    html = show(bench, source, page=page)
    assert (f'href="?page={number - 1}"' in html) == before
    assert (f'href="?page={number + 1}"' in html) == after


# Errors


@pytest.mark.parametrize("status", [403, 404, 409, 410, 413, 429, 500, 503])
def test_an_error_page_says_what_happened_and_offers_a_way_on(bench: Flask, status: int) -> None:
    source = f'{{% extends "errors/{status}.html" %}}'
    person = SimpleNamespace(is_authenticated=False)
    given = {
        "place_name": "Ici",
        "contact": "",
        "is_demo": False,
        "nav_items": [],
        "current_user": person,
    }
    html = show(bench, source, message="", **given)
    assert html.count("<h1>") == 1
    assert 'class="btn go" href="/"' in html
    assert "La séance est complète." in show(
        bench, source, message="La séance est complète.", **given
    )


def test_the_page_of_a_breakdown_asks_nothing_of_what_may_be_broken(bench: Flask) -> None:
    html = show(
        bench,
        '{% extends "errors/500.html" %}',
        message="",
        place_name="Ici",
        contact="",
        is_demo=False,
    )
    assert "Une panne" in html
