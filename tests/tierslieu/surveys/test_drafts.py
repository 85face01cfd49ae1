"""What a draft of a questionnaire takes, from its pages and its rules, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import instrument_of, make_study, question
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.surveys.editing import rules
from tierslieu.surveys.editing.changes import with_scale, with_sheet
from tierslieu.surveys.instruments.conditions import read_condition
from tierslieu.surveys.instruments.following import map_variables
from tierslieu.surveys.instruments.items import beside_codes
from tierslieu.surveys.instruments.reading import (
    content_hash,
    find_faults,
    read_questionnaire,
)
from tierslieu.surveys.instruments.scoring import score
from tierslieu.surveys.models import Instrument


@pytest.fixture
def researcher(client: LookingClient, db: Session, make: Factory) -> LookingClient:
    make_study(db)
    return client.sign_in(make.user("researcher"))


@pytest.fixture
def draft(db: Session) -> Instrument:
    """Three pages of a question each, and a scale."""
    content = instrument_of([question("a")], [question("b")], [question("c")])
    scales = [{"name": "ease", "label": "Aisance", "items": ["a"]}]
    begun = rules.keep_new(db, {**content, "scales": scales}, now=clock.now())
    db.commit()
    return begun


def names(db: Session, draft: Instrument) -> list[list[str]]:
    """The questions of each page."""
    db.rollback()
    db.refresh(draft)
    return [[one["name"] for one in page["items"]] for page in draft.content["pages"]]


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("page/2/retirer", [["a"], ["c"]]),
        ("page/2/monter", [["b"], ["a"], ["c"]]),
        ("question/c/retirer", [["a"], ["b"], []]),
        ("question/b/monter", [["a", "b"], [], ["c"]]),
    ],
)
@pytest.mark.both_databases
def test_pressed_twice_it_is_moved_or_removed_once(
    researcher: LookingClient, db: Session, draft: Instrument, what: str, left: list[list[str]]
) -> None:
    url = f"/questionnaires/{draft.slug}/1"
    assert 'name="revision" value="0"' in researcher.get(url).text
    shown = {"revision": "0"}
    researcher.post(f"{url}/ranger/{what}", data=shown)
    assert names(db, draft) == left
    again = researcher.post(f"{url}/ranger/{what}", data=shown, follow_redirects=True).text
    assert "Quelqu’un a changé ce questionnaire entre-temps" in again
    assert names(db, draft) == left


def test_a_press_that_says_no_revision_moves_nothing(
    researcher: LookingClient, db: Session, draft: Instrument
) -> None:
    researcher.post(f"/questionnaires/{draft.slug}/1/ranger/echelle/ease/retirer")
    db.rollback()
    db.refresh(draft)
    assert [one["name"] for one in draft.content["scales"]] == ["ease"]


def test_a_new_scale_takes_no_name_of_another(
    researcher: LookingClient, db: Session, draft: Instrument
) -> None:
    url = f"/questionnaires/{draft.slug}/1/echelle-nouvelle"
    new = {"revision": "0", "label_fr": "Ease", "items": ["c"]}
    refused = researcher.post(url, data=new)
    assert refused.status_code == 422
    assert "Une autre échelle a déjà ce nom" in refused.text
    db.rollback()
    db.refresh(draft)
    assert [one["items"] for one in draft.content["scales"]] == [["a"]]
    assert researcher.post(url, data={**new, "name": "other"}).status_code == 302
    kept = f"/questionnaires/{draft.slug}/1/echelles/ease"
    again = {"revision": "1", "label_fr": "Aisance", "items": ["a", "c"]}
    assert researcher.post(kept, data=again).status_code == 302
    db.rollback()
    db.refresh(draft)
    assert {one["name"]: one["items"] for one in draft.content["scales"]} == {
        "ease": ["a", "c"],
        "other": ["c"],
    }


@pytest.mark.parametrize(
    ("low", "high"),
    [("-100", "100"), ("0", "Infinity"), ("NaN", "5"), ("sNaN", "5"), ("0", "1e12")],
)
def test_a_score_reaches_from_zero_to_a_number_that_there_is(
    researcher: LookingClient, db: Session, draft: Instrument, low: str, high: str
) -> None:
    url = f"/questionnaires/{draft.slug}/1/echelles/ease"
    stretched = {"revision": "0", "label_fr": "Aisance", "items": ["a"], "low": low, "high": high}
    refused = researcher.post(url, data=stretched)
    assert refused.status_code == 422
    assert "Donnez un nombre entre 0 et 999\u202f999\u202f999" in refused.text
    assert researcher.post(url, data={**stretched, "low": "0", "high": "100"}).status_code == 302


@pytest.mark.parametrize("between", [[-100, 100], [0, float("inf")], [0, 10**12]])
def test_no_draft_comes_in_with_a_score_below_zero_or_without_end(
    db: Session, draft: Instrument, between: list[float]
) -> None:
    wide = {"name": "wide", "label": "Large", "items": ["a"], "between": between}
    with pytest.raises(Refused, match="un score va de 0") as refused:
        rules.change_draft(db, draft.id, with_scale(wide), revision=0, now=clock.now())
    assert refused.value.code == "bad_instrument"
    db.rollback()
    with pytest.raises(Refused, match="un score va de 0"):
        rules.keep_new(db, {**draft.content, "scales": [wide]}, now=clock.now())


def keep_wide(db: Session, draft: Instrument) -> Instrument:
    """As an instrument was kept before its bounds were watched: a slider of 0 to 200, stretched."""
    slider = {
        "kind": "slider",
        "options": [],
        "minimum": 0,
        "maximum": 200,
        "ends": ["peu", "bien"],
    }
    wide = {"name": "wide", "label": "Large", "items": ["s"], "between": [-100, 100]}
    content = instrument_of([question("s", **slider)], slug=draft.slug, scales=[wide])
    draft.content, draft.content_sha256 = content, content_hash(content)
    db.commit()
    return draft


def test_a_wide_score_of_before_is_still_read_and_never_says_why_there_is_no_answer(
    researcher: LookingClient, db: Session, draft: Instrument
) -> None:
    kept = keep_wide(db, draft)
    read = read_questionnaire(kept.content)
    [scale] = read.scales
    found = [score(read, scale, {"s": str(value)}).value for value in (0, 1, 2, 3, 4, 5, 200)]
    assert found == [-100, -100, -100, -95, -95, -95, 100]
    assert score(read, scale, {}).value is None
    page = researcher.get(f"/questionnaires/{draft.slug}/1").text
    assert "wide\u00a0: un score va de 0" in page


def test_the_next_version_of_a_wide_score_is_begun_and_changes_once_it_is_mended(
    db: Session, draft: Instrument
) -> None:
    begun = rules.begin_version(db, keep_wide(db, draft).id, now=clock.now())
    assert len(find_faults(begun.content)) == 1
    with pytest.raises(Refused, match="un score va de 0"):
        rules.change_draft(db, begun.id, with_sheet({"minutes": 4}), revision=None, now=clock.now())
    mended = {"name": "wide", "label": "Large", "items": ["s"], "between": [0, 100]}
    rules.change_draft(db, begun.id, with_scale(mended), revision=None, now=clock.now())
    assert find_faults(begun.content) == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-95.5, -95.5),
        (-96, -95),
        (-97, -95),
        (-97.3, -95),
        (-98, -100),
        (-99, -100),
        (-99.5, -99.5),
    ],
)
def test_a_number_that_would_say_why_there_is_no_answer_gives_way_to_the_nearest(
    value: float, written: float
) -> None:
    assert beside_codes(value) == written


@pytest.mark.parametrize("code", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.both_databases
def test_a_condition_compares_to_numbers_that_there_are(
    researcher: LookingClient, db: Session, draft: Instrument, code: str
) -> None:
    url = f"/questionnaires/{draft.slug}/1/pages/3"
    when = {"when_item": "a", "when_word": "is", "when_values": code}
    refused = researcher.post(url, data={"revision": "0", "title_fr": "Page 3", **when})
    assert refused.status_code == 422
    assert "Donnez un ou plusieurs codes" in refused.text
    for said in (float("nan"), float("inf"), 10**400):
        with pytest.raises(ValueError, match="compare à des nombres"):
            read_condition({"item": "a", "is": [1, said]})


def follow(new: dict[str, Any], old: dict[str, Any]) -> str:
    """What the only variable of the new one goes on."""
    return map_variables(instrument_of([new]), instrument_of([old]))[new["name"]]


def test_a_variable_of_other_bounds_decimals_unit_or_words_goes_on_nothing() -> None:
    slider = question("x", kind="slider", options=[], minimum=0, maximum=10, ends=["peu", "bien"])
    assert follow(slider, slider) == "x"
    assert follow({**slider, "text": "Autrement dit", "label": "Dit"}, slider) == "x"
    assert follow({**slider, "maximum": 100}, slider) == ""
    assert follow({**slider, "minimum": 1}, slider) == ""
    number = {**slider, "kind": "number", "unit": "heures", "decimals": 0}
    assert follow(number, number) == "x"
    assert follow({**number, "decimals": 1}, number) == ""
    assert follow({**number, "unit": "minutes"}, number) == ""
    likert = question("x", kind="likert")
    good, bad = likert["options"]
    swapped = [{**good, "label": bad["label"]}, {**bad, "label": good["label"]}]
    assert follow({**likert, "options": swapped}, likert) == ""
    assert follow({**likert, "options": [bad, good]}, likert) == "x"  # in another order
    spaced = [{**good, "label": "Oui\u00a0X"}, bad]
    assert follow({**likert, "options": spaced}, likert) == "x"


def test_a_box_goes_on_the_one_of_its_words_whatever_stands_beside_it() -> None:
    boxes = question("m", kind="several", required=False)
    first, second = boxes["options"]
    more = [first, {**second, "label": "autre"}, {"value": 3, "label": "de plus"}]
    followed = map_variables(instrument_of([{**boxes, "options": more}]), instrument_of([boxes]))
    assert followed == {"m_1": "m_1", "m_2": "", "m_3": ""}


def test_words_are_compared_in_each_language_of_both() -> None:
    def asked(*labels: dict[str, str]) -> dict[str, Any]:
        options = [{"value": rank, "label": label} for rank, label in enumerate(labels)]
        return instrument_of([question("x", options=options)], languages=["fr", "en"])

    old = asked({"fr": "oui", "en": "yes"}, {"fr": "non", "en": "no"})
    assert map_variables(old, old) == {"x": "x"}
    wrong = asked({"fr": "oui", "en": "no"}, {"fr": "non", "en": "yes"})
    assert map_variables(wrong, old) == {"x": ""}
    french = instrument_of([question("x", options=[
        {"value": 0, "label": "oui"}, {"value": 1, "label": "non"}])])  # fmt: skip
    assert map_variables(french, old) == {"x": "x"}  # French is all that both speak


def test_the_version_after_next_goes_on_the_names_of_the_next(
    db: Session, draft: Instrument
) -> None:
    renamed = {**draft.content, "scales": []}
    renamed["pages"] = [{"title": "Page", "items": [question("b", was="a")]}]
    rules.change_draft(db, draft.id, lambda _c: renamed, revision=0, now=clock.now())
    begun = rules.begin_version(db, draft.id, now=clock.now())
    assert map_variables(begun.content, draft.content) == {"b": "b"}
    assert draft.content["pages"][0]["items"][0]["was"] == "a"
