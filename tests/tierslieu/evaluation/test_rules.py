"""Rates and distributions count each person once and hide small numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.evaluation import T0, make_answered_study, make_participants
from tests.support.factories import Factory
from tests.support.surveys import answer, make_invitation, make_study, study_key
from tierslieu.evaluation.disclosure import Hiding
from tierslieu.evaluation.rules import wave_distributions, wave_rates
from tierslieu.people.models import ConsentKind
from tierslieu.people.rules import withdraw_consent
from tierslieu.surveys.rules import decline

pytestmark = pytest.mark.both_databases
NOW = T0 + timedelta(days=60)


def test_rates_count_each_person_once(db: Session, make: Factory) -> None:
    study = make_study(db)
    wave, key = study.waves[0], study_key(study)
    people = make_participants(make, 20, consenting=False)
    for index, user in enumerate(people):
        first, second = make_invitation(db, user, now=NOW), make_invitation(db, user, now=NOW)
        if index < 9:
            answer(db, first, now=NOW)
        if index < 14:
            decline(db, second.id, key, now=NOW)
    db.commit()
    rates = wave_rates(db, wave)
    assert rates.invited == 20
    assert rates.table.cells == (9, 5, 6)
    assert rates.answered.percent == 45


def test_rates_of_few_people_are_hidden(db: Session, make: Factory) -> None:
    study = make_study(db)
    for user in make_participants(make, 9):
        answer(db, make_invitation(db, user, now=NOW), now=NOW)
    rates = wave_rates(db, study.waves[0])
    assert rates.invited is None
    assert set(rates.table.why) == {Hiding.TOO_FEW}
    assert rates.answered.percent is None


def test_a_wave_nobody_was_asked_in_is_empty(db: Session) -> None:
    study = make_study(db)
    assert wave_rates(db, study.waves[1]).table.cells == (0, 0, 0)


def test_answers_show_from_ten_people_and_only_those_who_consented(
    db: Session, make: Factory
) -> None:
    study, people = make_answered_study(db, make, 30)
    for user in make_participants(make, 8, consenting=False):
        answer(db, make_invitation(db, user, now=NOW), value="1", now=NOW)
    wave, key = study.waves[0], study_key(study)
    usefulness = wave_distributions(db, wave, key)[0]
    assert usefulness.item.name == "usefulness"
    assert usefulness.table.cells == (6, 6, 6, 6, 6, 0)
    assert usefulness.labels[-1] == "Sans réponse"
    for user in people[10:]:
        withdraw_consent(db, user.id, ConsentKind.RESEARCH, now=NOW)
    db.commit()
    table = wave_distributions(db, wave, key)[0].table
    assert (table.total, set(table.cells)) == (10, {None, 0})
    withdraw_consent(db, people[0].id, ConsentKind.RESEARCH, now=NOW)
    db.commit()
    assert wave_distributions(db, wave, key)[0].table.total is None


def test_a_person_counts_once_by_their_last_answer(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make, 10)
    for user in people:
        answer(db, make_invitation(db, user, now=NOW), value="5", now=NOW)
    table = wave_distributions(db, study.waves[0], study_key(study))[0].table
    assert table.cells == (0, 0, 0, 0, 10, 0)
