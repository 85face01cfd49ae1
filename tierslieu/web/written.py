"""What people of the place wrote, on a page that speaks another language (WCAG 3.1.2).

A page in English shows titles, descriptions and words that somebody wrote, in French unless they
say otherwise: a screen reader is told so, to read them aloud as French. In running text they are
wrapped (:func:`written`, :func:`prose`); an element that holds nothing else bears the mark itself
(:func:`lang`: an option, a field, a text of a drawing); what a page is handed together with words
of ours, such as the choices of a list, says whose it is (:class:`Theirs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Flask
from markupsafe import Markup, escape

from tierslieu.web.languages import MAIN, current

_QUOTED = re.compile(r"([“«]\u202f?)([^“”«»]+?)(\u202f?[”»])")


class Theirs(str):
    """Words that people wrote, which say so wherever they go: an option, a bar of a chart."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: object, language: str = MAIN) -> Theirs:
        one = super().__new__(cls, text)
        one.language = language
        return one


class Ours(str):
    """Words of the place said in the reader's language, among those that people wrote: in what a
    feature exports of a person, where nothing else would tell the ones from the others."""

    __slots__ = ()


class Said(Theirs):
    """Words that people wrote, which mark themselves wherever HTML prints them, in a sentence of
    ours too. For a page that has no attribute or title to put them in: a mail, a paper."""

    __slots__ = ()

    def __html__(self) -> Markup:
        """The words as HTML, in their language where another is spoken."""
        return escape(_marked('<span lang="{}">{}</span>', str(self), self.language))

    def splitlines(self, keepends: bool = False) -> list[str]:
        """Its lines, which mark themselves too."""
        return [Said(line, self.language) for line in super().splitlines(keepends)]


def written(text: object, language: str = "") -> object:
    """``text``, marked as being in ``language`` (its own, or the place's) where the page speaks
    another; for running text, never inside an attribute, a title or an option, which hold no
    element."""
    return _marked('<span lang="{}">{}</span>', text, language)


def prose(text: object, language: str = "") -> object:
    """Like :func:`written`, for what holds paragraphs (HTML made from Markdown)."""
    return _marked('<div lang="{}">{}</div>', text, language)


def spoken(text: object) -> object:
    """``text`` marked if it is :class:`Theirs`, as it is if it is ours."""
    return written(text) if isinstance(text, Theirs) else text


def lang(text: object, language: str = "") -> Markup:
    """`` lang="fr"`` for an element that holds ``text`` and nothing of ours, or nothing where the
    page speaks its language."""
    its = language or _language_of(text)
    return Markup(' lang="{}"').format(its) if text and current() != its else Markup("")


def around(message: object, **theirs: object) -> Markup:
    """A sentence of ours with what people wrote at its places, each marked: ``message`` is still
    ``after %(title)s``. A value that is a number or HTML already stays as it is."""
    marked = {
        name: written(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        for name, value in theirs.items()
    }
    return escape(str(message)) % marked


def named(text: object, *theirs: object) -> object:
    """A sentence of ours that came as text, with people's words in it marked: ``theirs`` where they
    are known, and nothing else that it quotes. Without them, all that it quotes: only for
    sentences in which nothing of ours is."""
    if not text or current() == MAIN or isinstance(text, (Markup, Theirs)):
        return written(text) if isinstance(text, Theirs) else text
    if theirs:
        return told(text, [str(one) for one in theirs if one])
    parts = _QUOTED.split(str(text))
    parts[2::4] = [escape(written(part)) for part in parts[2::4]]
    return Markup("").join(parts)


def told(text: object, theirs: Iterable[str]) -> object:
    """A sentence that came as text with people's words among ours, each of ``theirs`` marked where
    it stands in it. A word of two letters or less is of no language."""
    said = {tuple(one.split()): _language_of(one) for one in theirs if len(one) > 2}
    if not said or not text:
        return text
    longest_first = sorted(said, key=lambda words: len(" ".join(words)), reverse=True)
    # A space is a space, whether it may break or not: what was filled in on one line has others.
    each = "|".join(r"\s+".join(map(re.escape, words)) for words in longest_first)
    parts = re.split(rf"(?<!\w)({each})(?!\w)", str(text))
    parts[1::2] = [escape(written(part, said[tuple(part.split())])) for part in parts[1::2]]
    return Markup("").join(parts)


def is_theirs(text: object) -> bool:
    """Whether these words say that people wrote them."""
    return isinstance(text, Theirs)


def _language_of(text: object) -> str:
    return text.language if isinstance(text, Theirs) else MAIN


def _marked(form: str, text: object, language: str) -> object:
    its = language or _language_of(text)
    if not text or current() == its:
        return text
    return Markup(form).format(its, text)  # noqa: S704 - the form is ours, the text is escaped


def install(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.filters.update(
        written=written,
        prose=prose,
        spoken=spoken,
        lang=lang,
        named=named,
        told=told,
        theirs=Theirs,
    )
    app.jinja_env.tests["theirs"] = is_theirs
