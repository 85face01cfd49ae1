"""Files beside an entry of either base: joined, taken away, and had by whoever sees the entry."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.community import announce, join_file, make_pilot, share
from tests.support.factories import Factory
from tierslieu.community.contents.models import Content
from tierslieu.community.entries.models import EntryFile
from tierslieu.community.events.models import Event
from tierslieu.people.models import User
from tierslieu.settings import Settings
from tierslieu.uploads.models import Upload

pytestmark = pytest.mark.both_databases
MAKERS: dict[str, Any] = {"ressources": share, "evenements": announce}


def files_url(base: str, entry: Content | Event) -> str:
    return f"/{base}/{entry.id}/fichiers"


def send(client: LookingClient, url: str, name: str, data: bytes) -> Any:
    form = {"file": (io.BytesIO(data), name)}
    return client.post(url, data=form, content_type="multipart/form-data", follow_redirects=True)


@pytest.mark.parametrize("base", MAKERS)
def test_a_file_is_joined_had_unchanged_and_taken_away(
    client: LookingClient, db: Session, make: Factory, base: str
) -> None:
    owner = make.user()
    entry = MAKERS[base](db, owner)
    url = files_url(base, entry)
    client.sign_in(owner)
    assert "Le fichier est joint." in send(client, url, "../plan.txt", b"Voici.").text
    file_id = db.scalars(select(EntryFile.id)).one()
    client.sign_in(make.user())
    assert "plan.txt" in client.get(f"/{base}/{entry.id}").text
    answer = client.get(f"{url}/{file_id}")
    assert answer.data == b"Voici."
    assert "attachment" in answer.headers["Content-Disposition"]
    assert client.post(f"{url}/{file_id}/retirer").status_code == 404
    client.sign_in(owner).post(f"{url}/{file_id}/retirer")
    assert client.get(f"{url}/{file_id}").status_code == 404
    db.rollback()
    assert db.scalar(select(func.count(Upload.id))) == 0
    assert db.scalar(select(func.count(EntryFile.id))) == 0


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("jeu.exe", b"MZ", "Ce genre de fichier n’est pas accepté"),
        ("vide.txt", b"", "Ce fichier est vide"),
        ("image.png", b"texte", "n’est pas ce que dit son nom"),
    ],
)
def test_a_file_that_cannot_be_kept_is_told_beside_its_field(
    client: LookingClient, db: Session, make: Factory, name: str, data: bytes, sentence: str
) -> None:
    owner = make.user()
    entry = share(db, owner)
    response = send(client.sign_in(owner), files_url("ressources", entry), name, data)
    assert response.status_code == 422
    assert sentence in response.text
    assert db.scalar(select(func.count(Upload.id))) == 0


def test_ten_files_and_no_more_stand_beside_an_entry(
    client: LookingClient, db: Session, make: Factory, settings: Settings
) -> None:
    owner = make.user()
    entry = share(db, owner)
    for number in range(10):
        join_file(db, settings, entry, owner, f"{number}.txt")
    client.sign_in(owner)
    url = files_url("ressources", entry)
    assert "Joindre un fichier" not in client.get(url).text
    response = send(client, url, "onze.txt", b"Onze")
    assert response.status_code == 422
    assert "Dix fichiers sont déjà joints" in response.text
    assert db.scalar(select(func.count(Upload.id))) == 10


def test_a_file_is_not_had_through_another_entry(
    client: LookingClient, db: Session, make: Factory, team: User, settings: Settings
) -> None:
    owner, outsider = make.user(), make.user()
    pilot = make_pilot(db, team, owner.email)
    closed = share(db, owner, pilot_id=pilot.id)
    file_id = join_file(db, settings, closed, owner)
    opened, event = share(db, outsider, "À moi"), announce(db, outsider)
    client.sign_in(outsider)
    for base, entry in (("ressources", closed), ("ressources", opened), ("evenements", event)):
        assert client.get(f"{files_url(base, entry)}/{file_id}").status_code == 404
        assert client.post(f"{files_url(base, entry)}/{file_id}/retirer").status_code == 404
    assert db.scalar(select(func.count(EntryFile.id))) == 1
