"""A place whose files lie in a bucket: its keys, its health, its copies, its sweep."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from badges.awards import keys
from tests.support.backups import back_up, broken_in, opened, put_back
from tests.support.buckets import environment_of_bucket, gone, make_bucket
from tests.support.factories import Factory
from tierslieu import clock, doctor
from tierslieu.app import create_app
from tierslieu.backup import age
from tierslieu.backup.copying import NotDone
from tierslieu.db import db as database
from tierslieu.opening import open_place
from tierslieu.settings import Settings
from tierslieu.store import looking
from tierslieu.store.buckets import Bucket, BucketShelf, client_of
from tierslieu.store.sealing import MAGIC, SealedShelf
from tierslieu.store.shelf import StoreAway
from tierslieu.surveys.pseudonyms import key_file, read_key
from tierslieu.surveys.studies.opening import STUDY_SLUG
from tierslieu.uploads.models import Upload
from tierslieu.uploads.offers import check_files
from tierslieu.uploads.queries import list_digests
from tierslieu.uploads.rules import read_upload, store_upload, sweep_files

pytestmark = pytest.mark.xdist_group("bucket")  # the place is opened once

NOW = clock.now()


@pytest.fixture(autouse=True)
def _quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "WORK", 6)


def settings_of(app: Flask) -> Settings:
    found: Settings = app.config["TIERSLIEU"]
    return found


def move(app: Flask, monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> Settings:
    """From here on the files of this place are looked for there."""
    settings = replace(settings_of(app), bucket=bucket)
    monkeypatch.setitem(app.config, "TIERSLIEU", settings)
    return settings


def bucket_of(app: Flask) -> Bucket:
    found = settings_of(app).bucket
    assert found is not None
    return found


def ask(app: Flask) -> tuple[int, dict[str, str]]:
    answer = app.test_client().get("/healthz")
    return answer.status_code, answer.get_json().get("wrong", {})


def test_it_is_well_and_no_key_lies_in_the_clear_there_nor_on_this_machine(
    place_on_a_bucket: Flask,
) -> None:
    assert ask(place_on_a_bucket) == (200, {})
    inner = BucketShelf(bucket_of(place_on_a_bucket), "keys")
    names = [entry.name for entry in inner.entries()]
    assert len([name for name in names if name.startswith("badges-")]) == 3
    assert key_file(STUDY_SLUG) in names
    study = read_key(settings_of(place_on_a_bucket).keys, STUDY_SLUG)
    for name in names:
        data = inner.read(name)
        assert data.startswith(MAGIC)
        assert b"PRIVATE KEY" not in data
        assert study.hex().encode() not in data
    left = {path.name for path in settings_of(place_on_a_bucket).instance.iterdir()}
    assert not left & {"keys", "uploads", "packages", "papers"}


def test_a_bucket_where_nobody_answers_is_named_by_healthz_in_time_and_by_doctor(
    place_on_a_bucket: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = bucket_of(place_on_a_bucket)
    for away in (gone(bucket), replace(bucket, name="nobodys")):
        move(place_on_a_bucket, monkeypatch, away)
        began = time.monotonic()
        status, wrong = ask(place_on_a_bucket)
        assert time.monotonic() - began < 4
        assert (status, set(wrong)) == (503, {"files"})
        assert "127.0.0.1" not in wrong["files"]
        found = doctor.examine(place_on_a_bucket).wrong
        assert "TIERSLIEU_FILES" in found["files"]
    with pytest.raises(StoreAway):
        open_place(place_on_a_bucket)


def test_doctor_finds_nothing_unsafe_in_a_closed_bucket_and_leaves_nothing_there(
    place_on_a_bucket: Flask,
) -> None:
    bucket = bucket_of(place_on_a_bucket)
    assert looking.find_weaknesses(bucket) == {}
    assert BucketShelf(bucket, looking.PROBES).is_empty()
    for address, is_clear in (
        ("", False),
        ("https://store.example", False),
        ("http://store.example", True),
        ("http://localhost.example:9000", True),
        ("http://localhost:9000", False),
        ("http://127.0.0.1:9000", False),
    ):
        assert looking.travels_in_clear(replace(bucket, endpoint=address)) == is_clear


def test_doctor_names_a_bucket_that_anybody_reads_or_that_forgets_nothing(bucket: Bucket) -> None:
    client = client_of(bucket)
    client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    everybody = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket.name}/*",
            }
        ],
    }
    client.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(everybody))
    assert set(looking.find_weaknesses(bucket)) == {"files_public", "files_versions"}
    expiry = {
        "ID": "former",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    }
    client.delete_bucket_policy(Bucket=bucket.name)
    # Rules that end nothing of what lies there, and a bucket that keeps what it had.
    for rule in (expiry | {"Status": "Disabled"}, expiry | {"Filter": {"Prefix": "elsewhere/"}}):
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket.name, LifecycleConfiguration={"Rules": [rule]}
        )
        assert set(looking.find_weaknesses(bucket)) == {"files_versions"}
    client.put_bucket_versioning(
        Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"}
    )
    assert set(looking.find_weaknesses(bucket)) == {"files_versions"}
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket.name, LifecycleConfiguration={"Rules": [expiry]}
    )
    assert looking.find_weaknesses(bucket) == {}


def test_doctor_names_a_store_that_writes_over_what_should_be_made_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_over(shelf: BucketShelf, name: str, data: bytes) -> bool:
        shelf.write(name, data)
        return True

    monkeypatch.setattr(BucketShelf, "create", write_over)
    assert set(looking.find_weaknesses(bucket)) == {"files_once"}


def test_another_passphrase_opens_every_key_anew_also_when_it_is_stopped_in_the_middle(
    place_on_a_bucket: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = settings_of(place_on_a_bucket)
    after = replace(before, key_passphrase="cinq autres mots mieux choisis")
    study = read_key(before.keys, STUDY_SLUG)
    with place_on_a_bucket.app_context():
        session = database.session()
        written: list[str] = []

        def stop(shelf: SealedShelf, name: str, data: bytes) -> None:
            if len(written) == 2:
                raise StoreAway(5, "stopped in the middle")
            written.append(name)
            really_write(shelf, name, data)

        really_write = SealedShelf.write
        with monkeypatch.context() as patch:
            patch.setattr(SealedShelf, "write", stop)
            with pytest.raises(StoreAway):
                keys.encrypt_keys(session, before, after)
        try:
            assert keys.encrypt_keys(session, before, after) == 3
            assert read_key(after.keys, STUDY_SLUG) == study
            assert keys.load_signer(session, after).key
            with pytest.raises(keys.KeyUnreadable, match="TIERSLIEU_KEY_PASSPHRASE"):
                keys.load_signer(session, before)
        finally:
            keys.encrypt_keys(session, after, before)
        session.rollback()
    assert ask(place_on_a_bucket) == (200, {})


def test_a_key_put_back_under_its_former_passphrase_takes_that_of_today(
    place_on_a_bucket: Flask,
) -> None:
    """As a backup made under another passphrase leaves it: one within the other."""
    today = settings_of(place_on_a_bucket)
    former = replace(today, key_passphrase="cinq autres mots mieux choisis")
    with place_on_a_bucket.app_context():
        session = database.session()
        for row in keys.list_keys(session):
            name = keys.key_file(keys.public_key(row).name)
            pem = keys.read_key(today, row).to_pem(former.key_passphrase)
            today.keys.write(name, pem)
        with pytest.raises(keys.KeyUnreadable):
            keys.load_signer(session, today)
        assert keys.encrypt_keys(session, former, today) >= 1
        assert keys.load_signer(session, today).key
        session.rollback()


def test_an_upload_comes_back_an_orphan_is_swept_and_what_is_lost_or_away_is_told(
    place_on_a_bucket: Flask, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = move(place_on_a_bucket, monkeypatch, bucket).uploads
    with place_on_a_bucket.test_request_context():
        session = database.session()
        session.execute(delete(Upload))  # those of other tests lie elsewhere
        owner = Factory(session).user().id
        upload = store_upload(session, shelf, owner, "a.txt", b"bonjour", now=NOW)
        shelf.write("0" * 64, b"an orphan")
        assert read_upload(shelf, upload) == b"bonjour"
        used, later = list_digests(session), clock.now() + timedelta(minutes=61)
        assert sweep_files(shelf, used, now=clock.now()) == 0
        assert sweep_files(shelf, used, now=later) == 1
        assert [entry.name for entry in shelf.entries()] == [upload.sha256]
        assert check_files(session).broken == []
        move(place_on_a_bucket, monkeypatch, gone(bucket))
        (said,) = check_files(session).broken
        assert "does not answer" in said
        move(place_on_a_bucket, monkeypatch, bucket)
        shelf.write(upload.sha256, b"another")
        assert "changed" in check_files(session).broken[0]
        shelf.delete(upload.sha256)
        assert "lost" in check_files(session).broken[0]
        session.rollback()


def keep_upload(app: Flask, data: bytes) -> str:
    """The digest of a file somebody handed in."""
    with app.test_request_context():
        session = database.session()
        shelf, owner = settings_of(app).uploads, Factory(session).user().id
        upload = store_upload(session, shelf, owner, "a.txt", data, now=NOW)
        session.commit()
        return upload.sha256


def test_a_backup_holds_what_lies_there_as_a_folder_would_or_says_that_it_could_not(
    place_on_a_bucket: Flask, tmp_path: Path
) -> None:
    here, path = settings_of(place_on_a_bucket), tmp_path / "place.tar.gz.age"
    digest = keep_upload(place_on_a_bucket, b"un travail")
    assert not back_up(here, path).manifest.missing
    inside = opened(path, tmp_path)
    assert (inside / "uploads" / digest).read_bytes() == b"un travail"
    study = read_key(here.keys, STUDY_SLUG).hex()
    assert (inside / "keys" / key_file(STUDY_SLUG)).read_text().strip() == study
    assert len(list((inside / "keys").glob("badges-*.pem"))) == 3
    away = replace(here, bucket=gone(bucket_of(place_on_a_bucket)))
    with pytest.raises(NotDone) as refused:
        back_up(away, tmp_path / "away.tar.gz.age")
    assert refused.value.code == "files_away"
    assert not list(tmp_path.glob("*away*"))


@pytest.mark.proof
@pytest.mark.beside
def test_a_place_goes_from_a_bucket_to_a_folder_and_back_and_nothing_is_lost(
    place_on_a_bucket: Flask, store_address: str, tmp_path: Path
) -> None:
    there = here = settings_of(place_on_a_bucket)
    digest = keep_upload(place_on_a_bucket, b"un autre travail")
    study = read_key(here.keys, STUDY_SLUG)
    for number, bucket in enumerate((None, make_bucket(store_address))):
        path = tmp_path / f"{number}.tar.gz.age"
        back_up(there, path)
        folder = tmp_path / f"place{number}"
        folder.mkdir()
        url = f"sqlite:///{folder / 'tierslieu.sqlite'}"
        there = replace(here, instance=folder, database_url=url, bucket=bucket)
        put_back(path, there)
        assert there.uploads.read(digest) == b"un autre travail"
        assert read_key(there.keys, STUDY_SLUG) == study
        assert there.keys.is_sealed == (bucket is not None)
        app = create_app(there, TESTING=True)
        with app.app_context():
            assert broken_in(app) == []
            assert keys.find_trouble(database.session(), there) is None
            database.session.remove()
            database.engine.dispose()
    (tmp_path / "full").mkdir()
    url = f"sqlite:///{tmp_path / 'full' / 'tierslieu.sqlite'}"
    with pytest.raises(NotDone, match="not empty"):
        put_back(path, replace(there, instance=tmp_path / "full", database_url=url))
    assert there.uploads.read(digest) == b"un autre travail"


def test_the_settings_lead_there_and_show_no_secret(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tierslieu.settings import BadSetting, read_settings

    told = environment_of_bucket(bucket) | {
        "TIERSLIEU_INSTANCE": str(tmp_path),
        "TIERSLIEU_KEY_PASSPHRASE": "quatre mots bien choisis",
    }
    settings = read_settings(told)
    assert settings.bucket == bucket
    assert isinstance(settings.keys, SealedShelf)
    assert bucket.secret not in repr(settings)
    assert bucket.key_id not in repr(settings)
    usual = {k: v for k, v in told.items() if not k.startswith("TIERSLIEU_FILES_")} | {
        "AWS_ENDPOINT_URL_S3": bucket.endpoint,
        "AWS_DEFAULT_REGION": bucket.region,
        "AWS_ACCESS_KEY_ID": bucket.key_id,
        "AWS_SECRET_ACCESS_KEY": bucket.secret,
    }
    assert read_settings(usual).bucket == bucket
    for name, value in (
        ("KEY_PASSPHRASE", ""),
        ("FILES", "s3://"),
        ("FILES", "s3://Bad_Bucket/a"),
        ("FILES", "s3://bucket/../a"),
        ("FILES_ENDPOINT", "s3.example.org"),
        ("FILES_ENDPOINT", "https://me:secret@s3.example.org"),
        ("FILES_REGION", "a b"),
        ("FILES_SECRET", ""),
        ("FILES", ""),
    ):
        with pytest.raises(BadSetting) as bad:
            read_settings(told | {f"TIERSLIEU_{name}": value})
        assert f"TIERSLIEU_{name.partition('_')[0]}" in str(bad.value)
        assert "secret" not in str(bad.value)
        assert bucket.secret not in str(bad.value)
