"""Making and changing badge classes."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from badges.designs import rules
from badges.designs.documents import achievement_document
from badges.designs.frameworks import list_skills
from badges.designs.queries import find_badge, list_badges
from tests.support.badges import NOW, design, make_award, make_badge, open_badges
from tests.support.factories import Factory
from tierslieu.errors import Refused

pytestmark = pytest.mark.both_databases


def test_a_badge_gets_an_address_made_from_its_name(db: Session) -> None:
    first = make_badge(db, name="L’IA en classe\u202f: œuvre n° 2")
    second = make_badge(db, name="L’IA en classe, œuvre n° 2")
    assert first.slug == "l-ia-en-classe-oeuvre-n-2"
    assert second.slug == "l-ia-en-classe-oeuvre-n-2-2"


@pytest.mark.parametrize("name", ["Issuer", "Créer", "日本"])
def test_no_badge_takes_an_address_of_ours(db: Session, name: str) -> None:
    assert make_badge(db, name=name).slug not in ("issuer", "creer", "")


def test_a_badge_that_asks_nothing_is_refused(db: Session) -> None:
    with pytest.raises(Refused) as refused:
        make_badge(db, conditions=())
    assert refused.value.code == "no_condition"
    assert not list_badges(db)


def test_too_many_skills_are_refused_beside_the_field(db: Session) -> None:
    with pytest.raises(Refused) as refused:
        make_badge(db, skills=list_skills()[:13])
    assert refused.value.field == "skills"


def test_a_badge_changes_until_its_first_award_and_no_more_after(
    db: Session, make: Factory
) -> None:
    signer = open_badges(db)
    badge = make_badge(db)
    rules.update_badge(db, badge.id, design(name="Autre nom"))
    db.commit()
    assert badge.name == "Autre nom"
    assert badge.slug == "enseigner-snt-python"

    award = make_award(db, make.user(), make.user("facilitator"), signer)
    with pytest.raises(Refused) as refused:
        rules.update_badge(db, award.badge_id, design(name="Tout autre chose"))
    assert refused.value.code == "badge_awarded"
    db.rollback()
    assert award.badge.name != "Tout autre chose"


def test_an_archived_badge_leaves_the_list_and_can_come_back(db: Session) -> None:
    badge = make_badge(db)
    rules.archive_badge(db, badge.id, now=NOW)
    db.commit()
    assert list(list_badges(db)) == []
    assert [b.id for b in list_badges(db, archived=True)] == [badge.id]
    rules.restore_badge(db, badge.id)
    db.commit()
    assert [b.id for b in list_badges(db)] == [badge.id]


def test_the_achievement_says_what_the_badge_says(db: Session) -> None:
    make_badge(db)
    badge = find_badge(db, "enseigner-snt-python")
    assert badge is not None
    document = achievement_document(badge, "https://lieu.example")
    assert document["id"] == "https://lieu.example/badges/enseigner-snt-python"
    assert document["creditsAvailable"] == 12
    assert document["alignment"][0]["targetCode"] == "3.4"
    assert document["criteria"]["narrative"] == badge.criteria
