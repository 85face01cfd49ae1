"""What people of the place wrote, on a page that speaks another language (WCAG 3.1.2).

A page in English shows titles, descriptions and words that somebody wrote, in French unless they
say otherwise: a screen reader is told so, to read them aloud as French.
"""

from __future__ import annotations

from flask import Flask
from markupsafe import Markup

from tierslieu.web.languages import MAIN, current


def written(text: object, language: str = MAIN) -> object:
    """``text``, marked as being in ``language`` where the page speaks another; for running text,
    never inside an attribute, a title or an option, which hold no mark."""
    return _marked('<span lang="{}">{}</span>', text, language)


def prose(text: object, language: str = MAIN) -> object:
    """Like :func:`written`, for what holds paragraphs (HTML made from Markdown)."""
    return _marked('<div lang="{}">{}</div>', text, language)


def _marked(form: str, text: object, language: str) -> object:
    if not text or current() == language:
        return text
    return Markup(form).format(language, text)  # noqa: S704 - the form is ours, the text is escaped


def install(app: Flask) -> None:
    """Give both to the templates."""
    app.jinja_env.filters.update(written=written, prose=prose)
