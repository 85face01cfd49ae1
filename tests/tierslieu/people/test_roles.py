"""Who may do what: roles are given and taken, and the place is never left without a head."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu.base import new_id
from tierslieu.errors import NotYours, Refused
from tierslieu.people.rules import change_roles

pytestmark = pytest.mark.both_databases


def test_a_person_may_hold_several_roles(db: Session, make: Factory) -> None:
    user = make.user("facilitator")
    change_roles(db, user.id, give=["researcher", "facilitator"])
    assert {r.name for r in user.roles} == {"facilitator", "researcher"}


def test_a_role_is_taken_and_the_others_stay(db: Session, make: Factory) -> None:
    user = make.user("facilitator", "learner")
    change_roles(db, user.id, take=["facilitator", "coordinator"])
    assert [r.name for r in user.roles] == ["learner"]


def test_the_last_administrator_stays(db: Session, make: Factory) -> None:
    only = make.user("administrator")
    make.user("administrator", active=False)  # cannot sign in: does not count
    with pytest.raises(Refused) as refusal:
        change_roles(db, only.id, take=["administrator"])
    assert refusal.value.code == "last_administrator"
    assert only.name in refusal.value.message


def test_one_of_two_administrators_may_leave(db: Session, make: Factory) -> None:
    first = make.user("administrator")
    make.user("administrator")
    change_roles(db, first.id, take=["administrator"])
    assert not first.holds("administrator")


def test_an_unknown_role_is_refused_with_the_list_of_roles(db: Session, make: Factory) -> None:
    user = make.user()
    with pytest.raises(Refused) as refusal:
        change_roles(db, user.id, give=["king"])
    assert refusal.value.code == "unknown_role"
    assert "facilitator" in refusal.value.message


def test_nobody_gets_a_role(db: Session) -> None:
    with pytest.raises(NotYours):
        change_roles(db, new_id(), give=["learner"])
