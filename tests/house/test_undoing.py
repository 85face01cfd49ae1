"""What can be undone has «undo», the rest asks: said of each endpoint that changes something.

``undoing.csv`` says of each how it is taken back; CONTRIBUTING.md explains the words. The templates
are read here, so that a button without its question is found wherever it stands.
"""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

TABLE = Path(__file__).with_name("undoing.csv")
TEMPLATES = Path(__file__).parents[2] / "templates"
SAFE = {"GET", "HEAD", "OPTIONS"}
#: Words that name an endpoint, and words that stand alone.
NAMING = {"undo", "adds", "page", "stays"}
ALONE = {"again", "sent", "shows", "sooner", "enters", "machine"}
#: Macros that post to what they are given: the place of the question among what they are given.
POSTING = {"post_button": 3, "choose_cohort": None}

_EXPRESSION = r"(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*"
_FORM = re.compile(rf"<form\b({_EXPRESSION})>", re.DOTALL)
_CALL = re.compile(rf"(?<!macro )\b({'|'.join(POSTING)})\(")
_URL = re.compile(r"url_for\(\s*'([\w.]+)'")
_ACTION = re.compile(r'\baction="((?:\{\{.*?\}\}|[^"])*)"', re.DOTALL)
_FORMACTION = re.compile(r'\bformaction="((?:\{\{.*?\}\}|[^"])*)"', re.DOTALL)
_DETAILS = re.compile(r'<details class="confirm">|</details>')


@dataclass(frozen=True)
class Posting:
    """Something in a template that posts. ``target``: an endpoint, an address with its braces, or
    nothing for the page's own address."""

    where: str
    target: str
    asks: bool


def read_table() -> dict[str, str]:
    """The table: endpoint → how it is taken back, or that it asks."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["endpoint"]: row["how"] for row in csv.DictReader(file)}


def arguments(text: str, start: int) -> list[str]:
    """What is given between the parentheses that open at ``start``."""
    depth, quote, parts, last = 0, "", [], start + 1
    for at in range(start, len(text)):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if not quote and ((char == "," and depth == 1) or depth == 0):
            parts.append(text[last:at].strip())
            last = at + 1
        if depth == 0:
            return parts
    raise AssertionError(f"parentheses that do not close: {text[start : start + 80]}")


def read_postings(text: str, where: str) -> Iterator[Posting]:
    """Each form and each macro that posts, in the text of a template of this name."""
    folder = where.split("/")[0]

    def named(words: str) -> list[str]:
        found = _URL.findall(words)
        return [folder + one if one.startswith(".") else one for one in found] or [words]

    for call in _CALL.finditer(text):
        given = arguments(text, call.end() - 1)
        place = POSTING[call[1]]
        asked = [one.partition("=")[2] for one in given if one.startswith("confirm=")]
        if place is not None and len(given) > place and not re.match(r"\w+=", given[place]):
            asked.append(given[place])
        is_asked = any(words and words.lower() != "none" for words in asked)
        for target in named(given[0]):
            yield Posting(where, target, is_asked)
    for form in _FORM.finditer(text):
        said = form[1]
        if not re.search(r'\bmethod="post"', said):
            continue
        action = _ACTION.search(said)
        folds = _DETAILS.findall(text[: form.start()])
        is_asked = bool(folds) and folds[-1] != "</details>"
        for target in named(action[1]) if action else [""]:
            yield Posting(where, target, is_asked)
    for action in _FORMACTION.finditer(text):
        for target in named(action[1]):
            yield Posting(where, target, False)


def resolve(app: Flask, target: str) -> str:
    """The endpoint of what a form posts to; empty for one's own page or a part of it."""
    if not target.startswith("/"):
        return target if re.fullmatch(r"\w+\.\w+", target) else ""
    path = re.sub(r"\{\{.*?\}\}", str(uuid.uuid4()), target)
    return str(app.url_map.bind("localhost").match(path, method="POST")[0])


@pytest.fixture(scope="session")
def postings() -> list[Posting]:
    """All that posts, in all templates but the macros themselves."""
    found: list[Posting] = []
    for file in sorted(TEMPLATES.rglob("*.html")):
        where = file.relative_to(TEMPLATES).as_posix()
        if where not in ("_parts/forms.html", "_parts/lists.html"):
            found += read_postings(file.read_text(encoding="utf-8"), where)
    return found


