"""The profile asks only what serves, says why, and keeps nothing that a choice makes pointless."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import profile
from tierslieu import clock
from tierslieu.house import HomeCard, House
from tierslieu.people.forms import list_countries
from tierslieu.people.models import AgeBand, Audience, Gender, User
from tierslieu.people.rules import save_profile

pytestmark = pytest.mark.both_databases


def _saved(db: Session, user: User) -> User:
    db.expire_all()
    return db.get_one(User, user.id)


def test_a_teacher_says_what_and_where(db: Session, make: Factory, client: LookingClient) -> None:
    user = make.user()
    client.sign_in(user)
    sent = profile(audience="teacher", teaches_what="NSI", teaches_where="lycée", town="Liège")
    assert client.post("/compte/profil", data=sent | {"country": "BE"}).location == "/compte"
    kept = _saved(db, user).profile
    assert kept is not None
    assert (kept.audience, kept.teaches_what, kept.country) == (Audience.TEACHER, "NSI", "BE")
    assert "Liège" in client.get("/compte").text


def test_age_and_gender_may_stay_empty_and_gender_be_said_in_ones_own_words(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user()
    client.sign_in(user)
    client.post("/compte/profil", data=profile())
    kept = _saved(db, user).profile
    assert kept is not None
    assert (kept.age_band, kept.gender, kept.gender_described) == (None, None, "")
    client.post(
        "/compte/profil",
        data=profile(gender="self_described", gender_described="agenre", age_band="25-34"),
    )
    kept = _saved(db, user).profile
    assert kept is not None
    assert (kept.gender, kept.gender_described) == (Gender.SELF_DESCRIBED, "agenre")
    assert kept.age_band is AgeBand.FROM_25


def test_words_that_no_longer_apply_are_forgotten(db: Session, make: Factory) -> None:
    user = make.user()
    save_profile(
        db,
        user,
        audience=Audience.ANYBODY,
        teaches_what="NSI",
        gender=Gender.WOMAN,
        gender_described="de trop",
        now=clock.now(),
    )
    assert user.profile is not None
    assert (user.profile.teaches_what, user.profile.gender_described) == ("", "")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"audience": ""}, "Choisissez la phrase"),
        ({"audience": "king"}, "pas dans la liste"),
        ({"name": ""}, "Écrivez votre nom"),
        ({"name": "\u200b \u2028"}, "nom"),
        ({"name": "n" * 121}, "120 caractères"),
        ({"aims": "a" * 1001}, "1000 caractères"),
        ({"town": "Ni\x00ce"}, "caractère invisible"),
        ({"country": "XX"}, "pas dans la liste"),
        ({"age_band": "12-14"}, "pas dans la liste"),
        ({"gender": "chat"}, "pas dans la liste"),
    ],
)
def test_a_bad_profile_is_shown_again_with_a_sentence_and_changes_nothing(
    db: Session, make: Factory, client: LookingClient, change: dict[str, str], sentence: str
) -> None:
    user = make.user(name="Ada")
    client.sign_in(user)
    answer = client.post("/compte/profil", data=profile(**change))
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = _saved(db, user)
    assert kept.name == "Ada"
    assert kept.profile is not None
    assert kept.profile.town == "Antibes"


def test_each_optional_question_says_why_it_is_asked(make: Factory, client: LookingClient) -> None:
    client.sign_in(make.user())
    page = client.get("/compte/profil").text
    assert "si le lieu sert à tous les âges" in page
    assert "L’égalité entre femmes et hommes" in page


def test_text_typed_as_markup_stays_text(make: Factory, client: LookingClient) -> None:
    client.sign_in(make.user())
    client.post("/compte/profil", data=profile(aims="<script>alert(1)</script>"))
    assert "<script>alert" not in client.get("/compte").text


def test_one_without_a_profile_is_asked_for_it_on_the_first_page(
    app: Flask, db: Session, make: Factory
) -> None:
    house: House = app.extensions["tierslieu.house"]
    card = next(c for c in house.all(HomeCard) if c.name == "profile")
    user = make.user()
    assert not list(card.build(db, user.id, clock.now()))
    user.profile = None
    db.commit()
    assert [c.urgency for c in card.build(db, user.id, clock.now())] == [0]


def test_countries_begin_with_those_of_most_people() -> None:
    codes = [choice.value for choice in list_countries()]
    assert codes[:2] == ["FR", "BE"]
    assert len(codes) == len(set(codes)) > 200
