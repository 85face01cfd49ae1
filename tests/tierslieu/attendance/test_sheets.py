"""The sheet to sign: one a half-day, on paper and on a page that says the same."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, pages_of, said_by
from tests.support.sessions import NOW, make_room, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Half, Presence
from tierslieu.attendance.papers.sheets import tell_apart
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.attendance.signing.rules import countersign, sign_in_room
from tierslieu.bookings.rules import claim
from tierslieu.people.models import User

# WeasyPrint leaves the closing of its own colour profile to the collector.
pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]
THEN = NOW + timedelta(days=7, hours=5, minutes=3)  # the session began three minutes ago
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE


def book(db: Session, session: LearningSession, user: User, mode: SeatMode = ONSITE) -> User:
    claim(db, session.id, user.id, mode, now=NOW)
    db.commit()
    return user


def fetch(client: LookingClient, session: LearningSession, query: str = "") -> bytes:
    answer = client.get(f"/agenda/{session.id}/emargement.pdf{query}")
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.get_data()


@pytest.mark.usefixtures("drawn_outside")
def test_before_the_roll_it_says_all_that_funders_ask_and_has_room_to_sign(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    room = make_room(db, name="salle Ada", address="3 rue des Écoles, 06410 Biot")
    leader = make.user("facilitator", name="Nadia Benali")
    session = make_session(db, room=room, onsite=12, facilitators=[leader])
    for name in ("Zoé Łukasz", "Émilie N’Diaye", "Cher", "Denis Roy"):
        book(db, session, make.user(name=name))
    client.sign_in(leader)
    pdf = fetch(client, session)
    words = said_by(pdf, tmp_path)
    for said in (
        "Feuille d’émargement",
        "Initiation à Python",
        "Tiers-lieu d’essai, equipe@lieu.example",
        "Jeudi 26 novembre 2026, après-midi, 14 h – 17 h (3 h)",
        "salle Ada, 3 rue des Écoles, 06410 Biot",
        "Nadia Benali",
        "page 1 / 1",
    ):
        assert said in words
    places = [words.index(name) for name in ("Cher", "Denis Roy", "Émilie N’Diaye", "Zoé Łukasz")]
    assert places == sorted(places)
    assert "noté" not in words.replace("note l’heure", "")
    tags = assert_is_tagged(pdf, "Feuille d’émargement\u00a0: Initiation à Python")
    assert tags.count("/H1") == 1
    assert tags.count("/Table") == 3  # what it is about, who leads, who comes
    cells = tags.count("/TD")
    assert cells == 3 + 1 + 4 + 2 * 4  # facts; the leader; four people; four lines without a name


@pytest.mark.usefixtures("drawn_outside")
def test_after_the_roll_it_says_who_was_there_how_and_when_and_shows_no_signature(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    leader = make.user("facilitator", name="Nadia Benali")
    session = make_session(db, onsite=5, facilitators=[leader])
    here, away, unsaid = (
        book(db, session, make.user(name=name)) for name in ("Ana Roy", "Bob Roy", "Cleo Roy")
    )
    entries = [
        RollEntry(Presence.PRESENT, here.id),
        RollEntry(Presence.EXCUSED, away.id),
        RollEntry(Presence.PRESENT, guest_name="Maëlle Le Goff", guest_email="m@example.org"),
    ]
    note_presence(db, session.id, entries, now=THEN, actor_id=leader.id)
    db.commit()
    client.sign_in(leader)
    pdf = fetch(client, session)
    words = said_by(pdf, tmp_path)
    page = text_of(client.get(f"/agenda/{session.id}/emargement"))
    for said in ("présence", "absence annoncée", "rien de noté", "sans réservation"):
        assert said in words
        assert said in page
    assert "par Nadia Benali, le 26 nov. à 14 h 03" in page
    assert len(re.findall("notée à l’appel, par Nadia", words)) == 3
    assert "ne détient aucune signature électronique" in words
    assert "m@example.org" not in words + page
    assert unsaid.name in words
    # The page says of each person what the paper says.
    for name in ("Ana Roy", "Bob Roy", "Cleo Roy", "Maëlle Le Goff"):
        assert name in words
        assert name in page


@pytest.mark.usefixtures("drawn_outside")
def test_who_signed_in_has_how_and_when_in_place_of_a_signature_and_who_leads_countersigned(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    leader = make.user("facilitator", name="Nadia Benali")
    session = make_session(db, onsite=5, facilitators=[leader])
    here, late, seen = (
        book(db, session, make.user(name=name)) for name in ("Ana Roy", "Bob Roy", "Cleo Roy")
    )
    half_day = (session.starts_local.date(), Half.AFTERNOON)
    end = session.ends_at + timedelta(minutes=1)
    entry = RollEntry(Presence.PRESENT, seen.id)
    note_presence(db, session.id, [entry], now=THEN, actor_id=leader.id)
    sign_in_room(db, session.id, here, now=THEN)
    countersign(db, session.id, half_day, "nadia benali", now=end, actor_id=leader.id)
    sign_in_room(db, session.id, late, now=end + timedelta(minutes=1))
    db.commit()
    client.sign_in(leader)
    words = said_by(fetch(client, session), tmp_path)
    page = text_of(client.get(f"/agenda/{session.id}/emargement"))
    assert "Signé à 14 h 03 avec" in words
    assert "signé à 14 h 03 avec le code de la salle" in page
    assert "Contresigné à 17 h 01" in words  # beside the leader's name
    for said in ("Contresigné par : nadia benali, à 17 h 01", "à l’appel, par Nadia Benali"):
        assert said in words
        assert said in page
    assert "1 ligne n’est pas encore contresignée." in words
    assert "1 émargement à contresigner" in page
    assert "vaut signature" in words


@pytest.mark.usefixtures("drawn_outside")
def test_a_day_has_a_sheet_for_each_half_split_at_thirteen(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    session = make_session(db, starts=datetime(2026, 11, 26, 11), hours=4)  # noqa: DTZ001
    user = book(db, session, make.user(name="Ana Roy"))
    leader = make.user("facilitator")
    morning = ((session.starts_local.date(), Half.MORNING),)
    entry = RollEntry(Presence.PRESENT, user.id, half_days=morning)
    note_presence(db, session.id, [entry], now=THEN, actor_id=leader.id)
    db.commit()
    client.sign_in(leader)
    first, second = pages_of(fetch(client, session), tmp_path)
    assert "matin, 11 h – 13 h (2 h)" in first
    assert "présence" in first
    assert "après-midi, 13 h – 15 h (2 h)" in second
    assert "Les lignes sans nom" in second  # not called yet
    (only,) = pages_of(fetch(client, session, "?demi=2026-11-26-pm"), tmp_path)
    assert "après-midi" in only
    assert "page 1 / 1" in only


@pytest.mark.usefixtures("drawn_outside")
def test_forty_people_take_several_pages_and_each_says_what_it_is_of(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    leader = make.user("facilitator", name="Nadia Benali")
    session = make_session(db, onsite=40, facilitators=[leader])
    names = [f"Élève Numéro {number:02}" for number in range(40)]
    for name in names:
        claim(db, session.id, make.user(name=name).id, ONSITE, now=NOW)
    db.commit()
    client.sign_in(leader)
    pages = pages_of(fetch(client, session), tmp_path)
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"page {number} / {len(pages)}" in page
        for said in ("Feuille d’émargement", "Initiation à Python", "14 h – 17 h", "Nadia Benali"):
            assert said in page
        if number < len(pages):
            assert re.search("Nom Signature", page)
    assert re.findall(r"Élève Numéro \d\d", " ".join(pages)) == names


@pytest.mark.usefixtures("drawn_outside")
def test_on_site_and_online_are_kept_apart(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    session = make_session(db, online=3)
    book(db, session, make.user(name="Zoé Roy"))
    book(db, session, make.user(name="Ana Roy"), ONLINE)
    client.sign_in(make.user("facilitator"))
    words = said_by(fetch(client, session), tmp_path)
    assert re.search("Sur place : .*Zoé Roy.*En ligne .*Constat de l’équipe.*Ana Roy", words)
    page = text_of(client.get(f"/agenda/{session.id}/emargement"))
    assert re.search("Sur place : .*Zoé Roy.*En ligne.*Ana Roy", page)


def test_two_of_one_name_each_have_a_line_and_no_whole_address_lies_on_the_table(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    session = make_session(db)
    book(db, session, make.user(name="Marie Martin", email="marie.b@example.org"))
    book(db, session, make.user(name="Marie MARTIN", email="martin@example.org"))
    book(db, session, make.user(name="Ana Roy"))
    client.sign_in(make.user("facilitator"))
    words = said_by(fetch(client, session), tmp_path)
    assert "Marie Martin (mari…)" in words
    assert "Marie MARTIN (mart…)" in words
    assert "Ana Roy (" not in words
    assert "example.org" not in words
    assert tell_apart([("A", "a@b.c"), ("A", "a@b.cd")]) == ["a@b.c", "a@b.cd"]


@pytest.mark.usefixtures("drawn_outside")
def test_a_name_no_font_has_leaves_a_line_to_write_it_on(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    session = make_session(db)
    book(db, session, make.user(name="\U00012000\U00012001"))  # cuneiform
    client.sign_in(make.user("facilitator"))
    assert "(nom à écrire)" in said_by(fetch(client, session), tmp_path)


def test_only_the_team_of_a_session_that_stands_has_its_sheet(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, cancelled = make_session(db), make_session(db, cancelled_at=NOW)
    owner = book(db, session, make.user())
    for end in ("emargement", "emargement.pdf"):
        assert client.get(f"/agenda/{session.id}/{end}").status_code == 302
    client.sign_in(owner)
    for end in ("emargement", "emargement.pdf"):
        assert client.get(f"/agenda/{session.id}/{end}").status_code == 403
    client.sign_in(make.user("facilitator"))
    for end in ("emargement", "emargement.pdf"):
        answer = client.get(f"/agenda/{cancelled.id}/{end}")
        assert answer.status_code == 409
        assert "annulée" in text_of(answer)


def test_the_roll_and_the_desk_lead_to_the_sheet(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    client.sign_in(make.user("facilitator"))
    with clock.fixed_at(THEN):
        for address in (f"/agenda/{session.id}", f"/agenda/{session.id}/appel"):
            page = client.get(address).get_data(as_text=True)
            assert f'href="/agenda/{session.id}/emargement"' in page
