"""The agenda by week, by month and by day: what stands where, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, plain, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.calendars import queries
from tierslieu.bookings.calendars.periods import read_day
from tierslieu.bookings.rules import claim
from tierslieu.people.models import Audience

VIEWS = ("/agenda", "/agenda/semaine/2026-W48", "/agenda/mois/2026-11", "/agenda/jour/2026-11-26")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


class Grid(HTMLParser):
    """The words of each cell of a page's table, row by row; its headers among them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in = False
        self.feed(html)
        self.rows = [[plain(cell) for cell in row] for row in self.rows]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self._in = True
            assert tag == "td" or dict(attrs).get("scope") in ("col", "row")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._in = False

    def handle_data(self, data: str) -> None:
        if self._in:
            self.rows[-1][-1] += data

    def row(self, header: str) -> list[str]:
        """The cells of the row that this header names."""
        return next(row[1:] for row in self.rows if row[0] == header)


def grid_of(client: LookingClient, address: str) -> Grid:
    return Grid(client.get(address).get_data(as_text=True))


def wall(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute)  # noqa: DTZ001 - wall time


def list_of(client: LookingClient, address: str) -> str:
    """The words after the grid."""
    return plain(client.get(address).get_data(as_text=True).split("</table>")[-1])


@pytest.mark.both_databases
def test_a_week_shows_each_session_at_its_day_and_hour_and_lists_them_below(
    db: Session, client: LookingClient
) -> None:
    make_session(db, title="Python", starts=wall(25, 14))
    make_session(db, title="Robots", starts=wall(25, 14, 30))
    make_session(db, title="Café", starts=wall(24, 18), hours=1.5)
    make_session(db, title="Une autre semaine", starts=wall(30, 14))
    grid = grid_of(client, "/agenda/semaine/2026-W48")
    assert [row[0] for row in grid.rows[1:]] == ["14 h", "18 h"]
    assert grid.row("14 h") == ["", "", "14 h – 17 h Python14 h 30 – 17 h 30 Robots"] + [""] * 4
    assert grid.row("18 h")[1] == "18 h – 19 h 30 Café"
    below = list_of(client, "/agenda/semaine/2026-W48")
    assert all(title in below for title in ("Python", "Robots", "Café", "Mercredi 25 novembre"))
    assert "Une autre semaine" not in below


@pytest.mark.both_databases
def test_what_goes_on_after_midnight_stands_in_both_days_weeks_and_months(
    db: Session, client: LookingClient
) -> None:
    make_session(db, title="Nuit du code", starts=wall(30, 22, month=11), hours=8)
    make_session(db, title="Nuit du dimanche", starts=wall(29, 22), hours=3)
    make_session(db, title="Jusqu’à minuit", starts=wall(27, 21), hours=3)
    grid = grid_of(client, "/agenda/semaine/2026-W49")
    assert grid.row("Depuis la veille")[:2] == [
        "jusqu’à 1 h Nuit du dimanche",
        "jusqu’à 6 h Nuit du code",
    ]
    assert grid.row("22 h")[0] == "à partir de 22 h Nuit du code"
    assert "Nuit du dimanche" in list_of(client, "/agenda/semaine/2026-W49")
    assert "Nuit du code" in text_of(client.get("/agenda/mois/2026-12"))
    next_day = text_of(client.get("/agenda/jour/2026-12-01"))
    assert "Lundi 30 novembre" in next_day
    assert "22 h – mardi 1er décembre, 6 h" in next_day
    alone = client.get("/agenda/jour/2026-11-30").get_data(as_text=True)
    assert 'id="jour-2026-11-29" class="day-head"' in alone
    assert "Jusqu’à minuit" not in text_of(client.get("/agenda/jour/2026-11-28"))
    before = grid_of(client, "/agenda/semaine/2026-W48")
    assert [row[0] for row in before.rows[1:]] == ["21 h", "22 h"]
    friday = before.row("21 h")
    assert friday[4] == "à partir de 21 h Jusqu’à minuit"


def test_a_cancelled_session_stays_and_is_marked_in_words(
    db: Session, client: LookingClient
) -> None:
    make_session(db, title="Python", cancelled_at=NOW, cancel_reason="Grève.")
    assert grid_of(client, VIEWS[1]).row("14 h")[3] == "14 h – 17 h Python Annulée"
    assert "Python Annulée" in text_of_cell(client, VIEWS[2], "Python")
    for address in VIEWS:
        assert "Annulée" in list_of(client, address)


def text_of_cell(client: LookingClient, address: str, words: str) -> str:
    return next(cell for row in grid_of(client, address).rows for cell in row if words in cell)


