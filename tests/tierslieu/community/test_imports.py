"""Filling a base from a file: shown first, done once, and the same file twice changes nothing."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.community import announce, make_pilot, share, viewing
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.clock import days
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.entries.models import BaseKind
from tierslieu.community.entries.rules import hide
from tierslieu.community.events.models import Event, OpenTo
from tierslieu.community.imports.models import ImportDraft
from tierslieu.community.imports.rules import (
    Fate,
    apply_import,
    draft_import,
    forget_old_drafts,
    plan_file,
)
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

HEAD = "Objet;Contenu;Description;Lien;Auteur;Libre de droit\r\n"
EVENTS = "Nom de l'événement;Lieu;Description;Auteur;Organisateur;Date;Ouvert;Lien\r\n"
ENGLISH_HEAD = "Subject;Content;Description;Link;Author;Free to reuse\r\n"
ENGLISH_EVENTS = "Event name;Venue;Description;Author;Organiser;Date;Open;Link\r\n"
FILE = HEAD + (
    "Le réseau de ficelle;Activité;Douze ficelles;https://example.org/f;Aïda;oui (CC BY 4.0)\r\n"
    "Un film;Film;;;Bo;à vérifier\r\n"
    "Un texte;Texte;;;Bo;non\r\n"
    ";Texte;;;Bo;non\r\n"
    "Un lien;Texte;;javascript:x;Bo;non\r\n"
    "Un mot;Texte;;;Bo;peut-être\r\n"
)
CONTENTS = BaseKind.CONTENTS


def fates(db: Session, text: str, kind: BaseKind = CONTENTS, pilot_id: Any = None) -> list[str]:
    return [line.fate.value for line in plan_file(db, kind, pilot_id, text, now=NOW).lines]


def send(client: LookingClient, text: str | bytes, base: str = "ressources", **more: str) -> Any:
    data = text if isinstance(text, bytes) else text.encode()
    form = {"file": (io.BytesIO(data), "liste.csv"), **more}
    return client.post(f"/{base}/importer", data=form, content_type="multipart/form-data")


def confirm(client: LookingClient, page: Any) -> Any:
    html = client.get(page.location).text
    seen = re.search(r'name="seen" value="([^"]*)"', html)
    assert seen, html
    url = f"{page.location}/confirmer"
    return client.post(url, data={"seen": seen[1]}, follow_redirects=True)


def subjects(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(Content.subject).order_by(Content.subject)))


@pytest.mark.both_databases
def test_a_file_is_shown_line_by_line_then_applied_once(
    client: LookingClient, db: Session, team: User
) -> None:
    client.sign_in(team)
    page = send(client, FILE)
    html = client.get(page.location).text
    assert "3 à ajouter" in html
    assert "3 refusées" in html
    for why in ("Donnez un objet", "pas une adresse du Web", "n’est pas compris"):
        assert why in html
    assert subjects(db) == []
    html = confirm(client, page).text
    assert "3 fiches ajoutées, 0 fiche modifiée" in html
    assert subjects(db) == ["Le réseau de ficelle", "Un film", "Un texte"]
    entry = db.scalars(select(Content).where(Content.subject.startswith("Le"))).one()
    assert (entry.licence, entry.owner_id, entry.is_public) == ("CC BY 4.0", team.id, False)
    again = client.post(f"{page.location}/confirmer", data={"seen": "3 0"}, follow_redirects=True)
    assert "déjà importé" in again.text
    assert len(subjects(db)) == 3
    assert db.scalars(select(ImportDraft.text)).all() == [""]


def test_the_same_file_twice_changes_nothing(
    client: LookingClient, db: Session, team: User
) -> None:
    client.sign_in(team)
    confirm(client, send(client, FILE))
    before = [(e.id, e.changed_at, e.revision) for e in db.scalars(select(Content))]
    html = client.get(send(client, FILE).location).text
    assert "3 sans changement" in html
    assert "Ce fichier ne changerait rien." in html
    assert "Importer ces lignes" not in html
    assert before == [(e.id, e.changed_at, e.revision) for e in db.scalars(select(Content))]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_what_is_exported_imports_as_no_change(
    client: LookingClient, db: Session, team: User, encoding: str
) -> None:
    for number, subject in enumerate(("=1+1", "'-x", 'Deux; "lignes"', 'Deux; "lignes"')):
        share(
            db, team, subject, description="Un\nDeux;\n=trois", licence="Maison (v2)",
            now=NOW + days(number),
        )  # fmt: skip
    share(db, team, "Non", rights=Rights.NO, licence="sauf accord")
    client.sign_in(team)
    text = client.get("/ressources.csv").data.decode("utf-8-sig")
    assert "\r\n'=1+1;" in text
    page = send(client, text.encode(encoding))
    html = client.get(page.location).text
    assert "5 sans changement" in html
    assert "Ce fichier ne changerait rien." in html


@pytest.mark.both_databases
def test_events_go_out_and_come_back_with_their_words(
    client: LookingClient, db: Session, team: User
) -> None:
    announce(db, team, "Fête", "mi-décembre", place="Nice", open_to=OpenTo.REGISTRATION)
    announce(db, team, "Fête", "quand on pourra", open_to=OpenTo.NO)
    announce(db, team, "Passée", "14/11/2026", link="https://example.org/p")
    client.sign_in(team)
    text = client.get("/evenements.csv?quand=tous").data.decode("utf-8-sig")
    assert text.startswith(EVENTS)
    assert "Fête;Nice;;;;mi-décembre;sur inscription;\r\n" in text
    assert fates(db, text, BaseKind.EVENTS) == ["same"] * 3
    db.execute(Event.__table__.delete())
    db.commit()
    html = confirm(client, send(client, text, "evenements")).text
    assert "3 fiches ajoutées" in html
    assert client.get("/evenements.csv?quand=tous").data.decode("utf-8-sig") == text


@pytest.mark.both_databases
@pytest.mark.parametrize("reads", ["fr", "en"])
@pytest.mark.parametrize("spoken", ["fr", "en"])
def test_what_leaves_in_either_language_comes_back_unchanged_for_a_reader_of_either(
    client: LookingClient, db: Session, team: User, spoken: str, reads: str
) -> None:
    for number, rights in enumerate(Rights):
        licence = "CC BY 4.0" if rights is Rights.YES else ""
        share(db, team, f"Fiche {number}", description="Un;\nDeux", rights=rights, licence=licence)
    for number, opened in enumerate(OpenTo):
        announce(db, team, f"Fête {number}", "mi-décembre", place="Nice", open_to=opened)
    client.sign_in(team)
    heads = {"fr": (HEAD, EVENTS), "en": (ENGLISH_HEAD, ENGLISH_EVENTS)}[spoken]
    for base, head in zip(("ressources", "evenements"), heads, strict=True):
        leaving = client.get(f"/{base}.csv", headers={"Accept-Language": spoken})
        text = leaving.data.decode("utf-8-sig")
        assert text.startswith(head)
        assert ("oui" in text) is (spoken == "fr")
        assert ("yes" in text) is (spoken == "en")
        shown = client.get(send(client, text, base).location, headers={"Accept-Language": reads})
        assert {"fr": "3 sans changement", "en": "3 unchanged"}[reads] in shown.text


def test_a_change_is_shown_and_a_file_refused_in_the_words_of_the_reader(
    client: LookingClient, db: Session, team: User
) -> None:
    share(db, team, "Le réseau", author="Aïda", rights=Rights.NO, licence="")
    client.sign_in(team)
    english = {"Accept-Language": "en-GB"}
    page = send(client, ENGLISH_HEAD + "Le réseau;;;;Aïda;yes (CC BY 4.0)\r\n")
    html = client.get(page.location, headers=english).text
    assert "Free to reuse" in html
    assert "<del>no</del>" in html
    assert "<ins>yes (CC BY 4.0)</ins>" in html
    form = {"file": (io.BytesIO(b"Subject;Price\r\nx;y\r\n"), "liste.csv")}
    refused = client.post(
        "/ressources/importer", data=form, content_type="multipart/form-data", headers=english
    )
    assert "Missing: Content, Description, Link, Author, Free to reuse." in refused.text
    assert "Subject, Content, Description, Link, Author, Free to reuse" in refused.text


@pytest.mark.both_databases
def test_a_line_changes_the_entry_of_its_subject_and_author_and_shows_how(
    client: LookingClient, db: Session, team: User, make: Factory
) -> None:
    owner = make.user()
    entry = share(db, owner, "Le réseau", author="Aïda", description="Avant")
    client.sign_in(team)
    page = send(client, HEAD + "LE RESEAU;;Après;;aida;oui (CC BY 4.0)\n")
    html = client.get(page.location).text
    assert "1 à modifier" in html
    assert "<del>Avant</del>" in html
    assert "<ins>Après</ins>" in html
    confirm(client, page)
    db.refresh(entry)
    assert (entry.description, entry.owner_id, entry.revision) == ("Après", owner.id, 2)
    assert fates(db, HEAD + "LE RESEAU;;Encore;;quelqu’un;non\n") == ["added"]


def test_yes_without_a_licence_is_kept_to_check_unless_the_base_knows_better(
    db: Session, team: User
) -> None:
    text = HEAD + "Un film;;;;Bo;oui\n"
    (line,) = plan_file(db, CONTENTS, None, text, now=NOW).lines
    assert (line.fate, line.facts.rights) == (Fate.ADDED, Rights.TO_CHECK)
    assert "sans licence" in line.why
    entry = share(db, team, "Un film", author="Bo", rights=Rights.TO_CHECK, licence="")
    assert fates(db, text) == ["same"]
    entry.rights, entry.licence = Rights.YES, "MIT"
    db.commit()
    assert fates(db, text) == ["same"]
    entry.rights = Rights.NO
    db.commit()
    assert fates(db, text) == ["changed"]


def test_a_vague_date_becomes_exact_and_next_year_is_another_event(db: Session, team: User) -> None:
    announce(db, team, "Fête", "mi-décembre 2026")
    line = EVENTS + "Fête;;;;;{};oui;\n"
    for when, fate in (
        ("14 décembre 2026", "changed"),
        ("mi-décembre 2026", "same"),
        ("14 décembre 2027", "added"),
        ("date à préciser", "changed"),
    ):
        assert fates(db, line.format(when), BaseKind.EVENTS) == [fate], when


def test_the_same_words_are_the_same_event_whatever_days_they_mean_by_now(
    db: Session, team: User
) -> None:
    event = announce(db, team, "Fête", "mi-décembre", now=NOW - days(400))
    assert event.earliest is not None
    assert event.earliest.year == 2025
    assert fates(db, EVENTS + "Fête;Nice;;;;mi-décembre;oui;\n", BaseKind.EVENTS) == ["changed"]


def test_lines_that_could_mean_several_things_are_refused_and_say_so(
    db: Session, team: User
) -> None:
    share(db, team, "Double", author="Bo", description="un")
    share(db, team, "Double", author="Bo", description="deux")
    hidden = share(db, team, "Masquée", author="Bo")
    hide(db, Content, viewing(db, team), hidden.id, reason="Non.", now=NOW)
    db.commit()
    lines = plan_file(
        db, CONTENTS, None,
        HEAD + "Double;;trois;;Bo;non\nMasquée;;x;;Bo;non\nNeuve;;1;;;non\nNeuve;;1;;;non\nseule\n",
        now=NOW,
    ).lines  # fmt: skip
    assert [line.fate.value for line in lines] == [
        "refused", "refused", "added", "refused", "refused"
    ]  # fmt: skip
    assert "plusieurs fiches" in lines[0].why
    assert "masquée" in lines[1].why
    assert "la ligne 4" in lines[3].why
    assert "6 cases" in lines[4].why


def test_two_lines_of_one_name_are_two_entries_and_never_change_the_same_one(
    db: Session, team: User
) -> None:
    share(db, team, "Double", author="Bo", description="zéro", rights=Rights.NO, licence="")
    text = HEAD + "Double;;un;;Bo;non\nDouble;;deux;;Bo;non\n"
    viewer = viewing(db, team)
    draft = draft_import(db, viewer, CONTENTS, None, text=text, filename="x", now=NOW)
    db.commit()
    assert fates(db, text) == ["changed", "added"]
    apply_import(db, viewer, draft.id, seen=(1, 1), now=NOW)
    db.commit()
    assert set(db.scalars(select(Content.description))) == {"un", "deux"}
    assert fates(db, text) == ["same", "same"]


@pytest.mark.both_databases
def test_a_base_that_moved_meanwhile_is_shown_again_before_anything_is_done(
    client: LookingClient, db: Session, team: User
) -> None:
    client.sign_in(team)
    page = send(client, FILE)
    share(db, team, "Un texte", author="Bo", rights=Rights.NO, licence="", content="Texte")
    response = client.post(f"{page.location}/confirmer", data={"seen": "3 0"})
    assert response.status_code == 422
    assert "La base a changé entre-temps" in response.text
    assert "2 à ajouter" in response.text
    assert subjects(db) == ["Un texte"]


def test_a_file_fills_a_pilot_and_leaves_the_open_base_alone(
    client: LookingClient, db: Session, team: User
) -> None:
    pilot = make_pilot(db, team)
    share(db, team, "Un film", author="Bo")
    client.sign_in(team)
    page = send(client, HEAD + "Un film;Film;;;Bo;non\n", space=str(pilot.id))
    assert "Pilote secret" in client.get(page.location).text
    confirm(client, page)
    spaces = db.scalars(select(Content.pilot_id).order_by(Content.created_at, Content.id)).all()
    assert spaces.count(pilot.id) == 1
    assert spaces.count(None) == 1


@pytest.mark.parametrize(
    ("data", "more", "sentence"),
    [
        ("Objet;Prix\nx;y\n", {}, "Il manque"),
        ("", {}, "Ce fichier est vide"),
        (b"PK\x03\x04", {}, "C’est un classeur"),
        (FILE, {"space": "x"}, "Choisissez un espace de la liste"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_beside_its_field(
    client: LookingClient, db: Session, team: User, data: Any, more: dict[str, str], sentence: str
) -> None:
    response = send(client.sign_in(team), data, **more)
    assert response.status_code == 422
    assert sentence in response.text
    assert 'class="field wrong"' in response.text
    assert db.scalar(select(func.count(ImportDraft.id))) == 0


def test_a_file_is_ones_own_and_only_the_teams(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    client.sign_in(team)
    page = send(client, FILE)
    client.sign_in(make.user("facilitator"))
    assert client.get(page.location).status_code == 404
    assert client.post(f"{page.location}/confirmer", data={"seen": "3 0"}).status_code == 404
    assert client.post(f"{page.location}/abandonner").status_code == 404
    learner = viewing(db, make.user())
    with pytest.raises(NotYours):
        draft_import(db, learner, CONTENTS, None, text=FILE, filename="x", now=NOW)


def test_a_file_given_up_or_grown_old_is_forgotten(
    client: LookingClient, db: Session, team: User
) -> None:
    client.sign_in(team)
    page = send(client, FILE)
    client.post(f"{page.location}/abandonner")
    assert client.get(page.location).status_code == 404
    send(client, FILE)
    db.rollback()
    assert forget_old_drafts(db, NOW + days(6)) == 0
    assert forget_old_drafts(db, NOW + days(8)) == 1


def test_a_long_file_is_judged_with_few_statements_and_shown_by_pages(
    client: LookingClient, db: Session, team: User
) -> None:
    lines = "".join(f"Fiche {number:04};;;;;non\n" for number in range(120))
    client.sign_in(team)
    page = send(client, HEAD + lines)
    with counted_queries() as sent:
        html = client.get(page.location).text
    assert len(sent) <= 9, sent
    assert html.count("Fiche 0") == 50
    assert "Fiche 0119" in client.get(f"{page.location}?page=3").text


def test_what_was_confirmed_is_never_another_number_of_lines(db: Session, team: User) -> None:
    viewer = viewing(db, team)
    draft = draft_import(db, viewer, CONTENTS, None, text=FILE, filename="x", now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        apply_import(db, viewer, draft.id, seen=(2, 1), now=NOW)
    assert refused.value.code == "base_changed"
