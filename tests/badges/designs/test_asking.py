"""What a badge may ask: groups that can be met, and no circle of badges."""

from __future__ import annotations

import contextlib
import threading
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from badges.designs import asking, rules
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.queries import get_badge, list_requirements
from badges.designs.rules import Condition, Group
from tests.support.badges import NOW, design, make_badge
from tierslieu.db import db as database
from tierslieu.errors import Refused

pytestmark = pytest.mark.both_databases
K = CriterionKind


def held(badge: BadgeClass | UUID) -> Condition:
    badge_id = badge if isinstance(badge, UUID) else badge.id
    return Condition(K.BADGE_HELD, asked_badge_id=badge_id)


def ask(db: Session, badge: BadgeClass, *conditions: Condition) -> None:
    rules.update_badge(db, badge.id, design(*conditions, name=badge.name))
    db.commit()


def test_groups_are_kept_as_they_were_asked(db: Session) -> None:
    other = make_badge(db)
    badge = make_badge(
        db,
        groups=[
            Group([Condition(K.HALF_DAYS, count=2), Condition(K.HOURS, count=9), held(other)], 2),
            Group([Condition(K.JUDGEMENT, statement="a enseigné")], 1),
        ],
    )
    db.expire_all()
    found = get_badge(db, badge.id)
    assert found is not None
    assert [group.needed for group in found.groups] == [2, None], "one of one is all of them"
    assert [c.kind for c in found.conditions] == [K.HALF_DAYS, K.HOURS, K.BADGE_HELD, K.JUDGEMENT]
    assert found.conditions[3].statement == "a enseigné"
    ask(db, badge, Condition(K.HALF_DAYS, count=1))
    db.expire_all()
    found = get_badge(db, badge.id)
    assert found is not None
    assert [c.kind for c in found.conditions] == [K.HALF_DAYS], "nothing of before stays"


def test_a_badge_does_not_ask_for_itself_near_or_far(db: Session) -> None:
    first, second, third = (make_badge(db, name=name) for name in ("Un", "Deux", "Trois"))
    ask(db, second, held(first))
    ask(db, third, held(second))
    for asked, words in ((first, "se demander lui-même"), (third, "«\u202fTrois\u202f»")):
        with pytest.raises(Refused, match=words) as refused:
            ask(db, first, held(asked))
        assert refused.value.code == "badge_circle"
        db.rollback()
    some = [Group([Condition(K.HALF_DAYS), held(third)], 1)]
    with pytest.raises(Refused) as refused:
        rules.update_badge(db, first.id, design(groups=some))
    assert refused.value.code == "badge_circle", "not even as one of several"
    db.rollback()
    ask(db, third, held(first))
    assert (third.id, first.id) in list_requirements(db), "two ways to the same badge are fine"


def test_a_badge_nobody_knows_is_refused(db: Session) -> None:
    with pytest.raises(Refused) as refused:
        make_badge(db, held(UUID(int=1)))
    assert refused.value.code == "unknown_badge"


def test_two_who_each_close_half_of_a_circle_do_not_both_succeed(
    app: Flask, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = make_badge(db, name="Un"), make_badge(db, name="Deux")
    pairs = [(one.id, two.id), (two.id, one.id)]
    db.rollback()
    # Each has looked at the circle before the other writes, unless somebody makes them wait.
    looked = threading.Barrier(2)
    really_keep = asking._keep_requirements

    def keep_late(session: Session) -> None:
        # SQLite lets one in at a time, and that is well.
        with contextlib.suppress(threading.BrokenBarrierError):
            looked.wait(timeout=2)
        really_keep(session)

    monkeypatch.setattr(asking, "_keep_requirements", keep_late)
    results: list[str] = []

    def change(badge_id: UUID, asked: UUID) -> None:
        with app.app_context():
            session = database.session()
            try:
                rules.update_badge(session, badge_id, design(held(asked)))
                session.commit()
                results.append("saved")
            except Refused as refused:
                session.rollback()
                results.append(refused.code)
            finally:
                database.session.remove()

    threads = [threading.Thread(target=change, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["badge_circle", "saved"]
    assert len(list_requirements(db)) == 1


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        ([], "no_condition"),
        ([Group([])], "no_condition"),
        ([Group([Condition(K.HALF_DAYS)]), Group([])], "empty_group"),
        ([Group([Condition(K.HALF_DAYS), Condition(K.HALF_DAYS)])], "twice"),
        ([Group([Condition(K.HALF_DAYS)], 2)], "out_of_reach"),
        ([Group([Condition(K.HALF_DAYS)], 0)], "out_of_reach"),
        ([Group([Condition(K.JUDGEMENT, statement=" ")])], "no_statement"),
        ([Group([Condition(K.HALF_DAYS)])] * 7, "too_many_conditions"),
        ([Group([Condition(K.HALF_DAYS, count=n) for n in range(1, 14)])], "too_many_conditions"),
    ],
)
def test_what_nobody_could_meet_or_read_is_refused_in_words(
    db: Session, groups: list[Group], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        rules.create_badge(db, design(groups=groups, conditions=()), now=NOW, actor_id=None)
    assert refused.value.code == code
    assert refused.value.status == 422


def test_how_it_is_awarded_can_change_after_the_first_award_and_what_it_asks_cannot(
    db: Session,
) -> None:
    badge = make_badge(db, Condition(K.HALF_DAYS, count=1))
    rules.freeze_badge(badge, now=NOW)
    db.commit()
    asking.set_automatic(db, badge.id, True)
    db.commit()
    assert badge.automatic
    with pytest.raises(Refused) as refused:
        ask(db, badge, Condition(K.HALF_DAYS, count=2))
    assert refused.value.code == "badge_awarded"