@pytest.mark.parametrize(
    ("week", "day", "note"),
    [("2026-W13", (29, 3), "Heure d’été : à 2 h, il est 3 h"),
     ("2026-W43", (25, 10), "Heure d’hiver : à 3 h, il est 2 h")],
)  # fmt: skip
def test_in_the_weeks_of_the_change_of_hour_sessions_stay_at_their_hour(
    db: Session, client: LookingClient, week: str, day: tuple[int, int], note: str
) -> None:
    number, month = day
    make_session(db, title="Matin", starts=wall(number, 9, month=month))
    make_session(db, title="La veille au soir", starts=wall(number - 1, 23, month=month), hours=1)
    make_session(db, title="Au soir", starts=wall(number, 23, month=month), hours=0.9)
    grid = grid_of(client, f"/agenda/semaine/{week}")
    assert grid.row("9 h")[6] == "9 h – 12 h Matin"
    assert grid.row("23 h")[5:] == [
        "à partir de 23 h La veille au soir",
        "23 h – 23 h 54 Au soir",
    ]
    assert note in grid.rows[0][7]
    after = "2026-W14" if month == 3 else "2026-W44"
    assert "Au soir" not in text_of(client.get(f"/agenda/semaine/{after}"))


def test_the_fifty_third_week_is_followed_by_the_first(client: LookingClient) -> None:
    page = client.get("/agenda/semaine/2026-W53").get_data(as_text=True)
    assert "du 28 décembre 2026 au 3 janvier 2027" in plain(page).lower()
    assert 'rel="prev nofollow" href="/agenda/semaine/2026-W52"' in page
    assert 'rel="next nofollow" href="/agenda/semaine/2027-W01"' in page
    assert "Jour férié : Jour de l’an" in plain(page)


def test_a_month_shows_three_sessions_a_day_and_how_many_more(
    db: Session, client: LookingClient
) -> None:
    for number in range(5):
        make_session(db, title=f"Atelier {number}.", starts=wall(26, 9 + number), hours=1)
    cell = text_of_cell(client, "/agenda/mois/2026-11", "Atelier 0.")
    assert "Atelier 2." in cell
    assert "Atelier 3." not in cell
    assert "26 novembre 2026 : 5 séances" in cell
    assert "et 2 autres séances du 26 novembre 2026" in cell
    assert "Atelier 4." in list_of(client, "/agenda/mois/2026-11")


def test_a_day_holds_as_many_sessions_as_asked_and_counts_those_of_the_night_before(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_session(db, title=f"Nuit {number}", starts=wall(25, 20 + number), hours=8)
    for number in range(30):
        make_session(db, title=f"Jour {number}", starts=wall(26, 9) + timedelta(minutes=number))
    put, sent = queries._put, []
    monkeypatch.setattr(queries, "_put", lambda *args, **more: sent.append(put(*args, **more)))
    period = read_day("2026-11-26")
    found = queries.list_by_day(db, period.filter, period.days, most=4)[period.first]
    assert found.count == 33
    assert [b.title for b in found.blocks] == ["Nuit 0", "Nuit 1", "Nuit 2", "Jour 0"]
    assert found.more == 29
    assert len(sent) == 3 + 4  # the database keeps the others to itself


def test_public_holidays_are_marked_in_words_in_the_grid_and_beside_it(
    client: LookingClient,
) -> None:
    page = "/agenda/mois/2026-11"
    assert text_of_cell(client, page, "Armistice") == "11Jour férié : Armistice de 1918"
    assert "Mercredi 11 novembre · Jour férié : Armistice de 1918" in list_of(client, page)
    for address in ("/agenda/semaine/2026-W46", "/agenda/jour/2026-11-11"):
        assert "Jour férié : Armistice de 1918" in text_of(client.get(address))


def test_today_is_said_to_programs_that_read_aloud(client: LookingClient) -> None:
    for address in ("/agenda/mois/2026-11", "/agenda/semaine/2026-W47"):
        assert client.get(address).get_data(as_text=True).count('aria-current="date"') == 1
    assert 'aria-current="date"' not in client.get("/agenda/mois/2026-10").get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    ["/agenda/semaine/2025-W53", "/agenda/semaine/rien", "/agenda/semaine/", "/agenda/semaine",
     "/agenda/mois/2026-13", "/agenda/mois/2026-11-26", "/agenda/mois", "/agenda/jour/2026-02-30",
     "/agenda/semaine/1999-W52", "/agenda/mois/2100-01"],
)  # fmt: skip
def test_a_wrong_address_is_not_found(client: LookingClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/agenda/semaine/2000-W01", "/agenda/semaine/2099-W53", "/agenda/mois/2000-01",
     "/agenda/mois/2099-12", "/agenda/jour/2000-01-01", "/agenda/jour/2099-12-31"],
)  # fmt: skip
def test_time_ends_without_a_link_beyond(client: LookingClient, address: str) -> None:
    page = client.get(address).get_data(as_text=True)
    assert page.count('rel="prev ') + page.count('rel="next ') == 1
    linked = re.findall(r'href="(/agenda/(?:semaine|mois|jour)/[^"]+)"', page)
    assert linked
    assert {client.get(link).status_code for link in linked} == {200}


