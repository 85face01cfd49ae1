"""Notes at three levels: who reads them, who changes them, what a person receives of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.appointments import after, mails, make_slots, take
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.sessions import NOW, text_of
from tierslieu import clock
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.support.notes.models import FollowNote, NoteLevel
from tierslieu.support.notes.queries import count_notes, find_written, list_notes, list_notes_at
from tierslieu.support.notes.rules import (
    correct_note,
    forget_old_notes,
    remove_note,
    widen_note,
    write_note,
)

both = pytest.mark.both_databases
AUTHOR, TEAM, SHARED = NoteLevel
WORDS = {AUTHOR: "Mon pense-bête.", TEAM: "Entre nous.", SHARED: "Convenu ensemble."}


def write(
    db: Session, about: User, author: User, level: NoteLevel = SHARED, **more: object
) -> FollowNote:
    note = write_note(db, about.id, author.id, WORDS[level], level, now=NOW, **more)  # type: ignore[arg-type]
    db.commit()
    return note


@pytest.fixture
def cast(make: Factory, nadia: User, ada: User) -> dict[str, User]:
    """Everybody who might come by."""
    return {
        "person": ada,
        "author": nadia,
        "colleague": make.user("facilitator", name="Paul Girard"),
        "learner": make.user(),
        "researcher": make.user("researcher"),
        "administrator": make.user("administrator", "coordinator"),
    }


READERS = {
    AUTHOR: {"author"},
    TEAM: {"author", "colleague"},
    SHARED: {"author", "colleague", "person"},
}


@both
@pytest.mark.parametrize("level", list(NoteLevel))
def test_a_note_is_read_by_those_of_its_level_and_by_nobody_else(
    db: Session, cast: dict[str, User], level: NoteLevel
) -> None:
    slot = make_slots(db, cast["author"])[0]
    made = take(db, slot, cast["person"])
    note = write(db, cast["person"], cast["author"], level, appointment_id=made.id)
    about = cast["person"].id
    found = {
        name
        for name, who in cast.items()
        if [one.id for one in list_notes(db, about, who.id, limit=9)] == [note.id]
    }
    assert found == READERS[level]
    for name, who in cast.items():
        reads = name in READERS[level]
        assert count_notes(db, about, who.id) == int(reads)
        assert bool(list_notes_at(db, made.id, who.id)) == reads
        assert (find_written(db, note.id, who.id) is not None) == (name == "author")


@pytest.mark.parametrize("level", list(NoteLevel))
def test_pages_show_a_note_to_those_of_its_level_and_to_nobody_else(
    client: LookingClient, db: Session, cast: dict[str, User], level: NoteLevel
) -> None:
    note = write(db, cast["person"], cast["author"], level)
    pages = [
        "/mes-rendez-vous",
        "/mes-rendez-vous/notes",
        f"/suivi/{cast['person'].id}",
        f"/suivi/notes/{note.id}",
        "/",
    ]
    found = {
        name
        for name, who in cast.items()
        if any(WORDS[level] in client.sign_in(who).get(page).text for page in pages)
    }
    assert found == READERS[level]
    visitor = client.application.test_client()
    assert all(WORDS[level] not in visitor.get(page).text for page in pages)


@both
def test_a_facilitator_who_is_followed_reads_only_what_is_shared_with_them(
    db: Session, nadia: User, make: Factory
) -> None:
    paul = make.user("facilitator", "learner")
    for level in NoteLevel:
        write(db, paul, nadia, level)
    assert [note.level for note in list_notes(db, paul.id, paul.id, limit=9)] == [SHARED]


def test_who_has_left_the_team_reads_nothing_of_the_team(
    db: Session, nadia: User, ada: User
) -> None:
    note = write(db, ada, nadia, TEAM)
    nadia.roles = []
    db.commit()
    assert list_notes(db, ada.id, nadia.id, limit=9) == []
    assert find_written(db, note.id, nadia.id) is None


def test_only_the_team_writes_and_never_on_oneself(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    for author, about in ((ada, nadia), (nadia, nadia), (make.user("researcher"), ada)):
        with pytest.raises(NotYours):
            write(db, about, author)
        db.rollback()


def test_a_note_belongs_to_an_appointment_of_both_or_to_none(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia)
    anothers = take(db, slots[0], make.user())
    received_by_another = take(db, make_slots(db, make.user("facilitator"))[1], ada)
    for wrong in (anothers, received_by_another):
        with pytest.raises(NotYours):
            write(db, ada, nadia, appointment_id=wrong.id)
        db.rollback()


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused_beside_its_field(
    db: Session, nadia: User, ada: User, body: str
) -> None:
    with pytest.raises(Refused) as refused:
        write_note(db, ada.id, nadia.id, body, TEAM, now=NOW)
    assert (refused.value.field, refused.value.status) == ("body", 422)


@both
def test_a_note_is_corrected_for_a_day_by_its_author_and_readers_see_it(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    note = write(db, ada, nadia)
    for other in (ada, make.user("facilitator")):
        with pytest.raises(NotYours):
            correct_note(db, note.id, other.id, "Autre", now=NOW)
        db.rollback()
    last = NOW + timedelta(hours=23, minutes=59)
    correct_note(db, note.id, nadia.id, WORDS[SHARED], now=last)
    assert note.edited_at is None, "the same words are no correction"
    correct_note(db, note.id, nadia.id, "Corrigé.", now=last)
    db.commit()
    assert (note.body, note.edited_at, note.written_at) == ("Corrigé.", last, NOW)
    with pytest.raises(Refused) as refused:
        correct_note(db, note.id, nadia.id, "Trop tard", now=NOW + timedelta(days=1))
    assert refused.value.code == "too_late"


@both
@pytest.mark.parametrize("was", list(NoteLevel))
@pytest.mark.parametrize("becomes", list(NoteLevel))
def test_more_people_may_read_it_later_never_fewer_and_the_author_alone_decides(
    db: Session, nadia: User, ada: User, make: Factory, was: NoteLevel, becomes: NoteLevel
) -> None:
    order = list(NoteLevel)
    note = write(db, ada, nadia, was)
    for other in (ada, make.user("facilitator")):
        with pytest.raises(NotYours):
            widen_note(db, note.id, other.id, becomes, now=NOW)
        db.rollback()
    if order.index(becomes) < order.index(was):
        with pytest.raises(Refused) as refused:
            widen_note(db, note.id, nadia.id, becomes, now=NOW)
        assert refused.value.code == "narrower"
        db.rollback()
        assert note.level is was
        return
    widen_note(db, note.id, nadia.id, becomes, now=NOW)
    db.commit()
    assert note.level is becomes
    assert (note.shared_at is not None) == (becomes is SHARED)
    assert len(mails(db, ada, "note")) == int(becomes is SHARED)


def test_the_mail_says_that_there_is_a_note_and_not_what_it_says(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    write(db, ada, nadia)
    (mail,) = mails(db, ada, "note")
    words = render_mail(mail, app.config["TIERSLIEU"])
    assert "Nadia Benali partage une note avec vous" in words.subject
    for form in (words.text, words.html):
        assert WORDS[SHARED] not in form
        assert "/mes-rendez-vous" in form


def test_a_note_of_the_night_is_told_in_the_morning(db: Session, nadia: User, ada: User) -> None:
    night = NOW.replace(hour=23)
    write_note(db, ada.id, nadia.id, "Bonsoir.", SHARED, now=night)
    assert mails(db, ada, "note")[0].next_try_at == NOW.replace(hour=8) + timedelta(days=1)


def test_the_author_alone_takes_a_note_away(
    client: LookingClient, db: Session, cast: dict[str, User]
) -> None:
    note = write(db, cast["person"], cast["author"])
    for name, who in cast.items():
        if name != "author":
            with pytest.raises(NotYours):
                remove_note(db, note.id, who.id)
            db.rollback()
            answer = client.sign_in(who).post(f"/suivi/notes/{note.id}/supprimer")
            assert answer.status_code in (403, 404)
    done = client.sign_in(cast["author"]).post(
        f"/suivi/notes/{note.id}/supprimer", follow_redirects=True
    )
    assert "La note est supprimée." in text_of(done)
    assert not db.scalar(select(func.count()).select_from(FollowNote))


def test_a_note_is_written_on_the_persons_page_with_its_level_chosen(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    page = f"/suivi/{ada.id}"
    client.sign_in(nadia)
    wrong = client.post(page, data={"body": "Bonjour", "level": ""})
    assert (wrong.status_code, "Choisissez qui lit cette note." in text_of(wrong)) == (422, True)
    assert "Bonjour" in wrong.text, "what was typed is kept"
    wrong = client.post(page, data={"body": "", "level": "team"})
    assert (wrong.status_code, 'id="body-error"' in wrong.text) == (422, True)
    done = client.post(
        page, data={"body": "<b>Bonjour</b>\nAda", "level": "shared"}, follow_redirects=True
    )
    assert "Votre note est enregistrée." in text_of(done)
    shown = client.sign_in(ada).get("/mes-rendez-vous").text
    assert "&lt;b&gt;Bonjour&lt;/b&gt;\nAda" in shown
    assert "Nadia Benali" in shown


def test_a_note_is_written_at_its_appointment_corrected_and_shared(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    made = take(db, make_slots(db, nadia)[0], ada)
    with clock.fixed_at(after(made)):
        client.sign_in(nadia)
        page = f"/mes-creneaux/rendez-vous/{made.id}"
        client.post(page, data={"body": "Fait le point.", "level": "author"})
        note = db.scalars(select(FollowNote)).one()
        assert note.appointment_id == made.id
        assert "Fait le point." in text_of(client.get(page))
        own = f"/suivi/notes/{note.id}"
        client.post(own, data={"body": "Point fait."})
        assert "corrigée le" in text_of(client.get(own))
        client.post(f"{own}/niveau", data={"niveau": "shared"})
        assert client.post(f"{own}/niveau", data={"niveau": "x"}).status_code == 404
        assert "Point fait." in text_of(client.sign_in(ada).get("/mes-rendez-vous"))
    with clock.fixed_at(after(made, 60 * 25)):
        late = client.sign_in(nadia).post(own, data={"body": "Encore"})
        assert (late.status_code, "Une note se corrige pendant un jour" in text_of(late)) == (
            422,
            True,
        )


def test_a_person_is_found_by_name_and_nobody_follows_themselves(
    client: LookingClient, nadia: User, ada: User
) -> None:
    client.sign_in(nadia)
    assert "Ada Moreau" not in text_of(client.get("/suivi"))
    found = client.get("/suivi?q=moreau")
    assert "Ada Moreau" in text_of(found)
    assert ada.email not in found.text
    assert f"/suivi/{nadia.id}" not in client.get("/suivi?q=nadia").text
    assert "Personne de ce nom" in text_of(client.get("/suivi?q=zzz"))
    assert client.get(f"/suivi/{nadia.id}").status_code == 404


def test_more_notes_ask_the_database_no_more_questions(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    def asked(who: User, url: str) -> int:
        db.expire_all()
        client.sign_in(who)
        with counted_queries() as sent:
            assert client.get(url).status_code == 200
        return len(sent)

    write(db, ada, nadia)
    pages = [
        (nadia, f"/suivi/{ada.id}"),
        (ada, "/mes-rendez-vous"),
        (ada, "/mes-rendez-vous/notes"),
    ]
    few = [asked(*page) for page in pages]
    for _n in range(30):
        write(db, ada, nadia)
    assert [asked(*page) for page in pages] == few
    assert "Page 1 sur 2" in text_of(client.sign_in(nadia).get(f"/suivi/{ada.id}"))
    assert "Toutes les notes" in text_of(client.sign_in(ada).get("/mes-rendez-vous"))


def test_notes_of_three_years_are_gone(db: Session, nadia: User, ada: User) -> None:
    write(db, ada, nadia)
    assert forget_old_notes(db, now=NOW + timedelta(days=3 * 365 - 1)) == 0
    assert forget_old_notes(db, now=NOW + timedelta(days=3 * 365)) == 1


def test_the_persons_page_leads_to_each_of_their_paths_and_back(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    enrolment = make_enrolment(db, ada, make_path(db))
    client.sign_in(nadia)
    html = client.get(f"/suivi/{ada.id}").text
    assert f'href="/suivi/parcours/{enrolment.id}"' in html
    assert "Il reste 2 étapes, en cours" in html
    assert f'href="/suivi/{ada.id}"' in client.get(f"/suivi/parcours/{enrolment.id}").text
