"""An account that nobody uses is closed after three years, thirty days after a mail said so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from badges.awards.models import Sharing, StatusList
from tests.support.badges import NOW as AWARDED
from tests.support.badges import house_here, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import sign_in, with_password
from tierslieu import clock
from tierslieu.admin.unused import close_unused, list_unused, warn_unused
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import FACILITATOR, Profile, User
from tierslieu.people.unused import UNUSED_FOR, WARNED_FOR

pytestmark = pytest.mark.both_databases
NOW = clock.now()
LONG_AGO = NOW - UNUSED_FOR - timedelta(hours=1)


def old(db: Session, user: User) -> User:
    user.created_at = user.confirmed_at = LONG_AGO
    db.flush()
    db.execute(update(Profile).where(Profile.user_id == user.id).values(updated_at=LONG_AGO))
    db.commit()
    db.expire_all()
    return user


def warn(db: Session, now: datetime) -> int:
    return warn_unused(db, list_unused(db, house_here(), now), now)


def sent(db: Session) -> None:
    db.execute(update(OutboxMessage).values(sent_at=NOW))
    db.commit()


def test_nobody_is_closed_without_a_mail_that_left_thirty_days_before(
    db: Session, make: Factory
) -> None:
    user = old(db, make.user())
    house = house_here()
    assert close_unused(db, house, NOW) == 0
    assert warn(db, NOW) == 1
    assert warn(db, NOW + timedelta(days=1)) == 0, "once"
    db.commit()
    assert close_unused(db, house, NOW + WARNED_FOR * 2) == 0, "it never left"
    sent(db)
    assert close_unused(db, house, NOW + WARNED_FOR - timedelta(seconds=1)) == 0
    assert close_unused(db, house, NOW + WARNED_FOR) == 1
    db.commit()
    assert close_unused(db, house, NOW + WARNED_FOR) == 0
    assert not user.active
    assert user.email.endswith(".invalid")
    goodbye = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "people_closed")
    ).one()
    assert "Comme annoncé" in render_mail(goodbye, settings_here()).text


def test_the_mail_says_until_when_and_how_to_keep_the_account(db: Session, make: Factory) -> None:
    old(db, make.user())
    warn(db, NOW)
    mail = render_mail(db.scalars(select(OutboxMessage)).one(), settings_here())
    assert "va être fermé" in mail.subject
    assert "se vérifieront toujours" in mail.text
    assert str((NOW + WARNED_FOR).year) in mail.text


def test_who_signs_in_after_the_mail_keeps_the_account(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = old(db, with_password(make))
    warn(db, NOW)
    db.commit()
    sent(db)
    sign_in(client, user.email)
    db.expire_all()
    assert close_unused(db, house_here(), NOW + WARNED_FOR * 2) == 0
    assert warn(db, NOW + WARNED_FOR * 2) == 0
    assert warn(db, NOW + UNUSED_FOR + timedelta(days=2)) == 1


def test_a_team_and_whoever_gave_a_sign_are_not_written_to(db: Session, make: Factory) -> None:
    old(db, make.user(FACILITATOR))
    make.user()
    touched = old(db, make.user())
    db.execute(update(Profile).where(Profile.user_id == touched.id).values(updated_at=NOW))
    db.commit()
    assert warn(db, NOW) == 0


def test_a_mail_about_an_earlier_silence_closes_nobody(db: Session, make: Factory) -> None:
    user = old(db, make.user())
    warn(db, NOW)
    sent(db)
    came = NOW + timedelta(days=1)
    db.execute(update(Profile).where(Profile.user_id == user.id).values(updated_at=came))
    db.commit()
    db.expire_all()
    silent = came + UNUSED_FOR + timedelta(hours=1)
    assert close_unused(db, house_here(), silent) == 0
    assert warn(db, silent) == 1


def test_a_badge_that_is_shown_keeps_the_account_and_closing_withdraws_none(
    db: Session, make: Factory
) -> None:
    signer = open_badges(db)
    holder = make.user()
    award = make_award(db, holder, make.user(FACILITATOR), signer)
    old(db, holder)
    award.sharing, award.shared_at = Sharing.LINK, AWARDED
    db.commit()
    later = AWARDED + UNUSED_FOR + timedelta(days=30)
    assert warn(db, later) == 0
    award.sharing, award.shared_at = Sharing.PRIVATE, None
    db.commit()
    assert warn(db, later) == 1
    db.execute(update(OutboxMessage).values(sent_at=later))
    db.commit()
    bits = db.scalars(select(StatusList.bits).order_by(StatusList.id)).all()
    assert close_unused(db, house_here(), later + WARNED_FOR) == 1
    db.commit()
    db.expire_all()
    assert award.revoked_at is None
    assert db.scalars(select(StatusList.bits).order_by(StatusList.id)).all() == bits
