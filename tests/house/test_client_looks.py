"""What the client of the tests holds against a page."""

from __future__ import annotations

import pytest

from tests.support.client import look_at

PAGE = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Les étapes</title>'
    '<link rel="stylesheet" href="/static/look.css"></head><body>'
    "<svg><title>Un dessin</title></svg>"
    '<h1 id="top">Les étapes</h1><img src="/plan.svg" alt=""><p id="">Une</p><p id="">Deux</p>'
    '<a href="https://autre.example/">Ailleurs</a>{more}</body></html>'
)


def test_nothing_is_held_against_a_sound_page() -> None:
    assert look_at(PAGE.format(more='<script src="/static/look.js"></script>')) == []


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("<script>go()</script>", "inline script"),
        ("<style>p { color: red }</style>", "inline style on <style>"),
        ('<p style="color: red">Rouge</p>', "inline style on <p>"),
        ('<p onclick="go()">Allez</p>', "inline handler onclick"),
        ('<img src="/plan.svg">', "image without alt"),
        ('<img src="//autre.example/a.png" alt="">', "<img> reaches another host"),
        ('<script src="https://autre.example/a.js"></script>', "<script> reaches another host"),
        ('<link rel="icon" href="http://autre.example/a.ico">', "<link> reaches another host"),
        ('<form><form action="https://autre.example/"></form>', "<form> reaches another host"),
        ("<h1>Encore</h1>", "2 h1 elements"),
        ('<p id="top">Encore</p>', "ids twice: ['top']"),
        ("<pre>Traceback (most recent call last)</pre>", "a stack trace"),
    ],
)
def test_what_is_wrong_with_a_page_is_said(more: str, fault: str) -> None:
    (said,) = look_at(PAGE.format(more=more))
    assert said.startswith(fault)


def test_a_page_has_a_title_and_a_heading_of_its_own() -> None:
    page = (
        "<html><head><title> </title></head><body><svg><title>Un dessin</title></svg></body></html>"
    )
    assert look_at(page) == ["0 h1 elements", "no title"]
