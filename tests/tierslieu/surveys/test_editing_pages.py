"""A researcher writes a questionnaire on the page, tries it, and makes its next version."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import (
    load_instrument,
    make_invitation,
    make_study,
    make_wave,
    study_key,
    typed,
)
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.surveys.editing import rules
from tierslieu.surveys.editing.changes import moved_item, with_sheet, without_item
from tierslieu.surveys.instruments.following import map_variables
from tierslieu.surveys.instruments.reading import content_hash, read_questionnaire
from tierslieu.surveys.models import Answer, Instrument
from tierslieu.surveys.queries import find_instrument
from tierslieu.surveys.rules import save_page


@pytest.fixture
def researcher(client: LookingClient, db: Session, make: Factory) -> LookingClient:
    make_study(db)
    return client.sign_in(make.user("researcher"))


@pytest.fixture
def draft(db: Session) -> Instrument:
    begun = rules.begin_instrument(db, "Mon questionnaire", now=clock.now())
    db.commit()
    return begun


def revision(client: LookingClient, url: str) -> str:
    found = re.search(r'name="revision"[^>]*value="(\d+)"', client.get(url).text)
    assert found is not None
    return found[1]


def send(client: LookingClient, url: str, **data: object) -> int:
    shown = {"revision": revision(client, url), "when_word": "is", **data}
    return client.post(url, data=shown).status_code


def arrange(client: LookingClient, url: str, what: str, **more: object) -> TestResponse:
    """Move or remove something, as the page of the version shows it now; ``what``: the rest of the
    address."""
    shown = re.search(r'name="revision" value="(\d+)"', client.get(url).text)
    data = {"revision": shown[1] if shown else "0", **more}
    return client.post(f"{url}/ranger/{what}", data=data, follow_redirects=True)


def test_a_questionnaire_is_written_question_by_question_and_tried(
    researcher: LookingClient, db: Session
) -> None:
    begun = researcher.post("/questionnaires", data={"title": "Enseigner l’IA, en 2026 !"})
    url = begun.location
    assert url.endswith("/questionnaires/enseigner-l-ia-en-2026/1")
    assert "Il n’a encore aucune question" in researcher.get(url).text
    sheet = {"title_fr": "Enseigner l’IA", "title_en": "Teaching AI", "minutes": "3"}
    sheet |= {"licence": "CC0", "source": "Nous"}
    assert send(researcher, f"{url}/fiche", **sheet, languages=["fr", "en"]) == 302
    assert "Première page : les mots manquent" not in researcher.get(url).text
    assert "les mots manquent (en)" in researcher.get(url).text
    assert send(researcher, f"{url}/pages/1", title_fr="Vous", title_en="You") == 302
    add = f"{url}/pages/1/question-nouvelle"
    both = {"text_fr": "Enseignez-vous ?", "text_en": "Do you teach?", "required": "y"}
    both |= {"label_fr": "Enseigne", "label_en": "Teaches"}
    assert send(researcher, f"{add}/choice", **both, options="Oui | Yes\nNon | No") == 302
    grid = {"text_fr": "Je sais…", "text_en": "I can…", "label_fr": "Sait", "label_en": "Can"}
    scale = "1 | peu | little\n2 | assez | quite\n3 | bien | well"
    rows = "expliquer | explain\naider les autres | help others"
    when = {"when_item": "enseigne", "when_word": "is", "when_values": "1"}
    assert send(researcher, f"{add}/grid", **grid, options=scale, rows=rows, **when) == 302
    of = ["sait_expliquer", "sait_aider_les_au"]
    named = {"label_fr": "Assurance", "label_en": "Confidence"}
    assert send(researcher, f"{url}/echelle-nouvelle", **named, items=of) == 302
    page = researcher.get(url).text
    assert "« Enseigne » est : Oui" in page.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Avant de le poser" not in page
    tried = researcher.post(
        f"{url}/essayer?langue=en",
        data=typed({"enseigne": "1", "sait_expliquer": "3", "sait_aider_les_au": "2"}),
    ).text
    assert re.search(r"<code>assurance</code></th>.*?>2.5</td>", tried)
    other = researcher.post(f"{url}/essayer", data=typed({"enseigne": "2"})).text
    assert re.search(r"<code>sait_expliquer</code></th>.*?>-97</td>", other)
    assert researcher.post(f"{url}/essayer", data={}).status_code == 422
    db.rollback()
    found = find_instrument(db, "enseigner-l-ia-en-2026", 1)
    assert found is not None
    assert found.content_sha256 == content_hash(found.content)


def test_every_kind_can_be_written_and_read_again_on_its_page(
    researcher: LookingClient, draft: Instrument, db: Session
) -> None:
    url = f"/questionnaires/{draft.slug}/1"
    content = load_instrument("toutes-questions-v1")
    rules.change_draft(
        db, draft.id, lambda _c: {**content, "slug": draft.slug}, revision=None, now=clock.now()
    )
    db.commit()
    for item in read_questionnaire(content).items():
        page = researcher.get(f"{url}/questions/{item.name}").text
        assert item.label in page
    # Kept as it is shown, nothing changes but the way it is written.
    form = f"{url}/questions/levels"
    shown = researcher.get(form).text
    options = re.search(r'<textarea[^>]*name="options"[^>]*>([^<]*)</textarea>', shown)
    assert options is not None
    assert "9 | Aucun de ceux-là | None of these | seule" in options[1]
    assert "À quels niveaux" in shown
    same = {"text_fr": "À quels niveaux\u202f?", "text_en": "At which levels?", "required": "y"}
    same |= {"label_fr": "Niveaux", "label_en": "Levels", "options": options[1].strip()}
    same |= {"when_item": "teaches", "when_values": "1"}
    assert send(researcher, form, **same) == 302
    db.rollback()
    kept = find_instrument(db, draft.slug, 1)
    assert kept is not None
    old = read_questionnaire(content)
    assert list(read_questionnaire(kept.content).items()) == list(old.items())


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("choice", {"options": "Oui"}, "deux réponses possibles"),
        ("choice", {"options": "1 | Oui | Yes\n2 | Non | No"}, "écrivez les mots ainsi"),
        ("choice", {"options": "a | Oui\nb | Non"}, "le code est un nombre"),
        ("choice", {"options": "1 | Oui\n1 | Non"}, "le même code"),
        ("grid", {"options": "1 | a\n2 | b", "rows": " | x | y"}, "écrivez les mots ainsi"),
        ("number", {"minimum": "5", "maximum": "5"}, "la plus petite"),
        ("text", {"max_length": "0"}, "entre 1 et"),
        ("choice", {"options": "Oui\nNon", "name": "9vies"}, "ne convient pas"),
        ("choice", {"options": "Oui\nNon", "label_fr": ""}, "Ce champ est nécessaire"),
    ],
)
def test_what_does_not_hold_is_said_in_words_and_nothing_is_kept(
    researcher: LookingClient, draft: Instrument, db: Session, kind: str, fields: dict[str, str],
    words: str,
) -> None:  # fmt: skip
    url = f"/questionnaires/{draft.slug}/1/pages/1/question-nouvelle/{kind}"
    data = {"text_fr": "Une question", "label_fr": "Question", "when_word": "is", **fields}
    answer_ = researcher.post(url, data=data)
    assert answer_.status_code == 422
    assert words in answer_.text.replace("\u202f", " ").replace("\u00a0", " ")
    db.rollback()
    assert db.get_one(Instrument, draft.id).content["pages"][0]["items"] == []


def test_a_version_that_was_answered_or_shipped_changes_no_more_and_the_next_follows_it(
    researcher: LookingClient, db: Session, make: Factory
) -> None:
    study = make_study(db)
    content = load_instrument("toutes-questions-v1")
    make_wave(db, study, content)
    url = "/questionnaires/toutes-questions/1"
    sheet = {"title_fr": "Autre", "languages": ["fr"], "minutes": "3", "licence": "CC0"}
    assert send(researcher, f"{url}/fiche", **sheet) == 302
    invitation = make_invitation(db, make.user(), "try")
    save_page(db, invitation.id, study_key(study), 0, {"teaches": "2"}, now=clock.now())
    db.commit()
    page = researcher.get(url).text
    assert "Quelqu’un a déjà répondu" in page
    assert "Modifier la fiche" not in page
    refused = arrange(researcher, url, "question/hours/retirer").text
    assert "Faites-en une nouvelle version" in refused
    shipped = researcher.get("/questionnaires/f-sus/1").text
    assert "livré avec le logiciel" in shipped
    made = researcher.post(f"{url}/nouvelle-version")
    assert made.location.endswith("/toutes-questions/2")
    again = researcher.post(f"{url}/nouvelle-version", follow_redirects=True).text
    assert "existe déjà" in again
    new = "/questionnaires/toutes-questions/2"
    arrange(researcher, new, "question/subject/retirer")
    shown = researcher.get(new).text
    assert "Ce que reprend celle-ci" in shown
    assert "<code>hours</code> ← <code>hours</code>" in shown
    assert researcher.post(f"{new}/effacer").location == "/questionnaires"
    assert researcher.get(new).status_code == 404


def test_what_others_need_is_not_taken_away_and_says_who_needs_it(
    researcher: LookingClient, db: Session
) -> None:
    make_wave(db, make_study(db), load_instrument("toutes-questions-v1"))
    url = "/questionnaires/toutes-questions/1"
    for what, name in (("question", "teaches"), ("question", "sure"), ("page", "2")):
        refused = arrange(researcher, url, f"{what}/{name}/retirer")
        assert "flash error" in refused.text
    kept = researcher.post(f"{url}/effacer", follow_redirects=True).text
    assert "Une étude pose ce questionnaire" in kept
    moved = arrange(researcher, url, "question/levels/monter").text
    assert "n’est pas demandé avant" in moved  # above the one its condition looks at
    assert arrange(researcher, url, "question/nothing/retirer").status_code == 404
    assert arrange(researcher, url, "page/²/retirer").status_code == 404


@pytest.mark.both_databases
def test_two_who_write_at_once_do_not_overwrite_each_other(db: Session) -> None:
    begun = rules.begin_instrument(db, "À deux", now=clock.now())
    db.commit()
    first = with_sheet({"minutes": 7})
    rules.change_draft(db, begun.id, first, revision=0, now=clock.now())
    db.commit()
    with pytest.raises(Refused) as refused:
        rules.change_draft(db, begun.id, with_sheet({"minutes": 9}), revision=0, now=clock.now())
    assert refused.value.code == "draft_changed"
    db.rollback()
    assert db.scalars(select(Instrument.content)).one()["minutes"] == 7
    rules.begin_instrument(db, "À deux", now=clock.now())
    db.commit()
    assert sorted(db.scalars(select(Instrument.slug))) == ["a-deux", "a-deux-2"]


def test_a_variable_goes_on_the_one_of_the_same_codes_alone() -> None:
    old = load_instrument("toutes-questions-v1")
    new = without_item("subject")(old)
    [points] = [one for one in new["pages"][1]["items"] if one["name"] == "sure"]
    points["options"] = points["options"][:3]
    new = moved_item("hours", -1)(new)
    followed = map_variables(new, old)
    assert followed["hours"] == "hours"
    assert followed["sure_help"] == ""  # three points are not four
    renamed = with_sheet({})(new)
    renamed["pages"][2]["items"][1] |= {"name": "returns", "was": "likely"}
    assert map_variables(renamed, old)["returns"] == "likely"


def test_a_questionnaire_leaves_as_an_xlsform_and_comes_in_as_a_draft(
    researcher: LookingClient,
) -> None:
    left = researcher.get("/questionnaires/six-mois/1/questionnaire.xlsx")
    assert left.headers["Content-Disposition"].endswith('"six-mois-v1.xlsx"')
    url = "/questionnaires/importer"
    came = researcher.post(
        url, data={"file": (io.BytesIO(left.data), "q.xlsx")}, content_type="multipart/form-data"
    )
    assert came.location.endswith("/questionnaires/six-mois-apres/1")
    page = researcher.get(came.location).text
    assert "c’est un brouillon" in page
    assert "Avant de le poser" not in page
    refused = researcher.post(
        url, data={"file": (io.BytesIO(b"x;y"), "q.csv")}, content_type="multipart/form-data"
    )
    assert refused.status_code == 422
    assert "ne se lit pas" in refused.text
    assert researcher.post(url, data={}).status_code == 422


@pytest.mark.both_databases
def test_who_answers_while_a_question_is_taken_away_answers_one_version_or_freezes_it(
    app: Flask, db: Session, make: Factory
) -> None:
    study = make_study(db)
    wave = make_wave(db, study, load_instrument("toutes-questions-v1"))
    instrument_id, key = wave.instrument_id, study_key(study)
    people = [make_invitation(db, make.user(), "try").id for _ in range(AT_ONCE)]
    db.commit()
    answers = {"teaches": "2", "hours": "3"}

    def act(session: Session, number: int) -> None:
        if number % 2:
            rules.change_draft(
                session, instrument_id, without_item("hours"), revision=None, now=clock.now()
            )
        else:
            save_page(session, people[number], key, 0, answers, now=clock.now())

    outcomes = at_once(app, act)
    db.rollback()
    kept = db.get_one(Instrument, instrument_id)
    asked = {one.name for one in read_questionnaire(kept.content).variables()}
    given = set(db.scalars(select(Answer.item)))
    assert given <= asked, outcomes


def test_an_address_with_any_number_is_not_found(researcher: LookingClient) -> None:
    assert researcher.get(f"/questionnaires/f-sus/{10**30}").status_code == 404
