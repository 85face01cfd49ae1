"""The pages of appointments: who finds what, who sees what, what is said when it cannot be."""

from __future__ import annotations

from datetime import date, time
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.appointments import (
    LINK,
    ONLINE,
    PHONE,
    after,
    at,
    make_slots,
    take,
)
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import text_of
from tierslieu import clock
from tierslieu.people.models import User
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentSlot,
    AppointmentState,
    Reason,
)

OPENING = {
    "day": "2026-11-26",
    "starts": "14:00",
    "ends": "16:00",
    "minutes": "30",
    "until": "",
    "modes": ["onsite", "phone"],
    "room": "",
    "place": "le petit bureau",
    "online_link": "",
}


@pytest.fixture
def slots(db: Session, nadia: User) -> list[AppointmentSlot]:
    return make_slots(db, nadia)


def test_a_facilitator_opens_slots_and_a_learner_finds_and_takes_one(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    done = client.sign_in(nadia).post("/mes-creneaux/ouvrir", data=OPENING, follow_redirects=True)
    assert "4 créneaux sont ouverts." in text_of(done)
    assert "Libres (4)" in text_of(done)
    found = text_of(client.sign_in(ada).get("/rendez-vous"))
    assert "Jeudi 26 novembre" in found
    assert "14 h – 14 h 30" in found
    assert "sur place ou par téléphone" in found
    slot = db.scalars(select(AppointmentSlot).order_by(AppointmentSlot.starts_at)).first()
    assert slot is not None
    form = {"mode": "phone", "phone": "06 12 34 56 78", "reason": "stuck", "words": "Les boucles"}
    done = client.post(f"/rendez-vous/creneaux/{slot.id}", data=form, follow_redirects=True)
    assert done.request.path == "/mes-rendez-vous"
    assert "Votre rendez-vous est pris." in text_of(done)
    assert "06 12 34 56 78" in text_of(done)
    received = client.sign_in(nadia).get("/mes-creneaux", follow_redirects=True)
    assert "Ada Moreau" in text_of(received)


def test_who_opens_slots_on_a_day_when_the_place_is_closed_is_told(
    client: LookingClient, make: Factory, nadia: User
) -> None:
    days = {"seen": "0", "first": "2026-11-25", "last": "2026-11-27", "why": "inventaire"}
    client.sign_in(make.user("administrator")).post("/administration/lieu/fermetures", data=days)
    client.sign_in(nadia)
    done = client.post("/mes-creneaux/ouvrir", data=OPENING, follow_redirects=True)
    assert text_of(done).count("Le lieu est fermé") == 1
    assert "(inventaire). Si vous n’y serez pas, fermez ces créneaux." in text_of(done)
    by_phone = {"day": "2026-11-27", "modes": ["phone"], "place": ""}
    for changes in ({"day": "2026-11-28"}, by_phone):
        data = {**OPENING, **changes}
        done = client.post("/mes-creneaux/ouvrir", data=data, follow_redirects=True)
        assert "créneaux sont ouverts" in text_of(done)
        assert "Le lieu est fermé" not in text_of(done)


def test_a_slot_where_one_is_busy_is_refused_beside_its_hour_with_422(
    client: LookingClient, db: Session, nadia: User, slots: list[AppointmentSlot]
) -> None:
    answer = client.sign_in(nadia).post("/mes-creneaux/ouvrir", data=OPENING)
    assert answer.status_code == 422
    assert "Vous avez déjà un créneau jeudi 26 novembre, 14 h – 14 h 30" in text_of(answer)
    assert 'id="starts-error"' in answer.text
    assert db.scalar(select(func.count()).select_from(AppointmentSlot)) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": ""}, "Choisissez un jour."),
        ({"day": "2026-02-31"}, "Cette date n’existe pas"),
        ({"starts": "25:00"}, "Écrivez l’heure ainsi"),
        ({"minutes": "0"}, "Un rendez-vous dure de 10 minutes à 4 heures."),
        ({"minutes": "dix"}, "Écrivez un nombre entier"),
        ({"modes": []}, "Choisissez au moins une façon"),
        ({"modes": ["pigeon"]}, "Ce choix n’est pas dans la liste"),
        ({"room": "x"}, "Choisissez dans la liste."),
        (
            {"modes": ["online"], "place": "", "online_link": "javascript:alert(1)"},
            "Un lien commence",
        ),
    ],
)
def test_a_wrong_opening_is_said_with_nothing_written(
    client: LookingClient, db: Session, nadia: User, changes: dict[str, object], sentence: str
) -> None:
    answer = client.sign_in(nadia).post("/mes-creneaux/ouvrir", data={**OPENING, **changes})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not db.scalar(select(func.count()).select_from(AppointmentSlot))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choisissez comment vous rencontrer."),
        ({"mode": "pigeon"}, "Ce choix n’est pas dans la liste"),
        ({"mode": "phone"}, "À quel numéro vous appeler"),
        ({"mode": "phone", "phone": "12"}, "Écrivez un numéro ainsi"),
        ({"mode": "onsite", "reason": "rien"}, "Ce choix n’est pas dans la liste"),
        ({"mode": "onsite", "words": "x" * 1001}, "1000 caractères au plus"),
    ],
)
def test_a_wrong_booking_is_said_beside_its_field(
    client: LookingClient,
    db: Session,
    ada: User,
    slots: list[AppointmentSlot],
    form: dict[str, str],
    sentence: str,
) -> None:
    answer = client.sign_in(ada).post(f"/rendez-vous/creneaux/{slots[0].id}", data=form)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not db.scalar(select(func.count()).select_from(Appointment))


