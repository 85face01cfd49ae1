"""Who is signed in is found by reading their own roles, not everybody's."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from tests.support.counting import counted_work
from tests.support.factories import Factory


def test_finding_who_is_signed_in_costs_the_same_however_many_people_there_are(
    db: Session, make: Factory
) -> None:
    user = make.user("coordinator", "researcher")
    uniquifier = user.fs_uniquifier

    def work() -> int:
        db.expunge_all()
        with counted_work() as steps:
            found = current_app.extensions["security"].datastore.find_user(fs_uniquifier=uniquifier)
            assert {role.name for role in found.roles} == {"coordinator", "researcher"}
        return sum(steps)

    work()  # the first finds caches cold
    few = work()
    for _ in range(60):
        make.user()
    assert work() <= few + 50
