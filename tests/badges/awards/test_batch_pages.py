"""The pages of awarding in number: a file, its dry run, the yes, how far it is."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import queries, views
from badges.awards.batches import csv_lines
from badges.awards.batches import views as batch_views
from badges.awards.keys import Signer
from badges.awards.models import AwardBatch, AwardBatchLine, BatchState
from badges.designs.models import BadgeClass
from courses.paths.models import Path
from tests.support.badges import finish_path, make_path_badge, open_badges
from tests.support.batches import addresses, csv_of, work
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.people.models import User


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Tiphaine")


@pytest.fixture
def made(db: Session, signer: Signer) -> tuple[BadgeClass, Path]:
    return make_path_badge(db)


def send(client: LookingClient, badge: BadgeClass, data: bytes, name: str = "liste.csv") -> str:
    """Upload the file; gives the address of its dry run."""
    answer = client.post(
        f"/badges/{badge.slug}/attribuer/fichier",
        data={"file": (io.BytesIO(data), name), "seance": ""},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.headers["Location"]


def test_a_file_is_shown_line_by_line_confirmed_and_followed_to_its_end(
    db: Session,
    make: Factory,
    client: LookingClient,
    team: User,
    signer: Signer,
    made: tuple[BadgeClass, Path],
) -> None:
    badge, path = made
    ada, dora = make.user(name="Ada Lovelace"), make.user(name="Dora")
    finish_path(db, ada, path, make.user("facilitator"))
    client.sign_in(team)
    choose = client.get(f"/badges/{badge.slug}/attribuer").get_data(as_text=True)
    assert f"/badges/{badge.slug}/attribuer/fichier" in choose
    page = send(
        client, badge, csv_of(ada.email, dora.email, "eve@example.org;<b>Ève</b>;vue", "faux@")
    )
    html = client.get(page).get_data(as_text=True)
    assert "4 lignes lues" in html
    assert "Attribuer le badge à 2 personnes" in html
    for told in ("Recevra le badge", "Ne remplit pas", "ne suit pas le parcours", "l’attendra"):
        assert told in html
    assert "<b>Ève</b>" not in html
    assert "Ligne à corriger" in html
    only = client.get(f"{page}?voir=criteres").get_data(as_text=True)
    assert "Dora" in only
    assert "eve@example.org" not in only

    refused = client.post(f"{page}/confirmer", data={"ground": ""})
    assert refused.status_code == 422
    assert "Dites sur quoi repose" in refused.get_data(as_text=True)
    assert not queries.list_all_awards(db)
    yes = client.post(f"{page}/confirmer", data={"ground": "Atelier du 12 mars."})
    assert yes.status_code == 302
    html = client.get(page).get_data(as_text=True)
    assert 'hx-trigger="every 2s"' in html
    assert "htmx-2" in html
    part = client.get(f"{page}/avancement").get_data(as_text=True)
    assert '<progress class="wide" max="2" value="0"' in part
    work(db, signer)
    done = client.get(f"{page}/avancement").get_data(as_text=True)
    assert '<progress class="wide" max="2" value="2"' in done
    assert "hx-trigger" not in done, "it asks no more"
    assert "L’attribution est terminée" in done
    html = client.get(page).get_data(as_text=True)
    assert "Attribué, attend la personne" in html
    assert "Atelier du 12 mars." in html
    assert "Terminée" in client.get("/attributions").get_data(as_text=True)
    other = client.get(f"/attributions?badge={badge.slug}").get_data(as_text=True)
    assert "2 sur 2" in other


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Choisissez un fichier CSV."),
        (b"nom\nAda\n", "Aucune colonne d’adresses"),
        (b"PK\x03\x04" + b"\0" * 50, "C’est un classeur"),
        (b"e-mail\n" + b"x" * 5_000, "trop lourd"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field_and_nothing_is_kept(
    db: Session,
    client: LookingClient,
    team: User,
    made: tuple[BadgeClass, Path],
    data: bytes,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        batch_views, "MAX_BYTES", 4_000
    )  # a large one would stay open in the client
    monkeypatch.setattr(csv_lines, "MAX_BYTES", 4_000)
    client.sign_in(team)
    answer = client.post(
        f"/badges/{made[0].slug}/attribuer/fichier",
        data={"file": (io.BytesIO(data), "liste.csv" if data else ""), "seance": ""},
        content_type="multipart/form-data",
    )
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in re.sub(r"<[^>]+>", "", html)
    assert 'id="file-error"' in html
    db.rollback()
    assert db.scalars(select(AwardBatch)).all() == []


def test_a_dry_run_is_its_authors_alone_until_confirmed(
    db: Session,
    make: Factory,
    client: LookingClient,
    team: User,
    made: tuple[BadgeClass, Path],
) -> None:
    page = send(client.sign_in(team), made[0], csv_of("eve@example.org"))
    client.sign_in(make.user("facilitator"))
    assert client.get(page).status_code == 404
    assert client.get(f"{page}/avancement").status_code == 404
    for deed in ("confirmer", "abandonner", "arreter"):
        assert client.post(f"{page}/{deed}", data={"ground": "x"}).status_code == 404
    assert "eve@example.org" not in client.get("/attributions").get_data(as_text=True)
    client.sign_in(team)
    client.post(f"{page}/confirmer", data={"ground": "Vue."})
    client.sign_in(make.user("facilitator"))
    assert client.get(page).status_code == 200


def test_giving_up_a_dry_run_forgets_its_list(
    db: Session, client: LookingClient, team: User, made: tuple[BadgeClass, Path]
) -> None:
    page = send(client.sign_in(team), made[0], csv_of("eve@example.org"))
    assert client.post(f"{page}/abandonner").status_code == 302
    assert client.get(page).status_code == 404
    db.rollback()
    assert db.scalars(select(AwardBatchLine)).all() == []


def test_a_batch_is_stopped_from_its_page_and_says_what_was_left(
    db: Session, client: LookingClient, team: User, made: tuple[BadgeClass, Path]
) -> None:
    page = send(client.sign_in(team), made[0], csv_of(*addresses(3)))
    client.post(f"{page}/confirmer", data={"ground": "Vues."})
    assert client.post(f"{page}/arreter").status_code == 302
    html = client.get(page).get_data(as_text=True)
    assert "L’attribution a été arrêtée" in html
    assert "3 lignes ont été laissées de côté" in html
    again = client.post(f"{page}/arreter", follow_redirects=True).get_data(as_text=True)
    assert "n’est pas en cours" in again


def test_a_second_yes_is_told_and_awards_nothing_twice(
    client: LookingClient, team: User, made: tuple[BadgeClass, Path]
) -> None:
    page = send(client.sign_in(team), made[0], csv_of("eve@example.org"))
    client.post(f"{page}/confirmer", data={"ground": "Vue."})
    again = client.post(
        f"{page}/confirmer",
        data={"ground": "Vue."},
        headers={"Referer": f"http://localhost{page}"},
        follow_redirects=True,
    )
    assert "déjà confirmée" in again.get_data(as_text=True)


def test_many_people_ticked_on_a_page_become_a_batch_and_few_are_awarded_at_once(
    app: Flask,
    db: Session,
    make: Factory,
    client: LookingClient,
    team: User,
    signer: Signer,
    made: tuple[BadgeClass, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge, path = made
    people = [make.user() for _ in range(4)]
    for person in people:
        finish_path(db, person, path, make.user("facilitator"))
    monkeypatch.setattr(views, "IN_NUMBER", 2)
    client.sign_in(team)
    form = {"parcours": path.slug, "seance": ""}
    few = client.post(
        f"/badges/{badge.slug}/attribuer", data={**form, "people": [str(p.id) for p in people[:2]]}
    )
    assert few.headers["Location"].endswith("/attribues")
    many = client.post(
        f"/badges/{badge.slug}/attribuer", data={**form, "people": [str(p.id) for p in people]}
    )
    assert "/attributions/" in many.headers["Location"]
    work(db, signer)
    db.rollback()
    batch = db.get_one(AwardBatch, UUID(many.headers["Location"].rpartition("/")[2]))
    assert batch.state is BatchState.DONE
    html = client.get(many.headers["Location"]).get_data(as_text=True)
    assert "Personnes cochées sur une page" in html
    assert people[0].name in html
    assert len(queries.list_all_awards(db)) == 4


def test_the_worker_is_woken_by_the_yes(
    app: Flask,
    client: LookingClient,
    team: User,
    made: tuple[BadgeClass, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken: list[str] = []
    monkeypatch.setitem(app.extensions, "tierslieu.wake", woken.append)
    page = send(client.sign_in(team), made[0], csv_of("eve@example.org"))
    monkeypatch.setitem(app.config, "TESTING", False)
    client.post(f"{page}/confirmer", data={"ground": "Vue."})
    assert woken == ["award_batches"]


def test_a_list_of_several_pages_is_turned_and_filtered(
    client: LookingClient, team: User, made: tuple[BadgeClass, Path]
) -> None:
    page = send(client.sign_in(team), made[0], csv_of(*addresses(30), "faux"))
    assert "Page 1 sur 2" in client.get(page).get_data(as_text=True)
    second = client.get(f"{page}?page=2").get_data(as_text=True)
    assert "faux" in second
    only = client.get(f"{page}?voir=adresses").get_data(as_text=True)
    assert "Page 1" not in only
    assert client.get(f"{page}?voir=nimporte&page=0").status_code == 200
