"""No two columns of the wide table have one name, whatever questions and waves are called."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.support.evaluation import T0, make_participants, read_rows, read_zip
from tests.support.factories import Factory
from tests.support.surveys import make_invitation, make_study, make_wave, study_key
from tests.tierslieu.evaluation.test_package import prepare
from tierslieu.evaluation.responses import free_name
from tierslieu.surveys.instruments.items import NAME
from tierslieu.surveys.rules import save_page

NAMES = st.from_regex(NAME, fullmatch=True)


def asking(slug: str, *names: str) -> dict[str, Any]:
    """A questionnaire with one number to each of these names."""
    items = [
        {"name": one, "kind": "number", "text": f"{one}?", "label": one, "required": False,
         "maximum": 9}
        for one in names
    ]  # fmt: skip
    page = {"title": "Une page", "items": items}
    return {"slug": slug, "version": 1, "title": slug, "licence": "CC0", "source": "", "minutes": 1,
            "languages": ["fr"], "pages": [page]}  # fmt: skip


@pytest.mark.both_databases
def test_questions_whose_columns_would_have_one_name_get_one_each(
    db: Session, make: Factory
) -> None:
    study, people = make_study(db), make_participants(make, 6)
    key, at = study_key(study), T0 + timedelta(days=5)
    for slug, values in (("b_c", {"n": "7", "a": "1"}), ("c", {"a_b": "2"})):
        make_wave(db, study, asking(f"asked-{slug}", *values), slug)
        for person in people:
            invitation = make_invitation(db, person, slug, now=at)
            save_page(db, invitation.id, key, 0, values, now=at)
    db.commit()
    files = read_zip(prepare(db, study))
    [row, *_others] = read_rows(files, "responses_wide")
    said = {name: row[name] for name in ("n_b_c", "n_b_c_2", "a_b_c", "a_b_c_2")}
    assert said == {"n_b_c": "1", "n_b_c_2": "7", "a_b_c": "1", "a_b_c_2": "2"}
    [wide] = [
        one
        for one in json.loads(files["datapackage.json"])["resources"]
        if one["name"] == "responses_wide"
    ]
    wordings = {one["name"]: one.get("description") for one in wide["schema"]["fields"]}
    assert wordings["a_b_c"] == "a?"
    assert wordings["a_b_c_2"] == "a_b? (question a_b, vague c)"
    assert json.loads(files["VALIDATION.json"])["valid"]


@given(st.lists(st.one_of(NAMES, st.sampled_from(["x" * 32, "x" * 30 + "_2", "a", "a_2"]))))
def test_whatever_is_wanted_every_column_has_a_name_of_its_own_that_files_take(
    wanted: list[str],
) -> None:
    taken: set[str] = set()
    for one in wanted:
        found = free_name(one, taken)
        assert NAME.fullmatch(found)
        assert found not in taken
        assert found == one or one in taken
        taken.add(found)
