"""A badge that was awarded does not change: its next version does."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import rules as awards
from badges.awards.models import Award
from badges.awards.queries import list_awards
from badges.designs import queries, rules, versions
from badges.designs.models import BadgeClass, Level
from badges.designs.own_pictures import OwnPicture
from tests.support.badges import (
    NOW,
    design,
    finish_path,
    house_here,
    make_award,
    make_badge,
    make_path_badge,
    open_badges,
)
from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.errors import Refused

pytestmark = pytest.mark.both_databases


@pytest.fixture
def award(db: Session, make: Factory) -> Award:
    return make_award(
        db,
        make.user(),
        make.user("facilitator"),
        open_badges(db),
        level=Level.PRACTICE,
        text="SNT",
        name_en="Teaching",
        description_en="Teaches.",
        criteria_en="Done.",
        own=OwnPicture(None, b"pixels"),
    )


def begin(db: Session, badge_id: UUID) -> BadgeClass:
    draft = versions.begin_version(db, badge_id, now=NOW, actor_id=None)
    db.commit()
    return draft


def test_the_next_version_begins_as_a_draft_that_says_the_same(db: Session, award: Award) -> None:
    first = award.badge
    draft = begin(db, first.id)
    assert (draft.version, draft.previous_id, draft.slug) == (2, first.id, f"{first.slug}-v2")
    assert draft.published_at is None
    assert draft.frozen_at is None
    same = ("name", "criteria", "hours", "level", "text", "name_en", "criteria_en", "shape")
    assert all(getattr(draft, name) == getattr(first, name) for name in same)
    assert [s.code for s in draft.skills] == [s.code for s in first.skills]
    assert [(c.kind, c.path_id) for c in draft.conditions] == [
        (c.kind, c.path_id) for c in first.conditions
    ]
    assert draft.own_picture is not None
    assert draft.own_picture.png == b"pixels"
    assert first.archived_at is None, "the draft takes nobody's place yet"


def test_a_draft_is_found_only_by_those_who_may_see_drafts(db: Session, award: Award) -> None:
    first = award.badge
    draft = begin(db, first.id)
    assert queries.find_badge(db, draft.slug) is None
    found = queries.find_badge(db, draft.slug, drafts=True)
    assert found is not None
    assert [b.id for b in queries.list_badges(db)] == [first.id]
    assert [b.id for b in queries.list_drafts(db)] == [draft.id]
    assert queries.find_newest(db, first).id == first.id


def test_published_it_takes_the_place_of_the_one_before(db: Session, award: Award) -> None:
    first = award.badge
    draft = begin(db, first.id)
    versions.publish_version(db, draft.id, now=NOW)
    db.commit()
    assert [b.id for b in queries.list_badges(db)] == [draft.id]
    assert list(queries.list_badges(db, archived=True)) == [], "the newest of the line stands"
    assert first.archived_at is not None
    assert queries.find_newest(db, first).id == draft.id
    with pytest.raises(Refused) as refused:
        rules.restore_badge(db, first.id)
    assert refused.value.code == "version_replaced"


def test_holders_of_the_first_keep_it_and_may_receive_the_second(
    db: Session, make: Factory
) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    give = lambda which: awards.award(  # noqa: E731
        db, which, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id
    )
    give(badge.id)
    db.commit()
    draft = begin(db, badge.id)
    give(draft.id)  # awarding a draft publishes it
    db.commit()
    db.refresh(badge)
    db.refresh(draft)
    assert draft.published_at is not None
    assert draft.frozen_at is not None
    assert badge.archived_at is not None
    assert {a.badge_id for a in list_awards(db, ada.id)} == {badge.id, draft.id}
    assert '"version":"2"' in next(
        a.credential for a in list_awards(db, ada.id) if a.badge_id == draft.id
    )


def test_a_draft_is_not_archived(db: Session, award: Award) -> None:
    draft = begin(db, award.badge_id)
    with pytest.raises(Refused) as refused:
        rules.archive_badge(db, draft.id, now=NOW)
    assert refused.value.code == "draft"


def test_versions_go_on_in_one_line_each_with_its_own_address(
    db: Session, make: Factory, award: Award
) -> None:
    first = award.badge
    second = begin(db, first.id)
    assert begin(db, first.id).id == second.id, "there is one next version"
    rules.freeze_badge(second, now=NOW)
    db.commit()
    third = begin(db, second.id)
    assert third.slug == f"{first.slug}-v3"
    assert third.version == 3


def test_a_badge_nobody_received_is_changed_itself(db: Session) -> None:
    badge = make_badge(db)
    with pytest.raises(Refused) as refused:
        versions.begin_version(db, badge.id, now=NOW, actor_id=None)
    assert refused.value.code == "not_awarded"


def test_a_draft_can_be_given_up_and_begun_again_but_not_what_was_published(
    db: Session, award: Award
) -> None:
    first = award.badge
    draft = begin(db, first.id)
    versions.drop_draft(db, draft.id)
    db.commit()
    assert queries.find_successor(db, first.id) is None
    again = begin(db, first.id)
    versions.publish_version(db, again.id, now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        versions.drop_draft(db, again.id)
    assert refused.value.code == "published"


def test_a_draft_may_still_be_changed_and_the_first_may_not(db: Session, award: Award) -> None:
    draft = begin(db, award.badge_id)
    rules.update_badge(db, draft.id, design(name="Autrement", text="Deux"))
    db.commit()
    assert draft.name == "Autrement"
    assert draft.own_picture is None
    with pytest.raises(Refused) as refused:
        rules.update_badge(db, award.badge_id, design(name="Autrement"))
    assert refused.value.code == "badge_awarded"


def test_two_who_begin_the_next_version_at_once_get_the_same(
    app: Flask, db: Session, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    badge_id = award.badge_id
    db.rollback()
    together = threading.Barrier(3)
    found: list[UUID] = []

    def start() -> None:
        with app.app_context():
            session = database.session()
            together.wait(timeout=30)
            draft = versions.begin_version(session, badge_id, now=NOW, actor_id=None)
            session.commit()
            found.append(draft.id)
            database.session.remove()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 3
    assert len(set(found)) == 1
    later = select(func.count()).select_from(BadgeClass).where(BadgeClass.previous_id == badge_id)
    assert db.scalar(later) == 1


def test_without_looking_first_the_database_leads_to_the_one_already_begun(
    db: Session, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    badge_id = award.badge_id
    draft_id = begin(db, badge_id).id
    looks: list[int] = []
    really = queries.find_successor

    def blind_at_first(session: Session, which: UUID) -> Any:
        looks.append(1)
        return None if len(looks) == 1 else really(session, which)

    monkeypatch.setattr(versions, "find_successor", blind_at_first)
    assert versions.begin_version(db, badge_id, now=NOW, actor_id=None).id == draft_id
    db.rollback()
    with pytest.raises(IntegrityError):
        db.execute(
            BadgeClass.__table__.insert().values(  # type: ignore[attr-defined]
                slug="autre", name="x", description="x", criteria="x", version=2,
                previous_id=badge_id, created_at=NOW, id=UUID(int=7), name_en="",
                description_en="", criteria_en="", ground="", mark="", text="",
                shape="circle", colour="mer", icon="code",
            )
        )  # fmt: skip
    db.rollback()
