"""Questionnaires whose questions have trying names, and answers that leave a page behind."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import (
    instrument_of,
    make_invitation,
    make_study,
    make_wave,
    question,
    typed,
)
from tierslieu.surveys.models import Answer


def kept(db: Session) -> dict[str, str]:
    db.rollback()
    return {one.item: one.value for one in db.scalars(select(Answer))}


@pytest.mark.parametrize(
    "name",
    ["process", "meta", "data", "errors", "form_errors", "validate", "of", "go", "csrf_token"],
)
def test_a_question_may_bear_the_name_of_anything_a_form_has(
    client: LookingClient, db: Session, make: Factory, name: str
) -> None:
    make_wave(db, make_study(db), instrument_of([question(name), question("last")]))
    address = f"/questionnaire/{make_invitation(db, make.user(), 'try').code}"
    assert f"Question {name}" in client.get(f"{address}/page/1").text
    missing = client.post(f"{address}/page/1", data=typed({name: "2"}))
    assert missing.status_code == 422
    assert missing.text.count("vous pouvez aussi préférer ne pas répondre") == 2  # above, beside
    assert re.search(rf'name="q-{name}" value="2" checked', missing.text)
    sent = client.post(f"{address}/page/1", data=typed({name: "2", "last": "1"}))
    assert sent.location == address
    assert kept(db) == {name: "2", "last": "1"}