def test_who_comes_second_and_who_has_too_many_are_told_why(
    client: LookingClient, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia, ends=time(17))
    take(db, slots[0], ada)
    take(db, slots[1], ada)
    client.sign_in(make.user())
    answer = client.post(f"/rendez-vous/creneaux/{slots[0].id}", data={"mode": "onsite"})
    assert (answer.status_code, "Quelqu’un vient de prendre" in text_of(answer)) == (422, True)
    client.sign_in(ada)
    answer = client.post(f"/rendez-vous/creneaux/{slots[2].id}", data={"mode": "onsite"})
    assert (answer.status_code, "2 rendez-vous à venir" in text_of(answer)) == (422, True)
    assert "vous pouvez en déplacer un" in text_of(client.get("/rendez-vous"))


def test_the_number_the_reason_and_the_link_are_for_two_people_alone(
    client: LookingClient, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia)
    made = take(db, slots[0], ada, PHONE, reason=Reason.PROJECT, words="Je veux enseigner.")
    other = take(db, slots[1], make.user(), ONLINE)
    secrets = ("06 12 34 56 78", "Je veux enseigner.", "projet professionnel")
    page = f"/mes-creneaux/rendez-vous/{made.id}"
    for words in secrets:
        assert words in text_of(client.sign_in(nadia).get(page))
        assert words in text_of(client.sign_in(ada).get("/mes-rendez-vous"))
    assert LINK in client.sign_in(nadia).get(f"/mes-creneaux/rendez-vous/{other.id}").text
    assert LINK not in client.sign_in(ada).get("/mes-rendez-vous").text, "hers is by phone"
    colleague = make.user("facilitator")
    assert client.sign_in(colleague).get(page).status_code == 404
    seen = text_of(client.get(f"/suivi/{ada.id}"))
    assert "avec Nadia Benali" in seen
    assert not [words for words in secrets if words in seen]
    for who, status in ((make.user(), 403), (make.user("researcher"), 403)):
        assert client.sign_in(who).get(page).status_code == status
        assert client.get(f"/suivi/{ada.id}").status_code == status


