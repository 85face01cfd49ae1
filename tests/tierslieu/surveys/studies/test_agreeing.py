"""Saying yes to a study, to another text, and taking it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.at_once import at_once
from tests.support.factories import Factory
from tests.support.surveys import answer, make_own_study, make_study, study_key
from tierslieu.errors import NotYours, Refused
from tierslieu.house import PersonalData
from tierslieu.people.models import User
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Answer, Invitation, ResponseSheet, Study
from tierslieu.surveys.rules import invite_due, save_page
from tierslieu.surveys.studies.agreeing import agree, refuse, withdraw
from tierslieu.surveys.studies.designing import (
    add_researcher,
    begin_study,
    close_study,
    publish_text,
    write_text,
)
from tierslieu.surveys.studies.models import StudyConsent, StudyRefusal
from tierslieu.surveys.studies.offers import OFFERS
from tierslieu.surveys.studies.queries import (
    list_agreed_texts,
    list_entries,
    list_participants,
    list_proposed,
    list_researchers,
)

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def study(db: Session, make: Factory) -> Study:
    return make_own_study(db, make.user("researcher"), now=NOW)


@pytest.fixture
def person(make: Factory) -> User:
    return make.user()


def test_a_yes_is_dated_and_bound_to_the_text_that_was_read(
    db: Session, study: Study, person: User
) -> None:
    assert list_participants(db, study) == []
    consent = agree(db, person.id, study.id, 1, now=NOW)
    assert (consent.given_at, consent.text.version) == (NOW, 1)
    assert agree(db, person.id, study.id, 1, now=NOW + HOUR) is consent
    assert list_participants(db, study) == [person.id]
    with pytest.raises(Refused, match="changer") as refused:
        agree(db, person.id, study.id, 2, now=NOW)
    assert refused.value.code == "text_changed"


def test_several_yeses_at_once_are_one(app: Flask, db: Session, study: Study, person: User) -> None:
    study_id, user_id = study.id, person.id
    got = at_once(app, lambda mine, number: agree(mine, user_id, study_id, 1, now=NOW))
    assert set(got) == {"done"}
    db.rollback()
    assert db.scalar(select(func.count()).select_from(StudyConsent)) == 1


def test_a_text_that_asks_more_is_asked_again_and_until_then_one_does_not_take_part(
    db: Session, study: Study, person: User
) -> None:
    agree(db, person.id, study.id, 1, now=NOW)
    write_text(db, study.id, "Une faute corrigée.")
    publish_text(db, study.id, asks_anew=False, now=NOW + HOUR)
    assert list_participants(db, study) == [person.id]
    write_text(db, study.id, "Et vos échanges, aussi.")
    publish_text(db, study.id, asks_anew=True, now=NOW + 2 * HOUR)
    assert list_participants(db, study) == []
    assert invite_due(db, {}, NOW + 3 * HOUR) == []
    agree(db, person.id, study.id, 3, now=NOW + 3 * HOUR)
    assert list_participants(db, study) == [person.id]
    assert [one.version for one in list_agreed_texts(db, study.id)] == [3]
    assert list_entries(db, study.id) == {person.id: NOW}  # they have taken part since then
    first, second = db.scalars(select(StudyConsent).order_by(StudyConsent.given_at))
    assert (first.withdrawn_at, second.withdrawn_at) == (NOW + 3 * HOUR, None)


def test_what_is_a_draft_or_the_places_own_or_over_takes_no_yes(
    db: Session, make: Factory, study: Study, person: User
) -> None:
    draft = begin_study(db, "Brouillon", make.user("researcher").id, now=NOW)
    place = make_study(db)
    for hidden in (draft, place):
        with pytest.raises(NotYours):
            agree(db, person.id, hidden.id, 1, now=NOW)
    close_study(db, study.id, now=NOW)
    with pytest.raises(Refused) as refused:
        agree(db, person.id, study.id, 1, now=NOW)
    assert refused.value.code == "closed"


def test_a_no_is_kept_and_does_not_bind(db: Session, study: Study, person: User) -> None:
    refuse(db, person.id, study.id, now=NOW)
    refuse(db, person.id, study.id, now=NOW)
    assert list_participants(db, study) == []
    assert [one.id for one in list_proposed(db, person.id)] == [study.id]
    agree(db, person.id, study.id, 1, now=NOW)
    assert db.scalars(select(StudyRefusal)).all() == []


def test_who_leaves_is_asked_no_more_and_what_was_begun_is_erased(
    db: Session, study: Study, person: User
) -> None:
    agree(db, person.id, study.id, 1, now=NOW)
    [invitation] = invite_due(db, {}, NOW + HOUR)
    begin(db, study, invitation)
    assert db.scalar(select(func.count()).select_from(ResponseSheet)) == 1
    left = withdraw(db, person.id, study.id, study_key(study), now=NOW + 2 * HOUR)
    assert left is not None
    assert left.withdrawn_at == NOW + 2 * HOUR
    assert db.scalar(select(func.count()).select_from(ResponseSheet)) == 0
    assert invitation.declined_at == NOW + 2 * HOUR
    assert list_participants(db, study) == []
    assert withdraw(db, person.id, study.id, study_key(study), now=NOW + 3 * HOUR) is None
    agree(db, person.id, study.id, 1, now=NOW + 4 * HOUR)  # and comes back later: from then on
    assert list_entries(db, study.id) == {person.id: NOW + 4 * HOUR}


def begin(db: Session, study: Study, invitation: Invitation) -> None:
    questionnaire = read_questionnaire(invitation.wave.instrument.content)
    [item] = questionnaire.pages[0].items
    values = {item.variables[0].name: "4"}
    save_page(db, invitation.id, study_key(study), 0, values, now=NOW + HOUR, partial=True)


@pytest.mark.parametrize("erases", [False, True])
def test_what_was_sent_stays_or_goes_as_one_says(
    db: Session, study: Study, person: User, erases: bool
) -> None:
    agree(db, person.id, study.id, 1, now=NOW)
    [invitation] = invite_due(db, {}, NOW + HOUR)
    answer(db, invitation, now=NOW + HOUR)
    withdraw(db, person.id, study.id, study_key(study), erases=erases, now=NOW + 2 * HOUR)
    db.commit()
    assert bool(db.scalars(select(Answer)).all()) is not erases
    assert bool(db.scalars(select(Invitation)).all()) is not erases


def test_two_accounts_of_one_person_keep_one_yes(db: Session, study: Study, make: Factory) -> None:
    kept, gone = make.user(), make.user()
    agree(db, gone.id, study.id, 1, now=NOW)
    agree(db, kept.id, study.id, 1, now=NOW + HOUR)
    join = OFFERS[0].join
    assert join is not None
    join(db, gone.id, kept.id, NOW + 2 * HOUR)
    standing = list(db.scalars(select(StudyConsent).where(StudyConsent.withdrawn_at.is_(None))))
    assert [one.user_id for one in standing] == [gone.id]  # the first; it is turned to the other


def test_of_two_accounts_the_last_word_counts(db: Session, study: Study, make: Factory) -> None:
    kept, gone, other = make.user(), make.user(), make.user()
    agree(db, gone.id, study.id, 1, now=NOW)
    agree(db, kept.id, study.id, 1, now=NOW + HOUR)
    withdraw(db, kept.id, study.id, study_key(study), now=NOW + 2 * HOUR)
    agree(db, other.id, study.id, 1, now=NOW)
    join = OFFERS[0].join
    assert join is not None
    join(db, gone.id, kept.id, NOW + 3 * HOUR)
    assert list_participants(db, study) == [other.id]


def test_a_study_that_nobody_runs_any_more_asks_nobody(
    db: Session, study: Study, person: User, make: Factory
) -> None:
    researcher = list_researchers(db, study.id)[0].user_id
    shared = make_own_study(db, make.user("researcher"), now=NOW)
    add_researcher(db, shared.id, db.get_one(User, researcher).email, now=NOW)
    draft = begin_study(db, "Brouillon", researcher, now=NOW)
    agree(db, person.id, study.id, 1, now=NOW)
    hook = next(one for one in OFFERS if isinstance(one, PersonalData))
    hook.erase(db, researcher)
    db.commit()
    assert study.closed_at is not None
    assert shared.closed_at is None
    assert db.get(Study, draft.id) is None
    assert invite_due(db, {}, NOW + HOUR) == []
