"""Questionnaires of any shape that the pages here can keep."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tierslieu.surveys.instruments.items import ItemKind
from tierslieu.web.forms import tidy

LANGUAGES = ("fr", "en")
_FIRST = date(1000, 1, 1)  # forms write a year in four digits
#: Letters that mean something in a list, a form or a table, among others.
_LETTERS = st.one_of(
    st.sampled_from(list("aéZ09 |\\/'’\"“=+-@&<>{}[]();:,.?!«»\u00a0\u202f")),
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")),
)
WITH_OPTIONS = {"likert", "choice", "several", "grid", "matrix", "ranking"}


def line(most: int) -> st.SearchStrategy[str]:
    """Words on one line, as a form keeps them."""
    short = st.text(_LETTERS, min_size=1, max_size=min(most, 12))
    usual = st.sampled_from(["Seule", "seule", "Oui | seule", "1", "2 | 3", "\\|", "a\\", "${a}"])
    return st.one_of(usual, short).map(lambda words: (tidy(words) or "")[:most]).filter(bool)


def words(most: int) -> st.SearchStrategy[dict[str, str]]:
    """The same in both languages."""
    return st.fixed_dictionaries({one: line(most) for one in LANGUAGES})


_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True)
_ROW_NAMES = st.from_regex(r"[a-z0-9][a-z0-9_]{0,11}", fullmatch=True)
_PARAGRAPHS = st.fixed_dictionaries(
    {one: st.lists(line(20), min_size=1, max_size=2).map("\n".join) for one in LANGUAGES}
)


@st.composite
def items(draw: st.DrawFn, name: str = "q") -> dict[str, Any]:
    """A question of any kind."""
    kind = draw(st.sampled_from([one.value for one in ItemKind]))
    item: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "text": draw(_PARAGRAPHS),
        "label": draw(words(20)),
        "required": draw(st.booleans()),
    }
    if kind in WITH_OPTIONS:
        codes = draw(st.lists(st.integers(0, 9999), min_size=2, max_size=4, unique=True))
        item["options"] = [
            {"value": code, "label": draw(words(20))}
            | ({"alone": True} if draw(st.booleans()) else {})
            for code in codes
        ]
    if kind in ("grid", "matrix"):
        names = draw(st.lists(_ROW_NAMES, min_size=1, max_size=3, unique=True))
        item["rows"] = [
            {"name": one, "text": draw(words(20))}
            | ({"label": draw(words(20))} if draw(st.booleans()) else {})
            for one in names
        ]
    if kind in ("number", "slider"):
        item["minimum"] = draw(st.integers(0, 9) | st.integers(0, 999_999_998))
        low, most = item["minimum"] + 1, 999_999_999
        item["maximum"] = draw(st.integers(low, min(low + 9, most)) | st.integers(low, most))
    if kind == "number":
        item |= {"decimals": draw(st.integers(0, 3)), "unit": draw(words(10))}
    if kind == "slider":
        item |= {"step": draw(st.integers(1, 1000)), "ends": [draw(words(9)), draw(words(9))]}
    if kind == "several" and draw(st.booleans()):
        item["maximum"] = draw(st.integers(1, 40))
    if kind == "date" and draw(st.booleans()):
        days = sorted(draw(st.lists(st.dates(_FIRST), min_size=2, max_size=2)))
        item |= {"earliest": days[0].isoformat(), "latest": days[1].isoformat()}
    if kind in ("short", "text"):
        item["max_length"] = draw(st.integers(1, 10_000))
    if kind != "consent" and draw(st.booleans()):
        item["may_be_aside"] = True
    return item


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A questionnaire of a page or two."""
    names = draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
    asked = [draw(items(f"{name}_q{place}")) for place, name in enumerate(names)]
    cut = draw(st.integers(1, len(asked)))
    return {
        "slug": "any",
        "version": 1,
        "title": draw(words(20)),
        "language": "fr",
        "languages": list(LANGUAGES),
        "licence": "CC0",
        "source": draw(line(20)),
        "scoring": "",
        "minutes": draw(st.integers(1, 90)),
        "pages": [
            {"title": draw(words(20)), "intro": draw(_PARAGRAPHS), "items": part}
            for part in (asked[:cut], asked[cut:])
        ],
    }
