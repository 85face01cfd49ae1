"""A file joined to what a facilitator judged: for the holder and the team, never in the badge."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import encode_multipart

from badges.awards import offers, queries, rules
from badges.awards.models import Award, Sharing
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.rules import Condition
from tests.support.badges import finish_path, make_badge, open_badges
from tests.support.client import LookingClient
from tests.support.courses import make_path
from tests.support.factories import Factory
from tierslieu.people.models import User
from tierslieu.uploads import offers as upload_offers
from tierslieu.uploads.models import Upload

K = CriterionKind
PDF = b"%PDF-1.7\n" + "La grille de la séance.".encode()
both = pytest.mark.both_databases


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace")


@pytest.fixture
def badge(db: Session, ada: User, team: User) -> BadgeClass:
    """Of which Ada lacks only the team's word."""
    open_badges(db)
    path = make_path(db, "avec-jugement")
    badge = make_badge(
        db,
        Condition(K.PATH_COMPLETED, path_id=path.id),
        Condition(K.JUDGEMENT, statement="a conduit une séance"),
        name="Enseigner devant une classe",
    )
    finish_path(db, ada, path, team)
    return badge


def send(
    client: LookingClient, badge: BadgeClass, user: User, *files: tuple[bytes, str], **more: Any
) -> Any:
    """What the form of proposals sends for one person judged."""
    key = f"{user.id}-{badge.conditions[1].id}"
    data: dict[str, Any] = {
        "propositions": "1",
        "people": [str(user.id)],
        f"reason-{key}": "Vue en Seconde 4.",
        f"reason_public-{key}": "y",
        f"url-{key}": "",
        f"file-{key}": [(io.BytesIO(content), name) for content, name in files],
    }
    data |= {f"{name}-{key}": value for name, value in more.items()}
    return client.post(
        f"/badges/{badge.slug}/attribuer", data=data, content_type="multipart/form-data"
    )


@pytest.fixture
def award(db: Session, client: LookingClient, badge: BadgeClass, ada: User, team: User) -> Award:
    assert send(client.sign_in(team), badge, ada, (PDF, "grille é.pdf")).status_code == 302
    (award,) = queries.list_awards(db, ada.id)
    return award


def address(award: Award) -> str:
    return f"/credentials/{award.id}/preuves/{award.judgements[0].id}"


def counted(db: Session) -> tuple[int, int]:
    db.expire_all()
    return tuple(db.scalar(select(func.count()).select_from(t)) or 0 for t in (Award, Upload))  # type: ignore[return-value]


@both
def test_a_file_is_joined_and_read_by_the_holder_and_the_team_alone(
    db: Session, make: Factory, client: LookingClient, award: Award, ada: User, team: User
) -> None:
    award.sharing = Sharing.PUBLIC
    db.commit()
    readers = [
        (ada, 200),
        (team, 200),
        (make.user("facilitator"), 200),
        (make.user(), 404),
        (make.user("researcher"), 404),
        (make.user("administrator"), 404),
    ]
    for person, status in readers:
        answer = client.sign_in(person).get(address(award))
        assert answer.status_code == status, person.roles
        page = client.get(f"/credentials/{award.id}").get_data(as_text=True)
        assert ("grille é.pdf" in page) == (status == 200)
        if status == 200:
            assert answer.data == PDF
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert "n’est pas dans le badge" in page


def test_a_visitor_is_sent_to_the_door_and_sees_no_file_on_a_shared_page(
    db: Session, app: Flask, award: Award
) -> None:
    award.sharing = Sharing.PUBLIC
    db.commit()
    visitor = app.test_client()
    answer = visitor.get(address(award))
    assert (answer.status_code, "/login" in answer.location) == (302, True)
    page = visitor.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "Vue en Seconde 4." in page
    assert "grille" not in page
    assert "/preuves/" not in page


