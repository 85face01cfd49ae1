"""What says that somebody was there: only what the roll noted, to them and the team alone."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path as File
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathVersion, Step, StepKind
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, pages_of, said_by
from tests.support.sessions import NOW, make_room, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.rules import HalfDay, RollEntry, forget_person, note_presence
from tierslieu.bookings.rules import claim
from tierslieu.people.models import User

# WeasyPrint leaves the closing of its own colour profile to the collector.
pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]
DAY = date(2026, 11, 26)
AFTER = datetime(2026, 12, 20, 12, tzinfo=clock.PARIS)
PRESENT = Presence.PRESENT


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - wall time


def note(
    db: Session,
    session: LearningSession,
    user: User,
    presence: Presence = PRESENT,
    mode: SeatMode | None = None,
    half_days: tuple[HalfDay, ...] | None = None,
) -> None:
    actor = db.scalars(select(User).order_by(User.id)).first()
    assert actor is not None
    entry = RollEntry(presence, user.id, mode=mode, half_days=half_days)
    note_presence(db, session.id, [entry], now=session.starts_at, actor_id=actor.id)
    db.commit()


def page_of(client: LookingClient, holder: Any, query: str = "") -> str:
    with clock.fixed_at(AFTER):
        return text_of(client.get(f"/agenda/presences/{holder}{query}"))


def fetch(client: LookingClient, holder: Any, kind: str, query: str = "") -> bytes:
    with clock.fixed_at(AFTER):
        answer = client.get(f"/agenda/presences/{holder}/{kind}.pdf{query}")
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.get_data()


@pytest.mark.usefixtures("drawn_outside")
def test_an_attestation_says_each_half_day_and_the_hours_by_way_of_taking_part(
    db: Session, make: Factory, client: LookingClient, tmp_path: File
) -> None:
    user = make.user(name="Émilie N’Diaye-Łukasz")
    room = make_room(db, name="salle Ada", address="3 rue des Écoles, 06410 Biot")
    across = make_session(db, starts=at(26, 11), hours=4, room=room, title="Une journée")
    far = make_session(db, starts=at(3, 18, 12), hours=1.5, online=5, title="Le soir")
    note(db, across, user)
    note(db, far, user, mode=SeatMode.ONLINE)
    client.sign_in(user)
    pdf = fetch(client, user.id, "attestation")
    words = said_by(pdf, tmp_path)
    page = page_of(client, user.id)
    for said in (
        "Émilie N’Diaye-Łukasz",
        "Tiers-lieu d’essai, equipe@lieu.example",
        "Du 26 novembre 2026 au 3 décembre 2026",
        "Durée sur place 4 h",
        "Durée en ligne 1 h 30",
        "5 h 30",
        "3 demi-journées",
        "Une journée",
        "Le soir",
        "11 h – 13 h",
        "13 h – 15 h",
        "18 h – 19 h 30",
    ):
        # Poppler may drop the narrow space of «4 h».
        assert re.search(re.escape(said).replace(r"\ h", r"\ ?h"), words), said
        assert said in " ".join(re.sub("<[^>]*>", " ", page).split()), said
    assert "Attestation de présence" in words
    assert "Établi le 20 décembre 2026." in words
    assert "il ne dit rien de ce qui a été appris" in words
    assert "page 1 / 1" in words
    tags = assert_is_tagged(pdf, "Attestation de présence, Émilie N’Diaye-Łukasz")
    assert [tag for tag in tags if re.match(r"/H\d", tag)] == ["/H1", "/H2"]


@pytest.mark.usefixtures("drawn_outside")
def test_a_certificate_says_what_took_place_where_and_for_how_long_and_no_achievement(
    db: Session, make: Factory, client: LookingClient, tmp_path: File
) -> None:
    user = make.user(name="Ana Roy")
    session = make_session(db, room=make_room(db, name="salle Ada", address="3 rue des Écoles"))
    note(db, session, user)
    client.sign_in(user)
    pdf = fetch(client, user.id, "certificat", f"?seance={session.id}")
    words = said_by(pdf, tmp_path)
    for said in (
        "Certificat de réalisation",
        "Nature de l’action Action de formation",
        "Initiation à Python",
        "Le 26 novembre 2026",
        "salle Ada, 3 rue des Écoles",
        "Durée totale 3 h (1 demi-journée)",
        "Ana Roy",
    ):
        assert said in words
    for never in ("acquis", "réussi", "compétence", "a appris", "badge"):
        assert never not in words
    assert_is_tagged(pdf, "Certificat de réalisation, Ana Roy")


def test_only_presence_that_the_roll_noted_and_half_days_that_are_over_count(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user()
    booked = make_session(db, title="Seulement réservée")
    claim(db, booked.id, user.id, SeatMode.ONSITE, now=NOW)
    note(db, make_session(db, title="Absente"), user, Presence.ABSENT)
    note(db, make_session(db, title="Excusée"), user, Presence.EXCUSED)
    off = make_session(db, title="Annulée ensuite")
    note(db, off, user)
    off.cancelled_at = off.starts_at
    day = make_session(db, starts=at(26, 9), hours=8, title="Toute la journée")
    note(db, day, user)
    client.sign_in(user)
    db.commit()
    page = page_of(client, user.id)
    assert "2 demi-journées" in page
    for title in ("Seulement réservée", "Absente", "Excusée", "Annulée ensuite"):
        assert title not in page
    with clock.fixed_at(clock.to_utc(at(26, 14))):
        page = text_of(client.get(f"/agenda/presences/{user.id}"))
        assert "1 demi-journée" in page
        assert "4 h" in page
    with clock.fixed_at(clock.to_utc(at(26, 12))):
        assert "Aucune présence notée" in text_of(client.get(f"/agenda/presences/{user.id}"))
        answer = client.get(f"/agenda/presences/{user.id}/attestation.pdf")
        assert answer.status_code == 409
        assert "il n’y a rien à attester" in text_of(answer)


@pytest.mark.usefixtures("drawn_outside")
def test_a_period_includes_both_its_days_and_a_path_only_its_own_sessions(
    db: Session, make: Factory, client: LookingClient, tmp_path: File
) -> None:
    user = make.user()
    step = Step(position=1, key="demi-journee", title="Demi-journée", kind=StepKind.ATTENDANCE)
    path = Path(slug="snt", title="Enseigner SNT", short_title="SNT")
    path.versions.append(PathVersion(number=1, steps=[step]))
    db.add(path)
    db.commit()
    for day, title, of in ((24, "Avant", None), (25, "Premier", step), (26, "Dernier", None)):
        session = make_session(db, starts=at(day, 9), title=title, step_id=of.id if of else None)
        note(db, session, user)
    note(db, make_session(db, starts=at(27, 9), title="Après", step_id=step.id), user)
    client.sign_in(user)

    def titles(query: str) -> list[str]:
        words = said_by(fetch(client, user.id, "attestation", query), tmp_path)
        page = page_of(client, user.id, query)
        found = [t for t in ("Avant", "Premier", "Dernier", "Après") if t in words]
        assert [t for t in ("Avant", "Premier", "Dernier", "Après") if f">{t}" in page] == found
        return found

    assert titles("?du=2026-11-25&au=2026-11-26") == ["Premier", "Dernier"]
    assert titles("?du=2026-11-26") == ["Dernier", "Après"]
    assert titles("?au=2026-11-25") == ["Avant", "Premier"]
    assert titles("?parcours=snt") == ["Premier", "Après"]
    assert titles("?parcours=snt&du=2026-11-26") == ["Après"]
    words = said_by(fetch(client, user.id, "certificat", "?parcours=snt&du=2026-11-01"), tmp_path)
    assert "Parcours Enseigner SNT" in words
    assert "Période demandée depuis le 1er novembre 2026" in words


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?du=2026-11-26&au=2026-11-25", "finit avant de commencer"),
        ("?du=hier", "ne peut pas être lue"),
        ("?seance=rien", "ne mène à aucune séance"),
    ],
)
def test_a_period_that_cannot_be_read_is_said_and_nothing_is_printed_of_another(
    db: Session, make: Factory, client: LookingClient, query: str, sentence: str
) -> None:
    user = make.user()
    note(db, make_session(db), user)
    client.sign_in(user)
    for end in ("", "/attestation.pdf"):
        answer = client.get(f"/agenda/presences/{user.id}{end}{query}")
        assert answer.status_code == 400
        assert sentence in text_of(answer)
        assert ".pdf" not in answer.get_data(as_text=True).partition("<footer")[0]


@pytest.mark.usefixtures("drawn_outside")
def test_they_are_the_owners_and_the_teams_and_nobody_elses(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user, session = make.user(), make_session(db)
    note(db, session, user)
    guest = RollEntry(PRESENT, guest_name="Maëlle Le Goff", guest_email="maelle@example.org")
    (line,) = note_presence(db, session.id, [guest], now=session.starts_at, actor_id=user.id)
    db.commit()
    ends = ("", "/attestation.pdf", "/certificat.pdf")

    def statuses(holder: Any) -> set[int]:
        with clock.fixed_at(AFTER):
            return {client.get(f"/agenda/presences/{holder}{e}").status_code for e in ends}

    assert statuses(user.id) == {302}
    for role in ("learner", "researcher", "coordinator", "administrator"):
        client.sign_in(make.user(role))
        assert statuses(user.id) == {404}
        assert statuses(line.id) == {404}
    client.sign_in(user)
    assert statuses(user.id) == {200}
    assert statuses(line.id) == {404}
    client.sign_in(make.user("facilitator"))
    assert statuses(user.id) == statuses(line.id) == {200}
    # The line of somebody with an account is no address of theirs.
    own = db.scalars(select(Attendance.id).where(Attendance.user_id == user.id)).one()
    assert statuses(own) == {404}
    forget_person(db, user.id)
    db.commit()
    assert statuses(own) == {404}  # of nobody


@pytest.mark.usefixtures("drawn_outside")
def test_a_guest_without_account_has_papers_from_the_roll_of_all_their_half_days(
    db: Session, make: Factory, client: LookingClient, tmp_path: File
) -> None:
    leader = make.user("facilitator")
    first, second = make_session(db), make_session(db, starts=at(27, 9), title="Encore")
    guest = RollEntry(PRESENT, guest_name="Maëlle Le Goff", guest_email="maelle@example.org")
    for session in (first, second):
        note_presence(db, session.id, [guest], now=session.starts_at, actor_id=leader.id)
    db.commit()
    client.sign_in(leader)
    with clock.fixed_at(AFTER):
        page = client.get(f"/agenda/{second.id}/appel").get_data(as_text=True)
    (holder,) = re.findall(r"/agenda/presences/([0-9a-f-]{36})\?seance=", page)
    words = said_by(fetch(client, holder, "attestation"), tmp_path)
    assert "Maëlle Le Goff" in words
    assert "2 demi-journées" in words
    assert "maelle@example.org" not in words


@pytest.mark.usefixtures("drawn_outside")
def test_two_of_one_name_have_each_their_own(
    db: Session, make: Factory, client: LookingClient
) -> None:
    first, second = make.user(name="Marie Martin"), make.user(name="Marie Martin")
    note(db, make_session(db, title="Première"), first)
    session = make_session(db, starts=at(27, 9), title="Seconde")
    note(db, session, second)
    client.sign_in(make.user("facilitator"))
    assert "Seconde" not in page_of(client, first.id)
    assert "Première" not in page_of(client, second.id)
    assert fetch(client, first.id, "attestation") != fetch(client, second.id, "attestation")


@pytest.mark.usefixtures("drawn_outside")
def test_many_half_days_take_several_pages_and_each_says_whose_it_is(
    db: Session, make: Factory, client: LookingClient, tmp_path: File
) -> None:
    user = make.user(name="Ana Roy")
    for day in range(1, 31):
        session = make_session(db, starts=at(day, 9), hours=8, title=f"Jour {day}")
        note(db, session, user)
    client.sign_in(user)
    pages = pages_of(fetch(client, user.id, "attestation"), tmp_path)
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert "Ana Roy" in page
        assert f"page {number} / {len(pages)}" in page
    assert "240 h" in pages[0]
    assert len(re.findall(r"Jour \d+", " ".join(pages))) == 60


def test_one_finds_them_from_ones_bookings_and_from_a_session_that_is_past(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user, session = make.user(), make_session(db)
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    note(db, session, user, half_days=((DAY, Half.AFTERNOON),))
    client.sign_in(user)
    with clock.fixed_at(AFTER):
        own = client.get("/mes-reservations").get_data(as_text=True)
        past = client.get(f"/agenda/{session.id}").get_data(as_text=True)
    address = f'href="/agenda/presences/{user.id}'
    assert f'{address}"' in own
    assert f'{address}?seance={session.id}"' in own
    assert f'{address}?seance={session.id}"' in past


def test_it_takes_as_many_questions_of_the_database_for_one_half_day_as_for_thirty(
    db: Session, make: Factory, client: LookingClient
) -> None:
    from sqlalchemy import event

    user = make.user()
    client.sign_in(user)

    def count() -> int:
        asked: list[str] = []

        def listen(*args: Any) -> None:
            asked.append(args[2])

        db.rollback()
        db.expire_all()
        engine = db.get_bind()
        event.listen(engine, "before_cursor_execute", listen)
        page_of(client, user.id)
        event.remove(engine, "before_cursor_execute", listen)
        return len(asked)

    note(db, make_session(db, starts=at(1, 9)), user)
    few = count()
    for day in range(2, 12):
        note(db, make_session(db, starts=at(day, 9), online=4), user)
    assert count() == few
