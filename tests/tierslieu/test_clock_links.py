"""What was given until a day, under a clock that was wrong: links in mails, invitations, keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.clocks import ahead
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox, registration
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.people.queries import find_user

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOM = "/administration/inscriptions"


@pytest.mark.parametrize("by", [HOUR, 300 * DAY], ids=["an hour", "300 days"])
def test_who_registered_under_a_clock_ahead_confirms_by_another_link_once_it_is_right(
    db: Session, client: LookingClient, by: timedelta
) -> None:
    with ahead(by):
        client.post("/inscription", data=registration())
    first = last_mail(db).context["confirmation_link"]
    answer = client.get(first, follow_redirects=True)
    assert "Demandez-en un autre" in answer.text
    client.post("/confirmation", data={"email": "aida@example.org"})
    links = {mail.context["confirmation_link"] for mail in outbox(db)} - {first}
    client.get(links.pop())
    db.rollback()
    user = find_user(db, "aida@example.org")
    assert user is not None
    assert user.confirmed_at is not None


@pytest.mark.both_databases
def test_an_invitation_and_a_key_that_a_clock_ahead_refused_open_again_once_it_is_right(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    administrator: LookingClient = app.test_client()  # type: ignore[assignment]
    administrator.sign_in(make.user("administrator"))
    last = (clock.to_local(clock.now()) + 7 * DAY).date().isoformat()
    form = {"text": "aida@example.org", "last": last, "sure": "yes"}
    assert administrator.post(f"{ROOM}/adresses", data=form).status_code == 302
    link = last_mail(db).context["path"]
    key = bearing(make_secret(db, make.user(), "bookings:write"))
    asked = "/api/v1/bookings"
    with ahead(300 * DAY):
        assert client.get(link).status_code == 410
        assert client.get(asked, headers=key).status_code == 401
    assert client.get(link).status_code == 200
    assert client.get(asked, headers=key).status_code == 200