def test_what_is_anothers_does_not_exist(
    client: LookingClient, db: Session, ada: User, make: Factory, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada)
    for who in (make.user(), make.user("researcher"), make.user("facilitator")):
        client.sign_in(who)
        for path in ("annuler", "deplacer", f"deplacer/{slots[1].id}"):
            url = f"/rendez-vous/{made.id}/{path}"
            answer = client.post(url) if path == "annuler" else client.get(url)
            assert answer.status_code == 404
        assert client.get(f"/rendez-vous/{made.id}.ics").status_code == 404
    colleague = client.sign_in(make.user("facilitator"))
    assert colleague.get(f"/mes-creneaux/{slots[0].id}/fermer").status_code == 404
    assert (
        colleague.post(f"/mes-creneaux/{slots[0].id}/fermer", data={"word": "x"}).status_code == 404
    )
    assert client.sign_in(ada).get(f"/rendez-vous/creneaux/{uuid4()}").status_code == 404
    db.expire_all()
    assert made.state is AppointmentState.BOOKED


def test_one_moves_and_cancels_from_ones_page(
    client: LookingClient, db: Session, ada: User, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada, PHONE)
    client.sign_in(ada)
    assert "14 h 30 – 15 h" in text_of(client.get(f"/rendez-vous/{made.id}/deplacer"))
    form = client.get(f"/rendez-vous/{made.id}/deplacer/{slots[1].id}")
    assert 'value="06 12 34 56 78"' in form.text, "the same person would call"
    done = client.post(
        f"/rendez-vous/{made.id}/deplacer/{slots[1].id}",
        data={"mode": "onsite"},
        follow_redirects=True,
    )
    assert "Votre rendez-vous est changé." in text_of(done)
    assert "14 h 30 – 15 h" in text_of(done)
    done = client.post(f"/rendez-vous/{made.id}/annuler", follow_redirects=True)
    assert "Votre rendez-vous est annulé." in text_of(done)
    assert "annulé" in text_of(client.get("/mes-rendez-vous"))


def test_the_number_is_asked_anew_when_somebody_else_would_call(
    client: LookingClient, db: Session, ada: User, make: Factory, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada, PHONE)
    other = make_slots(db, make.user("facilitator"))[1]
    form = client.sign_in(ada).get(f"/rendez-vous/{made.id}/deplacer/{other.id}")
    assert "06 12 34 56 78" not in form.text


