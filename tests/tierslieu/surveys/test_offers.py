"""What surveys give to the pages and jobs that gather."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.surveys import answer, happening, make_invitation, make_study, settings
from tierslieu import clock
from tierslieu.house import (
    Check,
    Happening,
    HomeCard,
    House,
    Indicator,
    Invariant,
    Job,
    Occasion,
    PersonalData,
    Setup,
)
from tierslieu.surveys.models import Instrument, Invitation, ResponseSheet, Study
from tierslieu.surveys.offers import OFFERS
from tierslieu.surveys.pseudonyms import key_file

HOUSE = House(OFFERS)


@pytest.fixture
def happened(app: Flask) -> Iterator[list[Happening]]:
    """A house with one occasion, filled by the test."""
    found: list[Happening] = []

    def find(db: Session, since: datetime, until: datetime) -> list[Happening]:
        return [h for h in found if since <= h.at < until]

    kept = app.extensions["tierslieu.house"]
    app.extensions["tierslieu.house"] = House((Occasion("after_session", "…", find),))
    yield found
    app.extensions["tierslieu.house"] = kept


def test_the_job_invites_those_of_the_last_days_once(
    db: Session, make: Factory, happened: list[Happening]
) -> None:
    make_study(db)
    now = clock.now()
    happened += [
        happening(make.user(), at=now - timedelta(hours=2)),
        happening(make.user(), at=now - timedelta(days=13)),
        happening(make.user(), at=now - timedelta(days=40)),
        happening(make.user(), at=now + timedelta(days=1)),
    ]
    job, _shuffle = HOUSE.all(Job)
    assert job.run(db, now) == 2
    assert job.run(db, now) == 0
    assert len(db.scalars(select(Invitation)).all()) == 2


def test_a_learner_sees_the_questionnaire_that_closes_first_and_how_many_wait(
    app: Flask, db: Session, make: Factory
) -> None:
    make_study(db)
    user, now = make.user(), clock.now()
    [card] = HOUSE.all(HomeCard)
    assert list(card.build(db, user.id, now)) == []
    first = make_invitation(db, user, now=now - timedelta(days=3))
    make_invitation(db, user)
    make_invitation(db, make.user())
    [shown] = card.build(db, user.id, now)
    with app.test_request_context("/"):
        html = render_template(shown.template, **shown.context)
    assert f"/questionnaire/{first.code}" in html
    assert "3 minutes" in html
    assert "Pas cette fois" in html
    assert "1 autre questionnaire attend" in html
    answer(db, first)
    [shown] = card.build(db, user.id, now)
    assert shown.context["more"] == 0


def test_personal_data_tells_what_was_asked_and_never_what_was_answered(
    db: Session, make: Factory
) -> None:
    make_study(db)
    user = make.user()
    answer(db, make_invitation(db, user), value="2")
    data = next(one for one in HOUSE.all(PersonalData) if one.name == "surveys")
    [row] = data.export(db, user.id)
    assert row["objet"] == "Boucles et listes"
    assert row["reponse"]
    assert "usefulness" not in str(row)


def test_erasing_personal_data_takes_the_answers_with_the_invitations(
    db: Session, make: Factory
) -> None:
    make_study(db)
    one, other = make.user(), make.user()
    answer(db, make_invitation(db, one))
    answer(db, make_invitation(db, other))
    data = next(one for one in HOUSE.all(PersonalData) if one.name == "surveys")
    data.erase(db, one.id)
    db.commit()
    assert len(db.scalars(select(ResponseSheet)).all()) == 1
    assert [i.user_id for i in db.scalars(select(Invitation))] == [other.id]


def test_the_figure_of_answers_counts_who_was_invited_in_the_period(
    db: Session, make: Factory
) -> None:
    make_study(db)
    now = clock.now()
    answer(db, make_invitation(db, make.user()))
    make_invitation(db, make.user())
    make_invitation(db, make.user(), now=now - timedelta(days=29))
    [indicator] = HOUSE.all(Indicator)
    figure = indicator.compute(db, now - timedelta(days=1), now + timedelta(seconds=5))
    assert (figure.numerator, figure.denominator) == (1, 2)


@pytest.mark.both_databases
def test_who_answers_several_questionnaires_counts_once(db: Session, make: Factory) -> None:
    make_study(db)
    now, often = clock.now(), make.user()
    for _session in range(3):
        answer(db, make_invitation(db, often))
    make_invitation(db, often)
    make_invitation(db, make.user())
    [indicator] = HOUSE.all(Indicator)
    figure = indicator.compute(db, now - timedelta(days=1), now + timedelta(seconds=5))
    assert (figure.numerator, figure.denominator) == (1, 2)
    assert "Parmi les personnes" in str(indicator.definition)


def test_the_audit_finds_answers_without_their_invitation_and_changed_questionnaires(
    db: Session, make: Factory
) -> None:
    make_study(db)
    answer(db, make_invitation(db, make.user()))
    checks = {invariant.name: invariant.check for invariant in HOUSE.all(Invariant)}
    assert [check(db).broken for check in checks.values()] == [[], []]
    db.delete(db.scalars(select(Invitation)).one())
    instrument = db.scalars(select(Instrument)).first()
    assert instrument is not None
    instrument.content = {**instrument.content, "title": "Autre"}
    db.flush()
    assert [len(check(db).broken) for check in checks.values()] == [1, 1]


def test_the_place_says_when_a_study_has_no_key(db: Session) -> None:
    [setup], [check] = HOUSE.all(Setup), HOUSE.all(Check)
    setup.run(db, settings())
    setup.run(db, settings())
    [study] = db.scalars(select(Study))
    assert check.ask(db, clock.now()) is None
    path = path_of(settings().keys, key_file(study.slug))
    kept = path.read_bytes()
    path.unlink()
    try:
        assert study.slug in str(check.ask(db, clock.now()))
    finally:
        path.write_bytes(kept)
