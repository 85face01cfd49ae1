"""Files handed in: only what they say they are, kept whole, found again, swept when unused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.store.folders import FolderShelf
from tierslieu.uploads.kinds import MAX_ENTRIES, MAX_NAME, clean_name
from tierslieu.uploads.models import Upload
from tierslieu.uploads.offers import check_files, erase, export
from tierslieu.uploads.queries import list_digests
from tierslieu.uploads.rules import MAX_SIZE, check_file, read_upload, store_upload, sweep_files

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def odt() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    return buffer.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()


@pytest.fixture
def folder(app: Flask) -> Path:
    return Path(app.config["TIERSLIEU"].uploads.folder)


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PNG", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("é.txt", "Été à la plage".encode(), "text/plain"),
        ("vieux.txt", "Été".encode("cp1252"), "text/plain"),
        ("a.csv", b"a;b\r\n1;2\r\n", "text/csv"),
        ("a.py", b"print('bonjour')\n", "text/x-python"),
        ("a.ipynb", NOTEBOOK, "application/x-ipynb+json"),
        ("a.odt", odt(), "application/vnd.oasis.opendocument.text"),
        (
            "a.docx",
            DOCX,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
def test_a_file_that_is_what_it_says_is_taken(
    app: Flask, name: str, data: bytes, media_type: str
) -> None:
    with app.test_request_context():
        assert check_file(name, data) == media_type


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"", "file_empty"),
        ("a.txt", b"x" * (MAX_SIZE + 1), "file_too_big"),
        ("a.exe", b"MZ\x90\0", "file_kind"),
        ("a.svg", b"<svg onload='x'/>", "file_kind"),
        ("a.html", b"<script>", "file_kind"),
        ("sans-fin", b"texte", "file_kind"),
        ("", b"texte", "file_kind"),
        ("a.pdf", PNG, "file_not_what_it_says"),
        ("a.png", b"<svg/>", "file_not_what_it_says"),
        ("a.jpg", PNG, "file_not_what_it_says"),
        ("a.txt", b"MZ\x90\0\x03", "file_not_what_it_says"),
        ("a.txt", b"\x1b[2J", "file_not_what_it_says"),
        ("a.csv", PDF + b"\0", "file_not_what_it_says"),
        ("a.ipynb", b"{}", "file_not_what_it_says"),
        ("a.ipynb", b"[" * 100_000, "file_not_what_it_says"),
        ("a.odt", DOCX, "file_not_what_it_says"),
        ("a.docx", odt(), "file_not_what_it_says"),
        ("a.docx", b"PK\x03\x04rien", "file_not_what_it_says"),
        (
            "a.docx",
            zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "file_not_what_it_says",
        ),
    ],
)
def test_a_file_too_big_or_not_what_it_says_is_refused_with_a_sentence(
    app: Flask, name: str, data: bytes, code: str
) -> None:
    with app.test_request_context(), pytest.raises(Refused) as refused:
        check_file(name, data)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert len(refused.value.message) > 30


def test_ten_megabytes_are_possible(app: Flask) -> None:
    with app.test_request_context():
        assert check_file("a.txt", b"x" * MAX_SIZE) == "text/plain"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Moi\\notes.txt", "notes.txt"),
        ("devoir\u202efdp.txt", "devoirfdp.txt"),
        ("a\0b\n.txt", "ab.txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        (" .txt", "txt"),
        ("x" * 300 + ".pdf", "x" * (MAX_NAME - 4) + ".pdf"),
    ],
)
def test_a_name_is_cleaned_of_folders_and_of_what_is_invisible(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text())
def test_no_name_leads_out_of_the_folder_or_breaks_a_header(name: str) -> None:
    cleaned = clean_name(name)
    assert "/" not in cleaned
    assert "\\" not in cleaned
    assert cleaned not in (".", "..")
    assert cleaned.isprintable()


@pytest.mark.both_databases
def test_a_file_is_given_back_byte_for_byte(db: Session, make: Factory, folder: Path) -> None:
    upload = store_upload(db, FolderShelf(folder), make.user().id, "à rendre.pdf", PDF, now=NOW)
    db.commit()
    assert read_upload(FolderShelf(folder), upload) == PDF
    assert (upload.filename, upload.size) == ("à rendre.pdf", len(PDF))
    assert (folder / upload.sha256).stat().st_mode & 0o077 == 0  # for the server alone
    assert check_files(db).broken == []


@pytest.mark.both_databases
def test_a_refused_file_leaves_neither_row_nor_bytes(
    db: Session, make: Factory, folder: Path
) -> None:
    before = set(folder.iterdir()) if folder.exists() else set()
    with pytest.raises(Refused):
        store_upload(db, FolderShelf(folder), make.user().id, "a.pdf", PNG + os.urandom(8), now=NOW)
    assert db.scalar(select(func.count(Upload.id))) == 0
    assert (set(folder.iterdir()) if folder.exists() else set()) == before


def test_the_same_bytes_of_two_people_are_kept_once_and_outlive_the_first(
    db: Session, make: Factory, tmp_path: Path
) -> None:
    one, two = make.user(), make.user()
    for user in (one, two):
        store_upload(db, FolderShelf(tmp_path), user.id, "a.pdf", PDF, now=NOW)
    db.commit()
    assert len(list(tmp_path.iterdir())) == 1
    erase(db, one.id)
    db.commit()
    assert export(db, one.id) == []
    later = datetime.fromtimestamp(next(tmp_path.iterdir()).stat().st_mtime + 7200, UTC)
    assert sweep_files(FolderShelf(tmp_path), list_digests(db), now=later) == 0
    erase(db, two.id)
    db.commit()
    assert sweep_files(FolderShelf(tmp_path), list_digests(db), now=later) == 1
    assert list(tmp_path.iterdir()) == []


def test_bytes_whose_row_is_not_yet_committed_are_not_swept(
    db: Session, make: Factory, tmp_path: Path
) -> None:
    store_upload(db, FolderShelf(tmp_path), make.user().id, "a.pdf", PDF, now=NOW)
    written = datetime.fromtimestamp(next(tmp_path.iterdir()).stat().st_mtime + 60, UTC)
    assert sweep_files(FolderShelf(tmp_path), set(), now=written) == 0
    assert sweep_files(FolderShelf(tmp_path / "absent"), set(), now=written) == 0


def test_what_is_handed_in_anew_while_others_are_swept_stays(
    db: Session, make: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, owner = FolderShelf(tmp_path), make.user()
    texts = [b"premier", b"second"]
    digests = sorted(hashlib.sha256(text).hexdigest() for text in texts)
    for text in texts:
        store_upload(db, shelf, owner.id, "a.txt", text, now=NOW)
    now = datetime.now(UTC)
    for digest in digests:
        os.utime(tmp_path / digest, (now.timestamp() - 7200,) * 2)
    really_delete = FolderShelf.delete

    def delete(one: FolderShelf, name: str) -> None:
        really_delete(one, name)
        os.utime(tmp_path / digests[1])  # as writing the same bytes makes it young

    monkeypatch.setattr(FolderShelf, "delete", delete)
    assert sweep_files(shelf, set(), now=now) == 1
    assert [path.name for path in tmp_path.iterdir()] == digests[1:]


def test_a_lost_file_is_told_to_whoever_asks_and_to_the_audit(
    db: Session, make: Factory, folder: Path
) -> None:
    upload = store_upload(
        db, FolderShelf(folder), make.user().id, "a.txt", b"unique au monde", now=NOW
    )
    db.commit()
    (folder / upload.sha256).write_bytes(b"autre chose")
    assert list(check_files(db).broken) == [f"upload {upload.id}: changed"]
    (folder / upload.sha256).unlink()
    assert list(check_files(db).broken) == [f"upload {upload.id}: lost"]
    with pytest.raises(Refused, match="n’est plus sur le serveur"):
        read_upload(FolderShelf(folder), upload)


def test_an_archive_of_too_many_entries_is_refused_before_it_is_opened() -> None:
    many = zipped("[Content_Types].xml", "word/document.xml", *map(str, range(MAX_ENTRIES)))
    with pytest.raises(Refused) as refused:
        check_file("rapport.docx", many)
    assert refused.value.code == "file_not_what_it_says"


def test_nobody_fills_the_disk(
    db: Session, make: Factory, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make.user(), make.user()
    monkeypatch.setattr("tierslieu.uploads.rules.MAX_TOTAL", 2 * len(PDF))
    for name in ("a.pdf", "b.pdf"):
        store_upload(db, FolderShelf(folder), one.id, name, PDF, now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        store_upload(db, FolderShelf(folder), one.id, "c.pdf", PDF, now=NOW)
    assert (refused.value.code, refused.value.field) == ("file_no_room", "file")
    store_upload(db, FolderShelf(folder), other.id, "c.pdf", PDF, now=NOW)
