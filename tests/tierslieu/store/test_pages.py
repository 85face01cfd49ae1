"""What people get of files in a bucket, and when the store is away."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback
from courses.progress.answering.previews import preview
from tests.support.buckets import gone
from tests.support.client import LookingClient
from tests.support.courses import make_path, step_facts, steps_of
from tests.support.factories import Factory
from tests.support.feedback import BODY, photograph
from tierslieu.app import create_app
from tierslieu.db import db as database
from tierslieu.store.buckets import Bucket, BucketShelf
from tierslieu.store.folders import FolderShelf
from tierslieu.store.shelf import Shelf
from tierslieu.uploads.models import Upload
from tierslieu.web.sending import send_kept

SENTENCE = "Les fichiers du lieu ne répondent pas"


def move(app: Flask, monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    monkeypatch.setitem(app.config, "TIERSLIEU", replace(app.config["TIERSLIEU"], bucket=bucket))


def test_a_picture_goes_there_and_comes_back_and_without_the_store_a_page_says_so(
    app: Flask,
    client: LookingClient,
    db: Session,
    make: Factory,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "https://example.org/cours/a"
    step = steps_of(db, make_path(db, steps=[step_facts("A", url=url)]))[0]
    client.sign_in(make.user())
    address = f"/etapes/{step.id}/signaler"

    def given() -> dict[str, object]:
        return {"kind": "error", "body": BODY, "picture": (io.BytesIO(photograph()), "a.webp")}

    move(app, monkeypatch, gone(bucket))
    refused = client.post(address, data=given())
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "60"
    assert SENTENCE in refused.text
    assert list(db.scalars(select(CourseFeedback))) == []
    assert list(db.scalars(select(Upload))) == []

    move(app, monkeypatch, bucket)
    assert client.post(address, data=given()).status_code == 302
    db.rollback()
    report = db.scalars(select(CourseFeedback)).one()
    assert report.picture is not None
    digest = report.picture.sha256
    assert [entry.name for entry in BucketShelf(bucket, "uploads").entries()] == [digest]
    found = client.get(f"/signalements/{report.id}/capture")
    assert found.data == BucketShelf(bucket, "uploads").read(digest)
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert found.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

    move(app, monkeypatch, gone(bucket))
    away = client.get(f"/signalements/{report.id}/capture")
    assert (away.status_code, SENTENCE in away.text) == (503, True)
    told = client.get(f"/signalements/{report.id}/capture", headers={"Accept": "application/json"})
    assert told.status_code == 503
    assert told.get_json()["code"] == "files_away"


def test_a_page_that_shows_the_beginning_of_a_file_goes_without_it_while_the_store_is_away(
    bucket: Bucket,
) -> None:
    upload = Upload(sha256="0" * 64, media_type="text/plain")
    shelf = BucketShelf(bucket, "uploads")
    shelf.write(upload.sha256, b"Bonjour")
    shown = preview(shelf, upload)
    assert shown is not None
    assert shown.text == "Bonjour"
    assert preview(BucketShelf(gone(bucket), "uploads"), upload) is None


@pytest.mark.parametrize("where", ["folder", "bucket"])
def test_a_download_goes_on_from_its_middle(
    app: Flask, bucket: Bucket, tmp_path: object, where: str
) -> None:
    shelf: Shelf = BucketShelf(bucket, "papers")
    if where == "folder":
        shelf = FolderShelf(tmp_path)  # type: ignore[arg-type]
    data = bytes(range(256)) * 100
    shelf.write("a.zip", data)

    def ask(**headers: str) -> tuple[int, bytes, dict[str, str]]:
        with app.test_request_context(headers=headers):
            answer = send_kept(shelf.open("a.zip"), "à.zip", "application/zip", mark="a")
            answer.direct_passthrough = False
            found = answer.status_code, answer.get_data(), dict(answer.headers)
            answer.close()
            return found

    status, got, headers = ask()
    assert (status, got, headers["Content-Length"]) == (200, data, str(len(data)))
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"].startswith("attachment")
    status, got, later = ask(Range="bytes=1000-1009")
    assert (status, got) == (206, data[1000:1010])
    assert later["Content-Range"] == f"bytes 1000-1009/{len(data)}"
    assert ask(**{"Range": "bytes=5-", "If-Range": '"other"'})[0] == 200
    assert ask(**{"Range": "bytes=5-", "If-Range": headers["ETag"]})[:2] == (206, data[5:])


@pytest.mark.both_databases
def test_what_is_handed_in_on_one_host_is_fetched_on_another(
    app: Flask,
    client: LookingClient,
    db: Session,
    make: Factory,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    move(app, monkeypatch, bucket)
    settings = replace(app.config["TIERSLIEU"], instance=tmp_path)  # of one host alone
    other = create_app(settings)
    other.test_client_class = LookingClient
    step = steps_of(db, make_path(db, steps=[step_facts("A", url="https://example.org/a")]))[0]
    ada = make.user()
    client.sign_in(ada)
    given = {"kind": "error", "body": BODY, "picture": (io.BytesIO(photograph()), "a.webp")}
    assert client.post(f"/etapes/{step.id}/signaler", data=given).status_code == 302
    db.rollback()
    report = db.scalars(select(CourseFeedback)).one()
    here = client.get(f"/signalements/{report.id}/capture")
    browser: LookingClient = other.test_client()  # type: ignore[assignment]
    there = browser.sign_in(ada).get(f"/signalements/{report.id}/capture")
    assert there.status_code == 200
    assert there.data == here.data
    assert not (tmp_path / "uploads").exists()
    with other.app_context():  # its connections are its own
        database.session.remove()
        database.engine.dispose()