def test_one_tap_from_the_mail_cancels_without_signing_in_and_names_nobody(
    client: LookingClient, db: Session, ada: User, nadia: User, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada, PHONE, words="Je veux enseigner.")
    url = f"/rendez-vous/geste/{made.tap}"
    page = client.get(url)
    for words in ("Ada", "Nadia", "06 12", "enseigner"):
        assert words not in text_of(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    db.expire_all()
    assert made.state is AppointmentState.BOOKED, "a program that looks at links cancels nothing"
    done = client.post(url, follow_redirects=True)
    assert "Merci de l’avoir dit." in text_of(done)
    db.expire_all()
    assert made.state is AppointmentState.CANCELLED
    assert "déjà annulé" in text_of(client.post(url, follow_redirects=True))
    assert client.get("/rendez-vous/geste/rien").status_code == 404


def test_a_tap_after_the_start_does_nothing(
    client: LookingClient, db: Session, ada: User, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada)
    with clock.fixed_at(at("26 14:00")):
        url = f"/rendez-vous/geste/{made.tap}"
        assert "Il a commencé" in text_of(client.get(url))
        assert "ne se change plus" in text_of(client.post(url, follow_redirects=True))
    db.expire_all()
    assert made.state is AppointmentState.BOOKED


def test_a_facilitator_cancels_with_a_word_that_the_person_reads(
    client: LookingClient, db: Session, ada: User, nadia: User, slots: list[AppointmentSlot]
) -> None:
    take(db, slots[0], ada)
    url = f"/mes-creneaux/{slots[0].id}/fermer"
    client.sign_in(nadia)
    assert "Ada Moreau a pris ce créneau" in text_of(client.get(url))
    wrong = client.post(url, data={"word": ""})
    assert (wrong.status_code, 'id="word-error"' in wrong.text) == (422, True)
    done = client.post(url, data={"word": "Je suis <souffrante>."}, follow_redirects=True)
    assert "un mail le dit à Ada Moreau" in text_of(done)
    own = client.sign_in(ada).get("/mes-rendez-vous")
    assert "Je suis &lt;souffrante&gt;." in own.text


def test_past_appointments_wait_for_an_answer_and_lose_their_number_with_it(
    client: LookingClient, db: Session, ada: User, nadia: User, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada, PHONE)
    client.sign_in(nadia)
    url = f"/mes-creneaux/rendez-vous/{made.id}"
    assert "Comment cela s’est passé" not in text_of(client.get(url))
    with clock.fixed_at(after(made)):
        assert "À noter (1)" in text_of(client.get("/mes-creneaux"))
        assert "1 rendez-vous passé à noter" in text_of(client.get("/"))
        client.post(f"{url}/issue", data={"issue": "excused"}, follow_redirects=True)
        assert "absence excusée" in text_of(client.get(url))
        assert "À noter (0)" in text_of(client.get("/mes-creneaux"))
        assert client.post(f"{url}/issue", data={"issue": "rien"}).status_code == 404
    db.expire_all()
    assert (made.state, made.phone) == (AppointmentState.EXCUSED, "")


def test_the_first_page_shows_what_is_next_to_each(
    client: LookingClient, db: Session, ada: User, nadia: User, slots: list[AppointmentSlot]
) -> None:
    assert "2 créneaux sont libres" in text_of(client.sign_in(ada).get("/"))
    take(db, slots[0], ada)
    assert "Votre rendez-vous avec Nadia Benali" in text_of(client.get("/"))
    client.sign_in(nadia)
    assert "rendez-vous aujourd’hui" not in text_of(client.get("/"))
    with clock.fixed_at(at("26 09:00")):
        assert "1 rendez-vous aujourd’hui" in text_of(client.get("/"))


def test_filters_and_pages_of_free_slots(
    client: LookingClient, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    make_slots(db, nadia, until=date(2027, 5, 20), minutes=20)  # 26 weeks of three
    paul = make.user("facilitator", name="Paul Girard")
    make_slots(db, paul, by_phone=False)
    client.sign_in(ada)
    first = client.get("/rendez-vous?facon=phone")
    assert "Page 1 sur 3" in text_of(first)
    assert "Paul Girard · " not in text_of(first)
    assert "facon=phone" in first.text
    assert "Nadia Benali · " not in text_of(client.get(f"/rendez-vous?avec={paul.id}"))
    for strange in ("facon=x", "avec=x", "page=x", "facon=%00"):
        assert client.get(f"/rendez-vous?{strange}").status_code == 200
    assert "Cette page de la liste n’existe pas" in text_of(client.get("/rendez-vous?page=99"))


def test_more_slots_and_appointments_ask_the_database_no_more_questions(
    client: LookingClient, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    def asked(who: User, url: str) -> int:
        db.expire_all()
        client.sign_in(who)
        with counted_queries() as sent:
            assert client.get(url).status_code == 200
        return len(sent)

    slots = make_slots(db, nadia, ends=time(19))
    take(db, slots[0], make.user())
    pages = [(ada, "/rendez-vous"), (nadia, "/mes-creneaux"), (nadia, "/mes-creneaux?voir=libres")]
    few = [asked(*page) for page in pages]
    for slot in slots[1:5]:
        take(db, slot, make.user())
    make_slots(db, make.user("facilitator"), ends=time(19))
    assert [asked(*page) for page in pages] == few
    assert max(few) <= 9


def test_ones_calendar_file_is_ones_own(
    client: LookingClient, db: Session, ada: User, slots: list[AppointmentSlot]
) -> None:
    made = take(db, slots[0], ada)
    answer = client.sign_in(ada).get(f"/rendez-vous/{made.id}.ics")
    assert answer.mimetype == "text/calendar"
    assert f"UID:{made.id}" in answer.text
    assert "METHOD" not in answer.text
