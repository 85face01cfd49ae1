"""Bearer tokens: shown once, kept as a digest, alive while their owner's roles allow them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.people import outbox
from tierslieu.clock import fixed_at
from tierslieu.errors import NotYours, Refused
from tierslieu.people.rules import close_account
from tierslieu.tokens import rules
from tierslieu.tokens.models import AccessToken
from tierslieu.tokens.offers import OFFERS
from tierslieu.tokens.queries import list_tokens
from tierslieu.tokens.scopes import SCOPES, may_hold, open_to

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.both_databases


def made(db: Session, owner_id: object, name: str = "export", *scopes: str, days: int = 30) -> str:
    _token, secret = rules.make_token(
        db,
        owner_id,  # type: ignore[arg-type]
        name=name,
        scopes=scopes or ("sessions:read",),
        days=days,
        now=NOW,
    )
    db.commit()
    return secret


def test_the_database_holds_nothing_that_opens(db: Session, make: Factory) -> None:
    secret = made(db, make.user().id)
    assert re.fullmatch(r"tl_[0-9a-f]{64}", secret)
    row = db.execute(text("SELECT * FROM access_token")).one()
    assert secret not in str(row)
    assert secret.removeprefix("tl_") not in str(row)
    assert all(secret not in str(mail.context) for mail in outbox(db))


def test_a_secret_is_recognised_until_it_ends(db: Session, make: Factory) -> None:
    owner = make.user()
    secret = made(db, owner.id, days=30)
    found = rules.recognise(db, secret, NOW)
    assert found is not None
    assert found.user_id == owner.id
    last = NOW + timedelta(days=30)
    assert rules.recognise(db, secret, last - timedelta(seconds=1)) is not None
    assert rules.recognise(db, secret, last) is None


@pytest.mark.parametrize("change", ["", "x", "\n", " ", "é"])
def test_another_text_is_nobodys(db: Session, make: Factory, change: str) -> None:
    secret = made(db, make.user().id)
    other = secret + change if change else secret[:-1] + ("0" if secret[-1] != "0" else "1")
    assert rules.recognise(db, other, NOW) is None


def test_a_revoked_token_opens_nothing_and_frees_its_name(db: Session, make: Factory) -> None:
    owner = make.user()
    secret = made(db, owner.id)
    token = list_tokens(db, owner.id)[0]
    with pytest.raises(NotYours):
        rules.revoke_token(db, make.user().id, token.id, now=NOW)
    db.rollback()
    with pytest.raises(Refused) as refusal:
        made(db, owner.id)
    assert refusal.value.code == "name_taken"
    db.rollback()
    rules.revoke_token(db, owner.id, token.id, now=NOW)
    db.commit()
    assert rules.recognise(db, secret, NOW) is None
    made(db, owner.id)


def test_a_closed_account_opens_nothing(db: Session, make: Factory) -> None:
    owner = make.user()
    secret = made(db, owner.id)
    close_account(db, owner.id)
    db.commit()
    assert rules.recognise(db, secret, NOW) is None


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"name": "  "}, "name_missing", 422),
        ({"name": "x" * 81}, "name_missing", 422),
        ({"scopes": ()}, "scope_missing", 422),
        ({"scopes": ("everything",)}, "scope_unknown", 422),
        ({"scopes": ("sessions:read", "awards:write")}, "role_missing", 403),
        ({"days": 3650}, "expiry_invalid", 422),
    ],
)
def test_what_a_token_may_not_be_is_refused_and_nothing_is_written(
    db: Session, make: Factory, changes: dict[str, object], code: str, status: int
) -> None:
    owner = make.user("learner")
    wanted = {"name": "x", "scopes": ("sessions:read",), "days": 30, **changes}
    with pytest.raises(Refused) as refusal:
        rules.make_token(db, owner.id, now=NOW, **wanted)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.status) == (code, status)
    db.rollback()
    assert not db.scalars(select(AccessToken)).all()
    assert not outbox(db)


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("learner", {"sessions:read", "bookings:write", "enrolments:write"}),
        (
            "facilitator",
            {
                "sessions:read",
                "bookings:write",
                "enrolments:write",
                "attendances:write",
                "awards:write",
                "credentials:issue",
                "xapi:write",
            },
        ),
        (
            "researcher",
            {"sessions:read", "bookings:write", "enrolments:write", "studies:export"},
        ),
    ],
)
def test_each_role_gives_the_scopes_of_what_it_may_do(
    make: Factory, role: str, scopes: set[str]
) -> None:
    assert set(open_to(make.user(role))) == scopes


def test_no_scope_is_open_to_somebody_who_left(make: Factory) -> None:
    owner = make.user(*["facilitator", "researcher"], active=False)
    assert not [scope for scope in SCOPES if may_hold(owner, scope)]


def test_twenty_tokens_are_enough_for_one_person(db: Session, make: Factory) -> None:
    owner = make.user()
    for number in range(rules.MAX_STANDING):
        made(db, owner.id, f"clé {number}")
    with pytest.raises(Refused) as refusal:
        made(db, owner.id, "une de trop")
    assert refusal.value.code == "too_many_tokens"


def test_only_the_day_of_use_is_kept_and_written_once_a_day(db: Session, make: Factory) -> None:
    owner = make.user()
    secret = made(db, owner.id)
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)  # already the 27th in Paris
    with fixed_at(late):
        token = rules.recognise(db, secret, late)
        assert token is not None
        assert rules.note_use(db, token, late)
        db.commit()
        assert not rules.note_use(db, token, late)
    assert str(token.last_used_on) == "2026-11-27"


def test_its_owner_is_told_by_mail(db: Session, make: Factory) -> None:
    owner = make.user()
    made(db, owner.id, "export du lundi")
    mail = outbox(db)[-1]
    assert (mail.recipient, mail.template) == (owner.email, "tokens_made")
    assert mail.context["token"] == "export du lundi"


def test_ones_data_hold_the_tokens_without_what_opens_and_erasing_ends_them(
    db: Session, make: Factory
) -> None:
    owner, other = make.user(), make.user()
    secret, kept = made(db, owner.id), made(db, other.id)
    offer = OFFERS[0]
    exported = offer.export(db, owner.id)
    assert [entry["name"] for entry in exported] == ["export"]
    assert rules.digest_of(secret) not in str(exported)
    offer.erase(db, owner.id)
    db.commit()
    assert rules.recognise(db, secret, NOW) is None
    assert rules.recognise(db, kept, NOW) is not None
