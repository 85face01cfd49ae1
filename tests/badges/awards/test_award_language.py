"""What is signed does not depend on the language of whoever awards it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from tests.support.badges import make_award, open_badges
from tests.support.factories import Factory


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


def test_a_facilitator_who_reads_english_signs_the_grounds_in_french(
    app: Flask, db: Session, make: Factory, signer: Signer
) -> None:
    team = make.user("facilitator")
    french = make_award(db, make.user(), team, signer)
    with app.test_request_context(), force_locale("en_GB"):
        english = make_award(db, make.user(), team, signer)
    assert len(english.grounds) == len(french.grounds)
    for said, expected in zip(english.grounds, french.grounds, strict=True):
        assert said.split()[:1] == expected.split()[:1]
        assert said in english.credential or said[:5] in english.credential