@pytest.mark.both_databases
def test_list_week_month_and_day_are_narrowed_the_same_by_path_public_mode_and_room(
    db: Session, client: LookingClient
) -> None:
    path = make_path(db, "pour-les-classes")
    path.audiences = ["teacher"]
    ada = make_room(db, name="salle Ada")
    step = steps_of(db, path)[0]
    make_session(db, title="Du parcours", step=step, starts=wall(26, 9))
    make_session(db, title="Dans Ada", room=ada, starts=wall(26, 14))
    make_session(db, title="À distance", onsite=None, online=5, starts=wall(26, 18))
    titles = ("Du parcours", "Dans Ada", "À distance")

    def found(query: str) -> list[list[str]]:
        pages = [text_of(client.get(f"{address}?{query}")) for address in VIEWS]
        return [[title for title in titles if title in page] for page in pages]

    assert found("parcours=pour-les-classes") == [["Du parcours"]] * 4
    assert found(f"salle={ada.id}") == [["Dans Ada"]] * 4
    assert found("mode=en-ligne") == [["À distance"]] * 4
    assert found(f"mode=en-ligne&salle={ada.id}") == [[]] * 4
    assert found("public=teacher") == [list(titles)] * 4
    # What belongs to no path is for everybody.
    assert found("public=career_changer") == [["Dans Ada", "À distance"]] * 4
    strange = "parcours=rien&salle=x&public=y&mode=z"
    assert found(strange) == [list(titles)] * 4


@pytest.mark.both_databases
def test_what_a_session_says_of_its_public_outweighs_its_path(
    db: Session, client: LookingClient
) -> None:
    path = make_path(db, "pour-les-classes")
    path.audiences = ["teacher"]
    step = steps_of(db, path)[0]
    starts = wall(26, 9)
    make_session(
        db, title="Pour qui change", step=step, audience=Audience.CAREER_CHANGER, starts=starts
    )
    make_session(db, title="Pour qui enseigne", audience=Audience.TEACHER, starts=starts)
    for public, found in (("teacher", [False, True]), ("career_changer", [True, False])):
        for address in VIEWS:
            page = text_of(client.get(f"{address}?public={public}"))
            assert ["Pour qui change" in page, "Pour qui enseigne" in page] == found


def test_filters_are_kept_from_one_page_of_the_agenda_to_another(
    db: Session, client: LookingClient
) -> None:
    make_path(db, "snt")
    room = make_room(db)
    make_session(db, room=room, online=2)
    asked = {"mode=sur-place", "public=teacher", f"salle={room.id}"}
    query = "&".join(sorted(asked))
    for address in VIEWS:
        page = client.get(f"{address}?{query}").get_data(as_text=True).replace("&amp;", "&")
        for link in re.findall(r'href="(/agenda(?:/(?:semaine|mois|jour)/[^"?]+)?\?[^"]+)"', page):
            assert set(link.partition("?")[2].split("&")) == asked, (address, link)
        assert f'<option value="{room.id}" selected>' in page
    assert "mois/2026-11?" in page
    assert "semaine/2026-W48?" in page


def test_an_empty_period_says_so_and_what_one_can_do(client: LookingClient) -> None:
    for address in VIEWS[1:]:
        assert "Rien n’est prévu à ces dates." in text_of(client.get(address))
        assert "Élargissez la recherche" in text_of(client.get(f"{address}?mode=en-ligne"))


def test_a_full_month_is_listed_page_by_page_and_its_grid_counts_all(
    db: Session, client: LookingClient
) -> None:
    for number in range(30):
        starts = wall(26, 8) + timedelta(minutes=10 * number)
        make_session(db, title=f"Atelier n° {number}.", starts=starts, onsite=None, online=2)
    address = "/agenda/mois/2026-11?mode=en-ligne"
    assert "30 séances" in text_of_cell(client, address, "Atelier")
    assert "Page 1 sur 2" in text_of(client.get(address))
    below = list_of(client, f"{address}&page=2")
    assert "Atelier n° 29." in below
    assert "Atelier n° 24." not in below
    week = text_of(client.get("/agenda/semaine/2026-W48"))
    assert "et 10 autres" in week


@pytest.mark.both_databases
@pytest.mark.parametrize("address", VIEWS)
def test_a_page_asks_the_database_as_often_for_many_sessions_as_for_few(
    db: Session, make: Factory, client: LookingClient, address: str
) -> None:
    path = make_path(db, "snt")
    step = steps_of(db, path)[0]
    person, other = make.user(), make.user("facilitator")
    client.sign_in(person)

    def add(count: int) -> None:
        for number in range(count):
            session: LearningSession = make_session(
                db,
                starts=wall(26, 9) + timedelta(minutes=number),
                onsite=1,
                online=3,
                step=step,
                facilitators=[other],
            )
            claim(db, session.id, other.id, SeatMode.ONSITE, now=NOW)
            claim(db, session.id, person.id, SeatMode.ONSITE, now=NOW)
            db.commit()

    def cost() -> int:
        with counted_queries() as sent:
            assert "1re sur la liste" in text_of(client.get(address))
        return len(sent)

    add(2)
    few = cost()
    add(8)
    assert cost() == few