def methods_of(app: Flask, endpoint: str) -> set[str]:
    return {
        method
        for rule in app.url_map.iter_rules()
        if rule.endpoint == endpoint
        for method in rule.methods or ()
    }


def test_each_endpoint_that_changes_something_stands_in_the_table_and_no_other(app: Flask) -> None:
    unsafe = {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE}
    lines = TABLE.read_text("utf-8").splitlines()
    assert sorted(unsafe) == [line.split(",")[0] for line in lines[1:]]


def test_the_table_says_it_in_its_own_words_of_endpoints_that_exist(app: Flask) -> None:
    wrong = []
    for endpoint, how in read_table().items():
        words = how.split()
        if words[1:] and words[-1] == "asks":
            words.pop()
        if words[0] in NAMING and len(words) == 2:
            methods = methods_of(app, words[1])
            is_right = "GET" in methods if words[0] in ("page", "stays") else bool(methods - SAFE)
        else:
            is_right = how == "asks" or (how in ALONE)
        if not is_right:
            wrong.append((endpoint, how))
    assert not wrong


def test_what_cannot_be_undone_is_asked_wherever_it_is_offered(
    app: Flask, postings: list[Posting]
) -> None:
    table, wrong = read_table(), []
    for endpoint, how in table.items():
        mine = [one for one in postings if resolve(app, one.target) == endpoint]
        if how == "asks":
            wrong += [(endpoint, one.where) for one in mine if not one.asks]
            if not mine or "GET" in methods_of(app, endpoint):  # its page could post unseen
                wrong.append((endpoint, "no form to be seen"))
        elif how.endswith(" asks") and not any(one.asks for one in mine):
            wrong.append((endpoint, "never asked"))
    assert not wrong


def test_what_undoes_is_offered_by_a_page(app: Flask, postings: list[Posting]) -> None:
    posted = {resolve(app, one.target) for one in postings}
    sources = [file.read_text("utf-8") for file in TEMPLATES.rglob("*.html")]
    linked = set(_URL.findall("\n".join(sources)))
    wrong = []
    for endpoint, how in read_table().items():
        word, _, other = how.removesuffix(" asks").partition(" ")
        # A page of its own that does it is linked to by its full name, or by what follows the dot.
        has_page = "GET" in methods_of(app, other) and linked & {other, "." + other.split(".")[-1]}
        if word in ("undo", "adds") and other not in posted and not has_page:
            wrong.append((endpoint, how))
    assert not wrong


def test_every_form_posts_to_something_the_table_knows(app: Flask, postings: list[Posting]) -> None:
    table, wrong = read_table(), []
    for one in postings:
        try:
            endpoint = resolve(app, one.target)
        except HTTPException:
            endpoint = one.target
        own_page = not one.target or one.target.startswith(("{{ request.path", "#"))
        if endpoint not in table and not own_page and one.where != "enrolments/_parts.html":
            wrong.append((one.where, one.target))
    assert not wrong


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("{{ post_button(url_for('.end', x=f(1, 2)), _('Non, (vraiment)'), 'danger') }}", False),
        ("{{ post_button(url_for('.end'), _('Finir'), '', None, {'a': 'b'}) }}", False),
        ("{{ post_button(url_for('.end'), _('Finir'), 'danger', _('Finir ?')) }}", True),
        ("{{ post_button(url_for('.end'), _('Finir'), confirm=_('Finir ?')) }}", True),
        ('<form method="post" action="{{ url_for(\'.end\') }}">', False),
        (
            '<details class="confirm"><summary>Finir</summary>'
            '<form class="asked" action="{{ url_for(\'.end\') }}" method="post">',
            True,
        ),
        (
            '<details class="confirm"></details>'
            '<form action="{{ url_for(\'.end\') }}" method="post">',
            False,
        ),
    ],
)
def test_a_question_is_seen_where_there_is_one(text: str, asks: bool) -> None:
    assert list(read_postings(text, "things/list.html")) == [
        Posting("things/list.html", "things.end", asks)
    ]
