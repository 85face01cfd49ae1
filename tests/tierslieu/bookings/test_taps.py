"""One tap, from a mail: a seat is taken or given back without signing in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.offering import (
    NEAR,
    S,
    at,
    give_back,
    mails,
    make_line,
    run,
)
from tests.support.sessions import plain, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.bookings.models import Booking
from tierslieu.mail.rendering import render_mail


@pytest.fixture
def line(db: Session, make: Factory) -> list[Booking]:
    return make_line(db, make)


@pytest.fixture
def near() -> Iterator[None]:
    with clock.fixed_at(NEAR):
        yield


def tap_of(booking: Booking) -> str:
    return f"/reservations/geste/{booking.tap}"


def test_one_tap_in_the_mail_takes_the_seat_without_signing_in(
    app: Flask, db: Session, client: LookingClient, line: list[Booking], near: None
) -> None:
    give_back(db, line[0], NEAR)
    words = render_mail(mails(db, line[1])[-1], app.config["TIERSLIEU"])
    address = tap_of(line[1])
    assert f"http://localhost{address}" in words.text
    assert f"http://localhost{address}" in words.html
    assert "17 h 30" in plain(words.text)
    page = client.get(address)
    assert line[1].status is S.OFFERED, "a program that looks at links takes nothing"
    assert "Ada" not in page.text
    assert "Bo" not in text_of(page).split()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "no-store"
    done = client.post(address, data={"geste": "prendre"}, follow_redirects=True)
    assert "Votre place est confirmée." in text_of(done)
    db.expire_all()
    assert line[1].status is S.CONFIRMED


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (0, "Votre place est libérée."),
        (1, "C’est noté. La place va à la personne suivante."),
        (2, "Vous n’êtes plus sur la liste d’attente."),
    ],
)
def test_one_tap_gives_back_what_one_has(
    db: Session, client: LookingClient, line: list[Booking], near: None, which: int, said: str
) -> None:
    if which:
        give_back(db, line[0], NEAR)
    done = client.post(tap_of(line[which]), data={"geste": "laisser"}, follow_redirects=True)
    assert said in text_of(done)
    assert "Vous n’avez plus de place à cette séance" in text_of(done)
    db.expire_all()
    assert line[which].status is S.CANCELLED
    seats_are_kept(db, line[0].session)
    twice = client.post(tap_of(line[which]), data={"geste": "laisser"}, follow_redirects=True)
    assert "a déjà été libérée" in text_of(twice)


@pytest.mark.parametrize("secret", ["x", "x" * 64, "x" * 65, "%00"])
def test_a_link_of_nobody_leads_nowhere(client: LookingClient, secret: str) -> None:
    assert client.get(f"/reservations/geste/{secret}").status_code == 404
    assert client.post(f"/reservations/geste/{secret}").status_code == 404


def test_a_link_opened_too_late_says_what_became_of_the_seat(
    db: Session, client: LookingClient, line: list[Booking]
) -> None:
    give_back(db, line[0], NEAR)
    with clock.fixed_at(at("25 18:00")):
        late = client.post(tap_of(line[1]), data={"geste": "prendre"}, follow_redirects=True)
        assert "vous était gardée jusqu’à 17 h 30" in text_of(late)
        run(db, "offers_over", at("25 18:00"))
        assert "La place est passée à la personne suivante" in text_of(client.get(tap_of(line[1])))
    with clock.fixed_at(at("26 15:00")):
        assert "La séance a commencé" in text_of(client.get(tap_of(line[2])))


def test_the_mails_of_offers_read_well(app: Flask, db: Session, line: list[Booking]) -> None:
    give_back(db, line[0], NEAR)
    run(db, "offers_over", at("25 17:30"))
    give_back(db, line[2], at("25 17:31"))
    seen = {}
    for booking in line:
        for mail in mails(db, booking):
            words = render_mail(mail, app.config["TIERSLIEU"])
            seen[mail.template] = words
            for body in (words.text, words.html):
                assert "None" not in body
                assert "{" not in body.split("</style>")[-1]
    assert {"bookings_offered", "bookings_passed_on", "bookings_released"} <= set(seen)
    assert "Une place vous est proposée : Initiation à Python" in plain(
        seen["bookings_offered"].subject
    )


def test_the_declined_mail_says_so(app: Flask, db: Session, line: list[Booking]) -> None:
    give_back(db, line[0], NEAR)
    give_back(db, line[1], NEAR)
    words = render_mail(mails(db, line[1])[-1], app.config["TIERSLIEU"])
    assert "vous ne venez pas" in plain(words.text)
