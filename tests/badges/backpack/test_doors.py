"""Which door of the navigation is lit where one looks at one’s own badges as the world does."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.models import HolderPage, Sharing
from badges.backpack import rules as backpack
from badges.collections import rules as collections
from tests.support.badges import NOW, make_award, open_badges
from tests.support.client import LookingClient
from tests.support.factories import Factory

LIT = re.compile(r'<a href="([^"]+)" aria-current="page">')


def lit(client: LookingClient, address: str) -> list[str]:
    """The doors that are lit on the page of this address."""
    answer = client.get(address)
    assert answer.status_code == 200
    return LIT.findall(answer.get_data(as_text=True))


def test_a_holder_stands_in_mes_badges_on_what_they_show_and_nobody_else_does(
    db: Session, make: Factory, client: LookingClient
) -> None:
    ada, other, team = make.user(), make.user(), make.user("facilitator")
    award = make_award(db, ada, team, open_badges(db))
    backpack.show_to(db, award.id, ada.id, Sharing.PUBLIC, now=NOW)
    gathered = collections.save_collection(db, ada.id, None, "Pour un jury", [award.id], now=NOW)
    collections.share_collection(db, ada.id, gathered.id, is_shared=True)
    db.commit()
    page = db.scalars(select(HolderPage)).one()
    shown = [
        f"/credentials/{award.id}",
        f"/badges/personnes/{page.id}",
        f"/collections/{gathered.id}",
    ]
    own = [f"/mes-badges/{award.id}", f"/mes-badges/collections/{gathered.id}"]
    db.rollback()
    assert [lit(client, address) for address in shown] == [[], [], []]
    client.sign_in(ada)
    assert all(lit(client, address) == ["/mes-badges"] for address in [*shown, *own])
    client.sign_in(other)
    assert [lit(client, address) for address in shown] == [[], [], []]
    client.sign_in(team)
    assert lit(client, shown[0]) == ["/badges"]
