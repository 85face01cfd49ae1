"""Every mail in English: what people of the place wrote says that it is French (WCAG 3.1.2),
whatever the mail tells of; and nothing they wrote is HTML of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from jinja2 import nodes
from sqlalchemy.orm import Session

from tests.support.tongues import is_french, said, unmarked
from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.rendering import RenderedMail, render_words
from tierslieu.web.written import Said, Theirs, told

# Of no language that is_french could tell, and nobody of ours says it.
THEIRS = "Parole & d’autrui"
NAMES = ("Dominique Modèle", "Université d’exemple", "Tiers-lieu d’essai")


def _filled(sample: Any, words: str) -> Any:
    """A sample with these words wherever people of the place wrote."""
    if isinstance(sample, Theirs):
        return words
    if isinstance(sample, Mapping):
        return {key: _filled(part, words) for key, part in sample.items()}
    return [_filled(part, words) for part in sample] if isinstance(sample, list) else sample


def _rendered(
    app: Flask, template: str, values: Mapping[str, Any], language: str = "en", **written: str
) -> RenderedMail:
    return render_words(
        template,
        values,
        language=language,
        settings=app.config["TIERSLIEU"],
        recipient="camille@example.org",
        written=written,
    )


def _sources(app: Flask, template: str) -> Iterator[nodes.Template]:
    """The templates of a mail in both forms, and what they bring in."""
    waiting, seen = [f"mail/{template}.html", f"mail/{template}.txt"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        assert app.jinja_env.loader is not None
        tree = app.jinja_env.parse(app.jinja_env.loader.get_source(app.jinja_env, name)[0])
        yield tree
        for kind in (nodes.Import, nodes.FromImport, nodes.Extends):
            for one in tree.find_all(kind):
                if isinstance(one.template, nodes.Const):  # type: ignore[attr-defined]
                    waiting.append(one.template.value)  # type: ignore[attr-defined]


def _turns(app: Flask, template: str) -> Iterator[dict[str, Any]]:
    """The sample, and again with each value that its templates ask about, one at a time."""
    sample = KINDS[template].sample
    yield dict(sample)
    asked: dict[str, set[Any]] = {}
    for tree in _sources(app, template):
        for compared in tree.find_all(nodes.Compare):
            if isinstance(compared.expr, nodes.Name):
                values = [part for one in compared.ops for part in one.expr.find_all(nodes.Const)]
                values += [o.expr for o in compared.ops if isinstance(o.expr, nodes.Const)]
                asked.setdefault(compared.expr.name, set()).update(one.value for one in values)
        for test in (*tree.find_all(nodes.If), *tree.find_all(nodes.CondExpr)):
            for name in (test.test, *test.test.find_all(nodes.Name)):
                if isinstance(name, nodes.Name) and isinstance(sample.get(name.name), bool):
                    asked.setdefault(name.name, set()).update((True, False))
    for key in asked.keys() & sample.keys():
        for value in sorted(asked[key], key=str):
            if type(value) is type(sample[key]):
                yield {**sample, key: value}


@pytest.mark.parametrize("template", sorted(KINDS))
def test_what_people_wrote_says_its_language_in_every_mail_in_english(
    app: Flask, db: Session, template: str
) -> None:
    kind = KINDS[template]
    opening = "A word of ours" + "".join(f" {{{one.english}}}" for one in kind.words)
    for turn in _turns(app, template):
        mail = _rendered(app, template, _filled(turn, THEIRS), opening_en=opening)
        assert '<html lang="en">' in mail.html
        assert not unmarked(mail.html, NAMES)
        for language, where, words in said(mail.html):
            if THEIRS in words:
                assert (language, words.strip()) == ("fr", THEIRS), f"{where}: {words}"
            else:
                assert language != "fr" or not words.strip(), f"ours, called French: {words}"
        assert not re.search(r'="[^"]*<', mail.html), "a mark inside an attribute"
        assert "<span" not in mail.html.partition("<body")[0].partition("<title>")[2]
        assert "lang=" not in mail.text
        assert "&amp;" not in mail.text, "the plain text is escaped"
        french = _rendered(app, template, _filled(turn, THEIRS), "fr")
        assert '<html lang="fr">' in french.html
        assert french.html.count("lang=") == 1


@pytest.mark.parametrize("template", sorted(KINDS))
def test_a_mail_in_english_is_spaced_as_english_is(app: Flask, db: Session, template: str) -> None:
    for turn in _turns(app, template):
        mail = _rendered(app, template, _filled(turn, "Of theirs"))
        ours = [line for line in mail.text.splitlines() if not line.startswith("-- ")]
        assert not [line for line in ours if re.search("[ \u00a0\u202f][:;!?»](?!\\w)|«", line)]


@pytest.mark.parametrize("template", sorted(KINDS))
def test_what_people_wrote_is_no_html_of_a_mail(app: Flask, db: Session, template: str) -> None:
    for turn in _turns(app, template):
        for language in ("fr", "en"):
            wild = _filled({**turn, "name": "D'Arcy <b>", "who": "D'Arcy <b>"}, "<b>'wild'")
            mail = _rendered(app, template, wild, language)
            assert "<b>" not in mail.html
            assert "&lt;" not in mail.text + mail.subject
            assert "&#39;" not in mail.text + mail.subject


@pytest.mark.parametrize("template", sorted(KINDS))
def test_a_sample_says_of_all_that_is_french_in_english_that_people_wrote_it(template: str) -> None:
    def look(part: Any) -> None:
        if isinstance(part, Mapping):
            for one in [part["$en"]] if "$en" in part else part.values():
                look(one)
        elif isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, str) and not isinstance(part, Theirs) and part not in NAMES:
            assert part.startswith("/") or not is_french(part)

    look(KINDS[template].sample)


def test_a_title_is_found_in_a_subject_whole_and_the_longest_first(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en-GB"}):
        title, short = Said("L’été & nous"), Said("L’été")
        assert told("Seat: L’été & nous, 3 May", [short, title]) == (
            'Seat: <span lang="fr">L’été &amp; nous</span>, 3 May'
        )
        kept = Said("IA\u00a0: ouvrir la boîte")
        assert told("Seat: IA : ouvrir la boîte", [kept]) == (
            'Seat: <span lang="fr">IA : ouvrir la boîte</span>'
        )
        assert told(f"Seat: {kept}", [kept]) == f'Seat: <span lang="fr">{kept}</span>'
        assert told("Seat: étés", [Said("été")]) == "Seat: étés"
        assert told("1 May", [Said("1")]) == "1 May"
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert told("Place : L’été", [Said("L’été")]) == "Place : L’été"
