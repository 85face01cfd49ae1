"""One's timeline as a page and a paper: who sees what of it, and that it holds however full."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.appointments import make_slots, take
from tests.support.at_once import at_once
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, pages_of
from tests.support.sessions import NOW, make_session, plain, text_of
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
from tierslieu.home.timeline.models import TimelineBorders
from tierslieu.home.timeline.rules import set_borders
from tierslieu.house import House, PersonalData, TimelineEvent, TimelineSource

both = pytest.mark.both_databases
LONG = "Une très longue étape : données structurées, réseaux, œuvres numériques & <b>cœur</b> " * 4


@pytest.fixture(autouse=True)
def _now() -> Iterable[None]:
    with clock.fixed_at(NOW):
        yield


def only(app: Flask, monkeypatch: pytest.MonkeyPatch, *events: TimelineEvent) -> None:
    """Those events and no others, seen by the team too."""

    def find(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
        return events

    kept = [
        one
        for one in app.extensions["tierslieu.house"].offers
        if not isinstance(one, TimelineSource)
    ]
    house = House((*kept, TimelineSource("essai", find, find)))
    monkeypatch.setitem(app.extensions, "tierslieu.house", house)


def event(days: float, title: str = "Étape validée", kind: str = "path") -> TimelineEvent:
    return TimelineEvent(NOW + timedelta(days=days), title, "détail", kind, "/parcours")


def test_what_is_next_comes_first_then_what_was_and_the_picture_says_the_same(
    app: Flask, client: LookingClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(
        app, monkeypatch, event(9, "Plus tard"), event(2, "Bientôt"), event(-400, "Jadis", "badge")
    )
    page = client.sign_in(make.user()).get("/ma-frise")
    text = text_of(page)
    places = [page.text.index(f">{word}<span") for word in ("Bientôt", "Plus tard", "Jadis")]
    assert places == sorted(places)
    assert page.text.index('<svg role="img"') > places[1], "on a phone what is next comes first"
    assert "Année scolaire 2025-2026" in text
    (desc,) = re.findall(r"<desc>(.*?)</desc>", page.text, re.S)
    assert "Parcours et étapes : 2 à venir. Badges : 1 passé." in plain(desc)
    only_badges = client.get("/ma-frise?genre=badge")
    assert "Jadis" in only_badges.text
    assert "Bientôt" not in only_badges.text
    assert re.search(r'genre=badge" aria-current="true"', only_badges.text)
    assert "Bientôt" in client.get("/ma-frise?genre=' OR 1=1").text, "a strange kind is all of them"


@pytest.mark.parametrize("count", [0, 1, 3, 400])
def test_a_timeline_of_any_length_is_a_page_and_a_tagged_paper(
    app: Flask,
    client: LookingClient,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    count: int,
) -> None:
    kinds = ["path", "session", "badge", "unknown"]
    events = [
        event(5 - 4 * n, f"{n} {LONG if count < 9 else LONG[:40]}", kinds[n % 4])
        for n in range(count)
    ]
    only(app, monkeypatch, *events)
    client.sign_in(make.user(name="Zoé Le Bœuf"))
    page = client.get("/ma-frise")
    assert page.text.count("<time ") == count
    assert ("<svg role=" in page.text) == bool(count)
    assert "<b>cœur" not in page.text
    paper = client.get("/ma-frise.pdf")
    tags = assert_is_tagged(paper.data, "Ma frise")
    assert ("/Figure" in tags) == bool(count)
    pages = pages_of(paper.data, tmp_path)
    assert "Zoé Le Bœuf" in pages[0]
    words = " ".join(pages)
    assert all(f"{n} Une très longue étape" in words for n in range(count))
    assert (len(pages) > 5) == (count == 400)
    assert paper.headers["Cache-Control"] == "private, no-store"


def test_a_timeline_is_its_persons_and_the_team_sees_what_it_sees_elsewhere(
    app: Flask, client: LookingClient, db: Session, make: Factory
) -> None:
    ada, nadia = make.user(name="Ada Moreau"), make.user("facilitator")
    path = make_path(db)
    enrolment = make_enrolment(db, ada, path)
    make_record(db, enrolment, steps_of(db, path)[0])
    set_borders(db, ada.id, studies_from=date(2026, 1, 1), job_from=None, now=NOW)
    db.commit()
    own = client.sign_in(ada).get("/ma-frise").text
    assert f'href="/mes-parcours/{enrolment.id}"' in own
    assert "Je réussis ma formation" in own
    page = f"/suivi/{ada.id}/frise"
    assert client.get(page).status_code == 403, "not even one's own by the team's door"
    shown = client.sign_in(nadia).get(page)
    assert f'href="/suivi/parcours/{enrolment.id}"' in shown.text
    assert "/mes-parcours/" not in shown.text
    assert "Je réussis ma formation" not in shown.text
    assert page in client.get(f"/suivi/{ada.id}").text
    assert client.get(f"/suivi/{nadia.id}/frise").status_code == 404
    assert "Parcours commencé" not in client.get("/ma-frise").text
    for who in (make.user(), make.user("researcher"), make.user("coordinator", "administrator")):
        assert client.sign_in(who).get(page).status_code == 403


def test_what_a_feature_does_not_offer_to_the_team_is_not_shown_to_it(
    app: Flask, client: LookingClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    house: House = app.extensions["tierslieu.house"]
    hidden = {one.name for one in house.all(TimelineSource) if one.for_team is None}
    assert hidden == {"feedback", "studies", "surveys", "community", "attention", "plans"}
    only(app, monkeypatch)
    private = TimelineSource("privé", lambda db, user_id, now: [event(-1, "Pour moi")])
    mine = House((*app.extensions["tierslieu.house"].offers, private))
    monkeypatch.setitem(app.extensions, "tierslieu.house", mine)
    ada = make.user()
    assert "Pour moi" in client.sign_in(ada).get("/ma-frise").text
    seen = client.sign_in(make.user("facilitator")).get(f"/suivi/{ada.id}/frise")
    assert "Pour moi" not in seen.text
    assert "Rien encore" in seen.text


def test_the_person_moves_the_borders_of_their_phases_and_takes_them_back(
    client: LookingClient, db: Session, make: Factory
) -> None:
    ada = make.user()
    make_enrolment(db, ada, make_path(db))
    client.sign_in(ada)
    said = client.post(
        "/ma-frise",
        data={"studies_from": "2026-01-05", "job_from": "2027-01-04"},
        follow_redirects=True,
    )
    assert "Vos phases sont à jour." in text_of(said)
    assert "à partir du 5 janvier 2026" in text_of(said)
    wrong = client.post("/ma-frise", data={"studies_from": "2026-01-05", "job_from": "2025-01-01"})
    assert (wrong.status_code, 'id="job_from-error"' in wrong.text) == (422, True)
    assert client.post("/ma-frise", data={"job_from": "31/02/2026"}).status_code == 422
    assert client.post("/ma-frise", data={"job_from": "0001-01-01"}).status_code == 422
    db.expire_all()
    assert db.scalars(select(TimelineBorders.job_from)).one() == date(2027, 1, 4)
    client.post("/ma-frise", data={"studies_from": "", "job_from": ""})
    assert db.scalar(select(func.count()).select_from(TimelineBorders)) == 0


@both
def test_borders_said_several_times_at_once_are_kept_once_exported_and_erased(
    app: Flask, db: Session, make: Factory
) -> None:
    ada = make.user()
    user_id = ada.id
    db.rollback()

    def say(session: Session, number: int) -> None:
        day = date(2026, 1, 1 + number)
        set_borders(session, user_id, studies_from=day, job_from=None, now=NOW)

    assert at_once(app, say) == ["done"] * 6
    with pytest.raises(Refused) as refused:
        set_borders(db, user_id, studies_from=date(2026, 1, 2), job_from=date(2026, 1, 1), now=NOW)
    assert refused.value.code == "wrong_order"
    db.rollback()
    house: House = app.extensions["tierslieu.house"]
    (data,) = [one for one in house.all(PersonalData) if one.name == "timeline"]
    assert data.export(db, user_id)["studies_from"].startswith("2026-01-0")
    assert data.export(db, make.user().id) is None
    data.erase(db, user_id)
    db.commit()
    assert db.scalar(select(func.count()).select_from(TimelineBorders)) == 0


def test_more_events_ask_the_database_no_more_questions(
    client: LookingClient, db: Session, make: Factory
) -> None:
    ada, nadia = make.user(), make.user("facilitator")

    def live(number: int) -> None:
        path = make_path(db, f"p{number}")
        enrolment = make_enrolment(db, ada, path)
        make_record(db, enrolment, steps_of(db, path)[0])
        session = make_session(db, starts=datetime(2026, 12, 1 + number, 9))  # noqa: DTZ001
        claim(db, session.id, ada.id, SeatMode.ONSITE, now=NOW)
        db.commit()
        day = date(2027, 1, 1 + number)
        take(db, make_slots(db, nadia, first=day)[0], ada, most=99)

    def asked(who: object, url: str) -> int:
        db.expire_all()
        client.sign_in(who)  # type: ignore[arg-type]
        with counted_queries() as sent:
            assert client.get(url).status_code == 200
        return len(sent)

    live(0)
    pages = [(ada, "/ma-frise"), (nadia, f"/suivi/{ada.id}/frise")]
    few = [asked(*page) for page in pages]
    for number in range(1, 8):
        live(number)
    assert [asked(*page) for page in pages] == few
    assert max(few) < 40