def test_a_file_is_found_only_under_the_badge_it_was_joined_to(
    db: Session, client: LookingClient, make: Factory, award: Award, badge: BadgeClass, team: User
) -> None:
    bob = make.user(name="Bob Martin")
    finish_path(db, bob, badge.conditions[0].path, team)
    send(client.sign_in(team), badge, bob, (PDF + b"bis", "b.pdf"))
    (other,) = queries.list_awards(db, bob.id)
    crossed = f"/credentials/{other.id}/preuves/{award.judgements[0].id}"
    assert client.get(crossed).status_code == 404
    assert client.get(address(other)).data == PDF + b"bis"


def test_nothing_of_the_file_is_in_what_is_signed(award: Award) -> None:
    (evidence,) = json.loads(award.credential)["evidence"]
    assert set(evidence) == {"type", "name", "narrative"}
    assert "grille" not in award.credential
    assert "preuves" not in award.credential


@both
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "vide.pdf", "Ce fichier est vide"),
        (b"MZ\x90", "grille.pdf", "pas ce que dit son nom"),
        (b"MZ\x90", "grille.exe", "pas accepté"),
        (b"%PDF-" + bytes(5000), "grille.pdf", "trop lourd"),
    ],
)
def test_a_file_that_will_not_do_is_told_at_its_field_and_nothing_is_written(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    ada: User,
    team: User,
    content: bytes,
    name: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tierslieu.uploads.rules.MAX_SIZE", 4000)
    answer = send(client.sign_in(team), badge, ada, (content, name))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert "Vue en Seconde 4.</textarea>" in page, "what was typed is kept"
    assert counted(db) == (0, 0)


def test_another_mistake_asks_for_the_file_again_by_its_name(
    db: Session, client: LookingClient, badge: BadgeClass, ada: User, team: User
) -> None:
    answer = send(client.sign_in(team), badge, ada, (PDF, "grille.pdf"), reason="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Écrivez ce que vous avez constaté" in page
    assert "Choisissez de nouveau «\u202fgrille.pdf\u202f»" in page
    assert counted(db) == (0, 0)


@both
def test_an_award_that_is_refused_leaves_no_file_behind(
    db: Session, client: LookingClient, award: Award, badge: BadgeClass, ada: User
) -> None:
    answer = send(client, badge, ada, (PDF + b"2", "autre.pdf"))
    assert answer.status_code == 302
    assert counted(db) == (1, 1)


def test_a_file_for_which_the_person_has_no_room_left_is_refused_in_words(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    ada: User,
    team: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tierslieu.uploads.rules.MAX_TOTAL", len(PDF) - 1)
    answer = send(client.sign_in(team), badge, ada, (PDF, "grille.pdf"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Les fichiers de Ada Lovelace prennent déjà toute la place prévue" in page
    assert "Vue en Seconde 4.</textarea>" in page, "what was typed is kept"
    assert counted(db) == (0, 0)


def test_files_heavy_together_are_each_looked_at_for_itself_and_no_word_is_lost(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    ada: User,
    team: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one file and its form may weigh is no bound for a page of many people."""
    monkeypatch.setitem(client.application.config, "MAX_CONTENT_LENGTH", 3000)
    monkeypatch.setattr("tierslieu.uploads.rules.MAX_SIZE", 4000)
    client.sign_in(team)
    heavy = send(client, badge, ada, (PDF + bytes(5000), "film.pdf"))
    page = heavy.get_data(as_text=True)
    assert heavy.status_code == 422
    assert "trop lourd" in page
    assert "Vue en Seconde 4.</textarea>" in page
    assert send(client, badge, ada, (PDF + bytes(3500), "a.pdf")).status_code == 302
    assert counted(db) == (1, 1)


@pytest.mark.parametrize("who", ["nobody", "a learner"])
def test_nobody_else_may_send_more_than_a_form_weighs(
    app: Flask,
    client: LookingClient,
    badge: BadgeClass,
    ada: User,
    who: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 3000)
    if who == "a learner":
        client.sign_in(ada)
    with client:
        assert send(client, badge, ada, (PDF, "a.pdf")).status_code in (302, 403)
        assert request.max_content_length == 3000


def test_beyond_what_a_page_of_people_may_weigh_it_is_refused(
    client: LookingClient, badge: BadgeClass, ada: User, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("badges.awards.forms.Entry.together", 3000)
    answer = send(client.sign_in(team), badge, ada, (PDF + bytes(3500), "a.pdf"))
    assert answer.status_code == 413


def test_on_the_page_of_a_path_too_what_is_wrong_is_said_first_and_led_to(
    client: LookingClient, badge: BadgeClass, ada: User, team: User
) -> None:
    key = f"{ada.id}-{badge.conditions[1].id}"
    answer = client.sign_in(team).post(
        f"/badges/{badge.slug}/attribuer",
        data={
            "parcours": badge.conditions[0].path.slug,  # type: ignore[union-attr]
            "people": [str(ada.id)],
            f"reason-{key}": "",
            f"url-{key}": "https://exemple.org/preuve",
        },
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Rien n’a été attribué\u00a0: un constat est à compléter" in page
    assert page.index('role="alert"') < page.index("Écrivez ce que vous avez constaté")
    assert 'href="#a-constater"' in page
    assert 'id="a-constater"' in page
    assert 'value="https://exemple.org/preuve"' in page


def test_two_hundred_people_can_be_judged_on_one_page(
    db: Session, client: LookingClient, badge: BadgeClass, ada: User, team: User
) -> None:
    """Each sends five fields, ticked or not: more than a form usually has."""
    fields = {f"reason-{n}-{k}": "" for n in range(220) for k in "abcde"}
    key = f"{ada.id}-{badge.conditions[1].id}"
    fields |= {"propositions": "1", "people": str(ada.id), f"reason-{key}": "Vue."}
    boundary, body = encode_multipart(fields)
    answer = client.sign_in(team).post(
        f"/badges/{badge.slug}/attribuer",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    assert answer.status_code == 302
    assert counted(db) == (1, 0)


def test_the_holder_takes_the_file_away_with_everything_and_finds_it_in_their_data(
    db: Session, client: LookingClient, award: Award, ada: User
) -> None:
    with (
        client.sign_in(ada).get("/mes-badges/tout.zip") as answer,
        zipfile.ZipFile(io.BytesIO(answer.data)) as archive,
    ):
        (name,) = [n for n in archive.namelist() if n.endswith("-1-grille é.pdf")]
        assert archive.read(name) == PDF
    (given,) = offers.export(db, ada.id)
    assert given["judgements"][0]["file"] == "grille é.pdf"
    assert [f["filename"] for f in upload_offers.export(db, ada.id)] == ["grille é.pdf"]


def test_a_file_that_the_disk_lost_is_named_in_what_the_holder_takes_away(
    app: Flask, client: LookingClient, award: Award, ada: User
) -> None:
    for kept in app.config["TIERSLIEU"].uploads.folder.rglob(award.judgements[0].upload.sha256):  # type: ignore[union-attr]
        kept.unlink()
    with (
        client.sign_in(ada).get("/mes-badges/tout.zip") as answer,
        zipfile.ZipFile(io.BytesIO(answer.data)) as archive,
    ):
        assert not [n for n in archive.namelist() if "grille" in n]
        read_me = archive.read("mes-badges/LISEZMOI.txt").decode()
    assert "manquent ici\u00a0:" in read_me
    assert "-1-grille é.pdf" in read_me


@both
def test_taking_the_person_out_of_an_award_takes_the_file_with_it(
    db: Session, award: Award, ada: User
) -> None:
    rules.erase_holder(db, ada.id)
    db.commit()
    assert counted(db) == (1, 0)


@both
def test_who_leaves_takes_the_file_out_of_the_house(
    db: Session, award: Award, ada: User, client: LookingClient, team: User
) -> None:
    where = address(award)
    rules.erase_holder(db, ada.id)
    upload_offers.erase(db, ada.id)
    db.commit()
    assert counted(db) == (1, 0)
    assert client.sign_in(team).get(where).status_code == 404


@both
def test_erasing_the_file_alone_keeps_the_judgement(
    db: Session, award: Award, ada: User, client: LookingClient
) -> None:
    upload_offers.erase(db, ada.id)
    db.commit()
    db.expire_all()
    assert award.judgements[0].reason == "Vue en Seconde 4."
    assert client.sign_in(ada).get(f"/credentials/{award.id}").status_code == 200
