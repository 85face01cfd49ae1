"""Packages are asked for, built by the worker, kept as they are, and handed over with a note."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.evaluation import T0, make_answered_study, make_participants
from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.surveys import answer, make_invitation, make_study, settings
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.evaluation.kept import jobs, rules
from tierslieu.evaluation.kept.jobs import build, build_asked
from tierslieu.evaluation.kept.rules import ask_package, package_file
from tierslieu.evaluation.models import PackageDownload, PackageState, ResearchPackage
from tierslieu.evaluation.package import Package
from tierslieu.store.folders import FolderShelf
from tierslieu.store.shelf import Shelf

NOW = T0 + timedelta(days=60)


@pytest.fixture(autouse=True)
def _now() -> object:
    with clock.fixed_at(NOW):
        yield


def built(db: Session) -> list[ResearchPackage]:
    db.rollback()
    return list(db.scalars(select(ResearchPackage).order_by(ResearchPackage.asked_at)))


def changes(shelf: Shelf, package: ResearchPackage) -> str:
    """What a package says of the one before."""
    with zipfile.ZipFile(path_of(shelf, package_file(package.sha256))) as archive:
        return archive.read(f"{package.name}/CHANGES.md").decode()


def test_a_researcher_asks_the_worker_builds_and_each_download_is_written_down(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make)
    researcher = make.user("researcher", name="Claire Aubert")
    url = f"/etudes/{study.id}"
    client.sign_in(researcher)
    for _twice in range(2):  # whoever asks again waits for the same
        assert client.post(f"{url}/paquet").location == f"{url}#paquets"
    assert "en préparation" in client.get(url).text
    [asked] = built(db)
    early = client.get(f"{url}/paquets/{asked.id}.zip", headers={"Referer": url})
    assert early.mimetype == "text/html"
    assert build_asked(db, NOW) == 1
    assert build_asked(db, NOW) == 0
    page = client.get(url).text
    [link] = re.findall(rf'href="({url}/paquets/[0-9a-f-]+\.zip)"', page)
    assert "tn-eval-tiers-lieu-2026.1.zip" in page
    first, second = client.get(link), client.get(link)
    assert first.mimetype == "application/zip"
    assert first.data == second.data
    assert zipfile.ZipFile(io.BytesIO(first.data)).testzip() is None
    [kept] = built(db)
    assert (kept.size, kept.participants) == (len(first.data), 12)
    assert kept.sha256 == hashlib.sha256(first.data).hexdigest()
    noted = db.scalars(select(PackageDownload)).all()
    assert [(one.user_id, one.sha256) for one in noted] == [(researcher.id, kept.sha256)] * 2
    assert client.get(url).text.count("Claire Aubert") >= 2
    other = make.user("coordinator")
    assert client.sign_in(other).get(link).status_code == 403


def test_a_package_never_changes_and_a_later_one_is_another_version(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make)
    for days in (0, 1, 2):
        at = NOW + timedelta(days=days)
        ask_package(db, study.id, user_id=None, now=at)
        db.commit()
        with clock.fixed_at(at):
            assert build_asked(db, at) == 1
        if days == 1:
            for person in make_participants(make, 5):  # fewer would be known by being new
                answer(db, make_invitation(db, person, now=at), now=at)
    first, same, later = built(db)
    assert (first.name, same.name) == ("tn-eval-tiers-lieu-2026.1",) * 2
    assert first.sha256 == same.sha256
    assert (later.name, later.participants) == ("tn-eval-tiers-lieu-2026.2", 17)
    shelf = settings().packages
    assert "rien à comparer" in changes(shelf, first)
    said = changes(shelf, later)
    assert "Depuis `tn-eval-tiers-lieu-2026.1`" in said
    assert "| `participants` | 12 | 17 |" in said
    path = path_of(shelf, package_file(first.sha256))
    assert oct(path.stat().st_mode)[-3:] == "600"
    url = f"/etudes/{study.id}"
    client.sign_in(make.user("researcher"))
    path.write_bytes(path.read_bytes()[:-1])
    gone = client.get(
        f"{url}/paquets/{first.id}.zip", headers={"Referer": url}, follow_redirects=True
    )
    assert "n’est plus le même" in gone.text
    assert db.scalars(select(PackageDownload)).all() == []


@pytest.mark.both_databases
def test_of_people_who_ask_at_once_all_wait_for_one_and_one_worker_builds_it(
    app: Flask, db: Session, make: Factory
) -> None:
    study_id = make_study(db).id
    asked: set[object] = set()

    def ask(session: Session, _number: int) -> None:
        asked.add(ask_package(session, study_id, user_id=None, now=NOW).id)

    assert at_once(app, ask) == ["done"] * AT_ONCE
    assert len(asked) == len(built(db)) == 1
    leased: list[object] = []

    def lease(session: Session, _number: int) -> None:
        found = rules.lease_package(session, NOW)
        leased.extend([found.id] if found else [])

    assert at_once(app, lease) == ["done"] * AT_ONCE
    assert len(leased) == 1
    # A worker killed at it keeps it for ten minutes, then another takes it.
    assert rules.lease_package(db, NOW + rules.LEASE - timedelta(seconds=1)) is None
    assert rules.lease_package(db, NOW + rules.LEASE) is not None


@pytest.mark.both_databases
def test_too_few_people_is_a_sentence_on_the_page_and_nothing_is_kept(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 4)
    asked = ask_package(db, study.id, user_id=None, now=NOW).id
    db.commit()
    assert build_asked(db, NOW) == 1
    [refused] = built(db)
    assert refused.state is PackageState.REFUSED
    page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}").text
    assert "Moins de 5 personnes" in page
    made = Package("tn-eval-tiers-lieu-2026.9", b"late", 4)
    rules.record_built(db, asked, made, now=NOW)  # another worker comes late: it stays refused
    db.commit()
    assert built(db)[0].state is PackageState.REFUSED


def test_a_program_asks_waits_and_receives_the_same_package(
    client: LookingClient, db: Session, make: Factory
) -> None:
    make_answered_study(db, make)
    researcher = make.user("researcher")
    key = bearing(make_secret(db, researcher, "studies:export"))
    [told] = client.get("/api/v1/studies", headers=key).get_json()["items"]
    assert (told["slug"], [wave["slug"] for wave in told["waves"]]) == (
        "tiers-lieu", ["after_session", "end_of_path", "after_week", "six_months"]
    )  # fmt: skip
    elsewhere = {**key, "Host": "elsewhere.example"}
    asked = client.post(f"/api/v1/studies/{told['id']}/exports", headers=elsewhere)
    assert (asked.status_code, asked.get_json()["state"]) == (202, "asked")
    where = asked.headers["Location"]
    assert where.startswith("http://localhost/api/v1/exports/")
    assert client.get(where, headers=key).status_code == 202
    build(db, built(db)[0].id, now=NOW)
    ready = client.get(where, headers=key)
    assert (ready.status_code, ready.mimetype) == (200, "application/zip")
    [noted] = db.scalars(select(PackageDownload)).all()
    assert noted.user_id == researcher.id
    assert noted.sha256 == hashlib.sha256(ready.data).hexdigest()
    nothing = "/api/v1/exports/00000000-0000-4000-8000-000000000000"
    assert client.get(nothing, headers=key).status_code == 404
    plain = bearing(make_secret(db, make.user(), "enrolments:write"))
    assert client.get(where, headers=plain).status_code == 403


def test_a_program_is_told_why_a_package_was_not_built(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 4)
    key = bearing(make_secret(db, make.user("researcher"), "studies:export"))
    where = client.post(f"/api/v1/studies/{study.id}/exports", headers=key).headers["Location"]
    build_asked(db, NOW)
    refused = client.get(where, headers=key)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "package_refused")
    assert "Moins de 5 personnes" in refused.get_json()["title"]


def test_who_leaves_takes_their_name_off_what_they_asked_for(
    client: LookingClient, db: Session, make: Factory
) -> None:
    from tierslieu.evaluation.rules import erase_downloader

    study_id, researcher = make_study(db).id, make.user("researcher").id
    ask_package(db, study_id, user_id=researcher, now=NOW)
    db.commit()
    erase_downloader(db, researcher)
    db.commit()
    assert [one.asked_by_id for one in built(db)] == [None]


def test_a_file_is_written_whole_or_not_at_all(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Package("tn-eval-x-2026.1", b"content", 5)
    monkeypatch.setattr(Path, "replace", lambda *_a: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        rules.store_package(FolderShelf(tmp_path), package)
    assert not path_of(FolderShelf(tmp_path), package_file(package.sha256)).exists()


class OfSomeLibrary(Exception):
    """As polars and pyreadstat raise them: no kind of ValueError."""


@pytest.mark.parametrize("fault", [ValueError, OfSomeLibrary])
def test_data_that_do_not_fit_what_they_announce_are_a_sentence_and_not_tried_for_ever(
    db: Session,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: type[Exception],
) -> None:
    study, _people = make_answered_study(db, make)
    ask_package(db, study.id, user_id=None, now=NOW)
    db.commit()

    def fail(*_args: object, **_more: object) -> Package:
        raise fault("column secret holds a value")

    monkeypatch.setattr(jobs, "prepare_package", fail)
    assert build_asked(db, NOW) == 1
    [refused] = built(db)
    assert refused.state is PackageState.REFUSED
    assert "secret" not in refused.problem
    assert fault.__name__ in caplog.text
    assert "secret" not in caplog.text
    assert build_asked(db, NOW) == 0


@pytest.mark.parametrize("fault", [OSError("disk full"), OperationalError("", {}, Exception())])
def test_a_disk_or_a_database_that_fails_does_not_refuse_a_package(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    study, _people = make_answered_study(db, make)
    ask_package(db, study.id, user_id=None, now=NOW)
    db.commit()

    def fail(*_args: object, **_more: object) -> Package:
        raise fault

    with monkeypatch.context() as failing:
        failing.setattr(jobs, "prepare_package", fail)
        with pytest.raises(type(fault)):
            build_asked(db, NOW)
    assert [one.state for one in built(db)] == [PackageState.ASKED]
    assert build_asked(db, NOW) == 0  # not at once: when the lease is over
    later = NOW + rules.LEASE
    assert build_asked(db, later) == 1
    assert [one.state for one in built(db)] == [PackageState.BUILT]


def test_asking_with_head_is_no_download(client: LookingClient, db: Session, make: Factory) -> None:
    study, _people = make_answered_study(db, make)
    asked = ask_package(db, study.id, user_id=None, now=NOW).id
    db.commit()
    build_asked(db, NOW)
    researcher = make.user("researcher")
    key = bearing(make_secret(db, researcher, "studies:export"))
    for url, more in (
        (f"/etudes/{study.id}/paquets/{asked}.zip", {}),
        (f"/api/v1/exports/{asked}", key),
    ):
        client.sign_in(researcher)
        head = client.head(url, headers=more)
        assert (head.status_code, head.data) == (200, b"")
        db.rollback()
        assert db.scalars(select(PackageDownload)).all() == []
    assert client.get(url, headers=more).status_code == 200
    db.rollback()
    assert len(db.scalars(select(PackageDownload)).all()) == 1
