"""The answers of studies in a large place: read at night, shown with their date, made anew."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.figures import pass_night
from tests.support.results import LATER, make_known_study
from tests.support.sessions import plain
from tests.support.surveys import settings
from tierslieu import clock
from tierslieu.evaluation.nightly.models import NightlyFigures
from tierslieu.evaluation.nightly.periods import study_name
from tierslieu.evaluation.nightly.rules import list_due
from tierslieu.nightly import rules as nightly
from tierslieu.people.models import User
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import destroy_key, key_file

AGAIN = "/chiffres/recompter"
KEPT = "Chiffres du"


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place is a large one."""
    monkeypatch.setattr(nightly, "LIVE", 0)


@pytest.fixture
def study(db: Session, make: Factory) -> Study:
    found: Study = make_known_study(db, make)[0]
    return found


@pytest.fixture
def reader(client: LookingClient, make: Factory) -> User:
    found = make.user("researcher")
    client.sign_in(found)
    return found


def words_in(client: LookingClient, page: str) -> str:
    """A page's own words, without those that say when its figures were made."""
    text = client.get(page).text.split("<main", 1)[1]
    text = re.sub(r'name="csrf_token"[^>]+|<p class="soft small">.*?</p>', "", text)
    text = re.sub(r'<form[^>]*action="/chiffres/recompter".*?</form>', "", text, flags=re.DOTALL)
    return plain(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


@pytest.mark.both_databases
@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_page_of_the_night_says_what_the_page_would_have_said_itself(
    client: LookingClient, db: Session, study: Study, reader: User, language: str
) -> None:
    reader.language = language
    db.commit()
    pages = [f"/etudes/{study.id}", f"/etudes/{study.id}/resultats"]
    live = [words_in(client, page) for page in pages]
    assert ("Response rate" in live[1]) is (language == "en")
    pass_night(db, LATER)
    assert db.get(NightlyFigures, study_name(study.id)) is not None
    assert [words_in(client, page) for page in pages] == live


@pytest.mark.usefixtures("large", "reader")
def test_no_answer_is_read_while_one_waits_and_the_page_says_of_when_it_is(
    client: LookingClient, db: Session, study: Study
) -> None:
    pages = [f"/etudes/{study.id}", f"/etudes/{study.id}/resultats"]
    for page in pages:
        with counted_queries() as sent:
            assert KEPT not in client.get(page).text
        assert any("FROM response_sheet" in one for one in sent)
    pass_night(db, LATER)
    for page in pages:
        with counted_queries() as sent:
            assert KEPT in client.get(page).text
        assert not any("FROM response_sheet" in one or "FROM invitation" in one for one in sent)


@pytest.mark.usefixtures("reader")
def test_a_small_place_reads_answers_when_they_are_asked_for(
    client: LookingClient, db: Session, study: Study
) -> None:
    pass_night(db, LATER)
    assert db.get(NightlyFigures, study_name(study.id)) is None
    assert KEPT not in client.get(f"/etudes/{study.id}/resultats").text


@pytest.mark.usefixtures("large", "reader")
def test_who_researches_a_study_has_it_read_anew_and_nobody_else(
    client: LookingClient, db: Session, make: Factory, study: Study
) -> None:
    pass_night(db, LATER)
    name = {"quoi": study_name(study.id)}
    assert client.post(AGAIN, data=name).location == f"/etudes/{study.id}/resultats"
    page = plain(client.get(f"/etudes/{study.id}/resultats").text)
    assert "Nouveau compte demandé" in page
    assert "Recompter maintenant" not in page
    pass_night(db, LATER + timedelta(minutes=5))
    assert "Recompter maintenant" in client.get(f"/etudes/{study.id}/resultats").text
    for wrong in ("study:", "study:7", f"study:{make.user().id}"):
        assert client.post(AGAIN, data={"quoi": wrong}).status_code == 404
    client.sign_in(make.user("coordinator"))
    assert client.post(AGAIN, data=name).status_code == 404


@pytest.mark.usefixtures("large", "reader")
def test_without_the_key_nothing_is_told_that_was_read_by_it(
    client: LookingClient, db: Session, study: Study
) -> None:
    pass_night(db, LATER)
    page = f"/etudes/{study.id}/resultats"
    assert "d_av" in client.get(page).text
    destroy_key(settings().keys, study.slug)
    assert "d_av" not in client.get(page).text


@pytest.mark.usefixtures("large")
def test_nothing_of_a_person_lies_in_what_is_kept(db: Session, study: Study) -> None:
    pass_night(db, LATER)
    kept = db.get_one(NightlyFigures, study_name(study.id)).content
    assert kept is not None
    assert set(kept) == {"fr", "en"}
    for one in kept.values():
        assert set(one) == {"attrition", "waves", "changes", "distributions"}
        for wave in one["distributions"].values():
            for line in wave:
                assert not any(cell in (1, 2, 3, 4) for cell in line["table"]["cells"])
    assert "@" not in json.dumps(kept)


@pytest.mark.usefixtures("large", "reader")
def test_what_a_night_could_not_read_for_want_of_the_key_is_read_once_it_is_there(
    client: LookingClient, db: Session, study: Study
) -> None:
    page = f"/etudes/{study.id}/resultats"
    live = words_in(client, page)
    keys = settings().keys
    key = keys.read(key_file(study.slug))
    keys.destroy(key_file(study.slug))
    pass_night(db, LATER)
    keys.write(key_file(study.slug), key)
    assert words_in(client, page) == live
    assert client.get(f"/etudes/{study.id}").status_code == 200


@pytest.mark.usefixtures("large", "reader")
@pytest.mark.parametrize("damage", ["language", "field"])
def test_what_another_version_kept_in_another_shape_is_read_anew(
    client: LookingClient, db: Session, study: Study, damage: str
) -> None:
    page = f"/etudes/{study.id}/resultats"
    live = words_in(client, page)
    pass_night(db, LATER)
    row = db.get_one(NightlyFigures, study_name(study.id))
    content = json.loads(json.dumps(row.content))
    if damage == "language":
        del content["fr"]
    else:
        del content["fr"]["distributions"]
    row.content = content
    db.commit()
    assert words_in(client, page) == live
    assert client.get(f"/etudes/{study.id}").status_code == 200


@pytest.mark.usefixtures("large")
def test_a_study_is_weighed_each_night_also_long_after_it_closed_for_people_leave_it(
    db: Session, study: Study
) -> None:
    study.closed_at = LATER
    db.commit()
    pass_night(db, much_later := LATER + timedelta(days=300))
    assert study_name(study.id) not in list_due(db, much_later)
    assert study_name(study.id) in list_due(db, much_later + timedelta(days=1))


@pytest.mark.usefixtures("large", "reader")
def test_rates_and_answers_are_of_one_moment(
    client: LookingClient, db: Session, study: Study
) -> None:
    pass_night(db, LATER)
    client.post(AGAIN, data={"quoi": study_name(study.id)})
    assert set(list_due(db, LATER)) == {study_name(study.id), "rates"}
