"""A question kept as its page shows it is the same question, whatever its words are."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tests.support.client import LookingClient
from tests.support.surveys import load_instrument
from tests.tierslieu.surveys.documents import LANGUAGES, items, line
from tests.tierslieu.surveys.test_editing_pages import draft, researcher, send
from tests.tierslieu.surveys.test_xlsform import workbook
from tierslieu.surveys.editing.forms import ItemForm, item_values
from tierslieu.surveys.editing.lines import read_options, read_rows, write_options, write_rows
from tierslieu.surveys.editing.rules import name_after
from tierslieu.surveys.instruments.items import Item, ItemKind
from tierslieu.surveys.instruments.reading import load_shipped, read_questionnaire
from tierslieu.surveys.models import Instrument
from tierslieu.surveys.queries import find_instrument

__all__ = ["draft", "researcher"]  # fixtures of these tests too


def in_both(item: dict[str, Any], languages: list[str]) -> list[Item]:
    """A question, as it is asked in each language."""
    content = {"slug": "a", "version": 1, "title": "A", "minutes": 1, "languages": languages}
    content |= {"language": languages[0], "pages": [{"title": "P", "items": [item]}]}
    return [one for code in languages for one in read_questionnaire(content, code).items()]


def kept(app: Flask, item: dict[str, Any], languages: list[str]) -> dict[str, Any]:
    """What comes back of a question whose page was sent as it was shown."""
    kind = ItemKind(item["kind"])
    with app.test_request_context():
        shown = ItemForm(meta={"csrf": False}, data=item_values(item, languages))
        shown.become(kind, languages)
        del shown.name
        shown.offer_before([], item.get("when"))
        sent = MultiDict[str, str]()
        for field in shown:
            for name, text in sent_by(str(field())):
                sent.add(name, text)
    with app.test_request_context(method="POST", data=sent):
        form = ItemForm(meta={"csrf": False})
        form.become(kind, languages)
        del form.name
        form.offer_before([], item.get("when"))
        assert form.validate(), form.errors
        return form.item(kind, languages, item)


def sent_by(control: str) -> list[tuple[str, str]]:
    """What a browser sends of a control."""
    name = re.search(r'name="([^"]*)"', control)
    assert name is not None, control
    if control.startswith("<textarea"):
        found = re.search(r">(.*)</textarea>", control, re.DOTALL)
        assert found is not None
        # The first line break of a text area is none of its text.
        text = html.unescape(found[1].replace("\r\n", "\n").removeprefix("\n"))
        return [(name[1], text.replace("\n", "\r\n"))]
    if control.startswith("<select"):
        chosen = re.search(r'<option selected value="([^"]*)"', control)
        return [(name[1], html.unescape(chosen[1]))] if chosen else []
    if 'type="checkbox"' in control and " checked" not in control:
        return []
    value = re.search(r'value="([^"]*)"', control)
    return [(name[1], html.unescape(value[1]) if value else "")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the application stays
@given(item=items())
def test_any_question_kept_as_it_is_shown_is_the_same(app: Flask, item: dict[str, Any]) -> None:
    languages = list(LANGUAGES)
    assert in_both(kept(app, item, languages), languages) == in_both(item, languages)


@pytest.mark.parametrize(
    "content",
    [*load_shipped(), load_instrument("toutes-questions-v1")],
    ids=lambda content: str(content["slug"]),
)
def test_every_question_there_is_kept_as_it_is_shown_is_the_same(
    app: Flask, content: dict[str, Any]
) -> None:
    languages = list(content.get("languages", ["fr"]))
    for item in (one for page in content["pages"] for one in page["items"]):
        always = {**item, "when": None}
        again = in_both(kept(app, always, languages), languages)
        assert again == in_both(always, languages), item["name"]


@given(st.lists(st.fixed_dictionaries({"fr": line(20)}), min_size=2, max_size=5), st.data())
def test_answers_written_and_read_are_the_same_in_one_language_too(
    labels: list[dict[str, str]], data: st.DataObject
) -> None:
    options = [
        {"value": value, "label": label} | ({"alone": True} if data.draw(st.booleans()) else {})
        for value, label in enumerate(labels)
    ]
    assert read_options(write_options(options, ["fr"]), ["fr"]) == options


def test_a_bar_among_the_words_is_one_of_them() -> None:
    options = [{"value": 1, "label": {"fr": "Oui | seule"}}, {"value": 2, "label": {"fr": "\\|"}}]
    assert write_options(options, ["fr"]) == "1 | Oui \\| seule\n2 | \\\\\\|"
    assert read_options("Oui \\| seule\nNon | seule", ["fr"]) == [
        {"value": 1, "label": {"fr": "Oui | seule"}},
        {"value": 2, "label": {"fr": "Non"}, "alone": True},
    ]


def test_seule_may_be_an_answer() -> None:
    assert read_options("1 | Seule\n2 | En couple\n3 | Autre | seule", ["fr"]) == [
        {"value": 1, "label": {"fr": "Seule"}},
        {"value": 2, "label": {"fr": "En couple"}},
        {"value": 3, "label": {"fr": "Autre"}, "alone": True},
    ]


def test_rows_keep_their_names_and_their_short_labels_by_name() -> None:
    before = [
        {
            "name": "expliquer_a_d_autres",
            "text": {"fr": "d’expliquer"},
            "label": {"fr": "Explique"},
        },
        {"name": "aider", "text": {"fr": "d’aider"}, "label": {"fr": "d’aider"}},
        {"name": "1", "text": {"fr": "un"}},
    ]
    assert read_rows(write_rows(before, ["fr"]), ["fr"], before) == before
    again = read_rows(
        "aider | d’aider autrui\n1 | une\nexpliquer_a_d_autres | dire\n1", ["fr"], before
    )
    assert again == [
        {"name": "aider", "text": {"fr": "d’aider autrui"}},  # its label was the row itself
        {"name": "1", "text": {"fr": "une"}},
        {"name": "expliquer_a_d_autres", "text": {"fr": "dire"}, "label": {"fr": "Explique"}},
        {"name": "1_4", "text": {"fr": "1"}},
    ]
    # A new row takes no name of those that were there.
    assert [one["name"] for one in read_rows("Aider\naider | d’aider", ["fr"], before)] == [
        "aider_1",
        "aider",
    ]


def test_what_is_not_translated_is_not_kept_as_if_it_were() -> None:
    options = [{"value": 1, "label": {"fr": "Oui"}}, {"value": 2, "label": {"fr": "Non"}}]
    assert write_options(options, ["fr", "en"]) == "1 | Oui | \n2 | Non | "
    with pytest.raises(ValueError, match="écrivez les mots ainsi"):
        read_options(write_options(options, ["fr", "en"]), ["fr", "en"])


@pytest.mark.both_databases
def test_the_short_labels_of_rows_outlive_a_question_kept_as_it_was(
    researcher: LookingClient, db: Session
) -> None:
    url = researcher.post("/questionnaires/confiance/1/nouvelle-version").location
    page = researcher.get(f"{url}/questions/able").text
    names = ("text_fr", "text_en", "label_fr", "label_en", "options", "rows")
    shown = {name: value for name in names for value in [shown_in(page, name)]}
    assert send(researcher, f"{url}/questions/able", **shown, required="y") == 302
    db.rollback()
    old, new = (find_instrument(db, "confiance", version) for version in (1, 2))
    assert old is not None
    assert new is not None
    labels = [
        [one.label for one in read_questionnaire(version.content).variables()]
        for version in (old, new)
    ]
    assert labels[0] == labels[1]


def shown_in(page: str, name: str) -> str:
    """What a field shows."""
    found = re.search(rf'<(?:textarea|input)[^>]*name="{name}"[^>]*>', page)
    assert found is not None
    control = page[found.start() :].split("</textarea>")[0] + "</textarea>"
    [(_name, text)] = sent_by(control if found[0].startswith("<textarea") else found[0])
    return text


def test_an_imported_question_of_as_many_answers_as_may_be_can_be_kept(
    researcher: LookingClient, db: Session
) -> None:
    labels = [f"Réponse {number}".ljust(90, ".") for number in range(40)]
    choices = [["list_name", "name", "label"], *[["l", n, label] for n, label in enumerate(labels)]]
    data = workbook([["type", "name", "label"], ["select_one l", "q", "Q\nR"]], choices)
    form = {"file": (io.BytesIO(data), "f.xlsx")}
    answer = researcher.post(
        "/questionnaires/importer", data=form, content_type="multipart/form-data"
    )
    url = f"{answer.location}/questions/q"
    page = researcher.get(url).text
    shown = {name: shown_in(page, name) for name in ("text_fr", "label_fr", "options")}
    assert send(researcher, url, **shown) == 302
    db.rollback()
    found = find_instrument(db, "essai", 1)
    assert found is not None
    [item] = found.content["pages"][0]["items"]
    assert [one["label"]["fr"] for one in item["options"]] == labels
    assert item["text"] == {"fr": "Q\nR"}


def test_a_sheet_without_a_title_in_its_language_is_not_kept(
    researcher: LookingClient, draft: Instrument, db: Session
) -> None:
    url = f"/questionnaires/{draft.slug}/1/fiche"
    facts = {"minutes": "3", "licence": "CC0"}
    assert send(researcher, url, **facts, title_fr="Titre", title_en=" ", languages=["en"]) == 422
    assert send(researcher, url, **facts, title_fr="", languages=["fr"]) == 422
    db.rollback()
    assert db.get_one(Instrument, draft.id).title == "Mon questionnaire"
    assert send(researcher, url, **facts, title_en="Title", languages=["en"]) == 302


@pytest.mark.parametrize(
    ("label", "name"),
    [("3 choses apprises", "q_3_choses_apprises"), ("你好", "question"), ("Âge", "age")],
)
def test_a_name_is_made_of_any_label(
    researcher: LookingClient, draft: Instrument, db: Session, label: str, name: str
) -> None:
    url = f"/questionnaires/{draft.slug}/1/pages/1/question-nouvelle/short"
    assert send(researcher, url, text_fr="Q", label_fr=label, max_length="9") == 302
    db.rollback()
    [item] = db.get_one(Instrument, draft.id).content["pages"][0]["items"]
    assert item["name"] == name == name_after(label)
