"""What a draft of a questionnaire takes, from its pages and its rules, and what it does not."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import instrument_of, make_study, question
from tierslieu import clock
from tierslieu.surveys.editing import rules
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
