"""Certificates in number: what is in the zip, who gets it, what a withdrawal does to it."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import certificates
from badges.awards import rules as award_rules
from badges.awards.models import Award
from badges.awards.papers import folder, jobs, rules
from badges.awards.papers.models import PaperBatch, PaperLine, PaperState
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.rules import Condition
from tests.support.badges import NOW, make_badge, open_badges, settings_here
from tests.support.batches import confirm, csv_of, make_draft, work
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.files import path_of
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.house import House, Job
from tierslieu.people.models import User
from tierslieu.store.folders import FolderShelf

pytestmark = [
    pytest.mark.both_databases,
    # WeasyPrint leaves the closing of its own colour profile to the collector.
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]
NAMES = ("Chloé Nguyễn", "CHLOÉ NGUYỄN", "Łukasz / O’Brien: ..", "محمد بن موسى", "Zoé")


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def badge(db: Session, team: User) -> BadgeClass:
    """Awarded to people who are named, and to one who is not."""
    signer = open_badges(db)
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=1))
    rows = [f"p{n}@example.org;{name};" for n, name in enumerate(NAMES)]
    confirm(db, make_draft(db, badge, team, csv_of(*rows, "sans@example.org;;")), team)
    assert work(db, signer) == len(NAMES) + 1
    return badge


def award_of(db: Session, name: str) -> Award:
    return db.scalars(select(Award).where(Award.holder_name == name)).one()


def ask(db: Session, badge: BadgeClass, team: User, language: str = "fr") -> UUID:
    batch = rules.ask_papers(db, badge.id, language, now=NOW, actor_id=team.id)  # type: ignore[arg-type]
    db.commit()
    return batch.id


def draw(app: Flask, db: Session, *, now: timedelta = timedelta()) -> int:
    """The worker, until nothing is left."""
    with app.test_request_context(), clock.fixed_at(NOW + now):
        return jobs.flow(db, settings_here(), is_over=lambda: False)


def zip_of(batch_id: UUID) -> zipfile.ZipFile:
    path = path_of(settings_here().papers, folder.zip_file(batch_id))
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def attached(archive: zipfile.ZipFile, name: str) -> list[bytes]:
    with pikepdf.open(io.BytesIO(archive.read(name))) as pdf:
        return [file.get_file().read_bytes() for file in pdf.attachments.values()]


def test_each_named_holder_is_there_once_under_a_name_of_their_own(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    assert draw(app, db) == len(NAMES) + 1
    batch = db.get_one(PaperBatch, batch_id)
    assert batch.state is PaperState.DONE
    archive = zip_of(batch_id)
    assert archive.testzip() is None
    names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(NAMES)
    stems = sorted(name.removeprefix(f"attestations/{badge.slug}/") for name in names)
    assert all("/" not in stem and stem.endswith(".pdf") for stem in stems)
    short = award_of(db, "Chloé Nguyễn").id.hex[:8]
    assert f"Chloé Nguyễn-{short}.pdf" in stems
    assert any(stem.startswith("Łukasz O’Brien-") for stem in stems)
    assert any(stem.startswith("محمد بن موسى-") for stem in stems)
    path = path_of(settings_here().papers, folder.zip_file(batch_id))
    assert batch.size == path.stat().st_size
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(path.parent).st_mode & 0o777 == 0o700


def test_a_private_badge_is_printed_without_its_file_and_a_shared_one_with_it(
    app: Flask, db: Session, badge: BadgeClass, team: User, make: Factory
) -> None:
    shared = award_of(db, "Zoé")
    ada = make.user()
    shared.user_id, shared.recipient_email = ada.id, None
    db.commit()
    award_rules.share(db, shared.id, ada.id, now=NOW)
    db.commit()
    batch_id = ask(db, badge, team, "en")
    draw(app, db)
    archive = zip_of(batch_id)
    for name in archive.namelist():
        files = attached(archive, name)
        if "Zoé" in name:
            assert files == [shared.credential.encode()]
        else:
            assert files == []
    # Private again: what was drawn while it was open is given to nobody any more.
    award_rules.stop_sharing(db, shared.id, ada.id)
    db.commit()
    assert rules.check_papers(db, batch_id) is False
    db.commit()
    assert db.get_one(PaperBatch, batch_id).state is PaperState.GONE


def test_a_badge_withdrawn_before_its_turn_is_left_out(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    award_rules.revoke(db, award_of(db, "Zoé").id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    draw(app, db)
    names = zip_of(batch_id).namelist()
    assert len(names) == len(NAMES) - 1
    assert not any("Zoé" in name for name in names)


def test_a_badge_withdrawn_between_its_drawing_and_the_zip_is_not_in_it(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    turns = iter([False, True])
    with app.test_request_context(), clock.fixed_at(NOW):
        jobs.flow(db, settings_here(), is_over=lambda: next(turns))
    award_rules.revoke(db, award_of(db, "Zoé").id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    draw(app, db)
    assert len(zip_of(batch_id).namelist()) == len(NAMES) - 1


def test_a_certificate_lost_by_the_disk_is_drawn_again(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    turns = iter([False, True])
    with app.test_request_context(), clock.fixed_at(NOW):
        jobs.flow(db, settings_here(), is_over=lambda: next(turns))
    lost = sorted((settings_here().papers.folder / str(batch_id)).iterdir())[0]
    lost.unlink()
    draw(app, db)
    assert len(zip_of(batch_id).namelist()) == len(NAMES)


def test_one_that_cannot_be_drawn_keeps_no_other_back(
    app: Flask, db: Session, badge: BadgeClass, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_draw = certificates.Certificate.draw

    def fail_once(made: certificates.Certificate) -> bytes:
        if made.facts["holder"] == "Zoé":
            raise ZeroDivisionError
        return really_draw(made)

    monkeypatch.setattr(certificates.Certificate, "draw", fail_once)
    batch_id = ask(db, badge, team)
    draw(app, db)
    assert len(zip_of(batch_id).namelist()) == len(NAMES) - 1


def test_what_a_dead_worker_had_taken_is_drawn_when_its_lease_is_over(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    assert rules.lease_lines(db, NOW) is not None
    db.commit()
    assert draw(app, db) == 0
    assert db.get_one(PaperBatch, batch_id).state is PaperState.RUNNING
    assert draw(app, db, now=rules.LEASE) == len(NAMES) + 1
    assert len(zip_of(batch_id).namelist()) == len(NAMES)


def test_asking_twice_while_it_is_under_way_is_asking_once(
    db: Session, badge: BadgeClass, team: User, make: Factory
) -> None:
    first = ask(db, badge, team)
    assert ask(db, badge, team) == first
    assert ask(db, badge, team, "en") != first
    assert ask(db, badge, make.user("facilitator")) != first
    assert db.scalar(select(func.count()).select_from(PaperLine)) == 3 * len(NAMES)


def test_a_badge_nobody_named_holds_cannot_be_printed(db: Session, team: User) -> None:
    with pytest.raises(Refused) as refused:
        rules.ask_papers(db, make_badge(db).id, "fr", now=NOW, actor_id=team.id)
    assert refused.value.code == "nothing_to_print"


def test_the_file_goes_after_a_day_and_the_memory_of_it_after_a_month(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    draw(app, db)
    place = settings_here().papers.folder

    def forget(at: timedelta) -> None:
        house: House = app.extensions["tierslieu.house"]
        job = next(job for job in house.all(Job) if job.name == "forget_papers")
        with app.test_request_context():
            job.run(db, NOW + at)

    forget(timedelta(hours=23))
    assert [path.name for path in place.iterdir()] == [f"{batch_id}.zip"]
    forget(timedelta(hours=24))
    assert list(place.iterdir()) == []
    assert db.get_one(PaperBatch, batch_id).state is PaperState.GONE
    forget(timedelta(days=31))
    assert db.scalar(select(func.count()).select_from(PaperLine)) == 0
    assert db.scalar(select(func.count()).select_from(PaperBatch)) == 0


def test_who_erases_their_account_is_in_no_file_from_then_on(
    app: Flask, db: Session, badge: BadgeClass, team: User, make: Factory
) -> None:
    from badges.awards.offers import erase

    award = award_of(db, "Zoé")
    ada = make.user()
    award.user_id, award.recipient_email = ada.id, None
    db.commit()
    batch_id = ask(db, badge, team)
    draw(app, db)
    erase(db, ada.id)
    db.commit()
    assert db.get_one(PaperBatch, batch_id).state is PaperState.GONE


def test_pieces_of_a_batch_under_way_are_not_swept(tmp_path: Path) -> None:
    running, done, gone = (UUID(int=n) for n in (1, 2, 3))
    shelf = FolderShelf(tmp_path)
    for batch_id in (running, done, gone):
        folder.keep_paper(shelf, batch_id, UUID(int=9), b"%PDF")
        (tmp_path / f"{batch_id}.zip").write_bytes(b"")
        (tmp_path / f".{batch_id}.zip.ab").write_bytes(b"")
    folder.sweep(shelf, folder.list_entries(shelf), [running], [done])
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {str(running), f"{running}.zip", f".{running}.zip.ab", f"{done}.zip"}


def test_it_is_asked_for_on_the_page_of_holders_and_fetched_by_who_asked_alone(
    app: Flask, db: Session, badge: BadgeClass, team: User, make: Factory, client: LookingClient
) -> None:
    client.sign_in(team)
    page = client.get(f"/badges/{badge.slug}/attribues").get_data(as_text=True)
    assert "chacune des 5 personnes" in page
    assert "sans le fichier signé" in page
    assert (
        client.post(f"/badges/{badge.slug}/attestations", data={"language": "de"}).status_code
        == 422
    )
    asked = client.post(f"/badges/{badge.slug}/attestations", data={"language": "fr"})
    address = asked.headers["Location"]
    waiting = client.get(address).get_data(as_text=True)
    assert "Les attestations se préparent" in waiting
    assert client.get(f"{address}.zip").status_code == 410
    draw(app, db)
    ready = client.get(address).get_data(as_text=True)
    assert "5 attestations" in ready
    assert "Mo en un fichier zip" in ready
    got = client.get(f"{address}.zip")
    assert zipfile.ZipFile(io.BytesIO(got.data)).testzip() is None
    assert got.headers["Cache-Control"] == "no-store"
    got.close()
    client.sign_in(make.user("facilitator"))
    assert client.get(address).status_code == 404
    assert client.get(f"{address}.zip").status_code == 404
    assert client.get(f"{address}/avancement").status_code == 404
    client.sign_in(team)
    award_rules.revoke(db, award_of(db, "Zoé").id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    refused = client.get(f"{address}.zip")
    assert refused.status_code == 410
    assert "Demandez de nouveau" in refused.get_data(as_text=True)
    assert "Ce fichier a été effacé" in client.get(address).get_data(as_text=True)


def test_two_of_one_name_and_one_short_number_are_two_files(tmp_path: Path) -> None:
    batch_id, ids = UUID(int=1), (UUID(int=2), UUID(int=3))
    for name, award_id in zip(("Zoé", "ZOÉ"), ids, strict=True):
        folder.keep_paper(FolderShelf(tmp_path), batch_id, award_id, name.encode())
    papers = [
        folder.Paper(award_id, award_id, name, NOW)
        for name, award_id in zip(("Zoé", "ZOÉ"), ids, strict=True)
    ]
    size = folder.bind(FolderShelf(tmp_path), batch_id, "essai", papers)
    path = path_of(FolderShelf(tmp_path), folder.zip_file(batch_id))
    again = path.read_bytes()
    assert size == len(again)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len({name.casefold() for name in names}) == 2
        assert [archive.read(name).decode() for name in names] == ["Zoé", "ZOÉ"]
    folder.bind(FolderShelf(tmp_path), batch_id, "essai", papers)
    assert path.read_bytes() == again


def test_suspended_badges_and_names_kept_back_are_not_printed(
    app: Flask, db: Session, badge: BadgeClass, team: User
) -> None:
    batch_id = ask(db, badge, team)
    award_of(db, "Zoé").is_named = False
    award_of(db, "Chloé Nguyễn").suspended_at = NOW
    db.commit()
    draw(app, db)
    names = zip_of(batch_id).namelist()
    assert len(names) == len(NAMES) - 2
    assert not [name for name in names if "Zoé" in name or "Chloé" in name]


def test_the_team_prints_one_certificate_by_the_same_rule(
    db: Session, client: LookingClient, badge: BadgeClass, team: User, make: Factory
) -> None:
    award, nameless = award_of(db, "Zoé"), award_of(db, "")
    page, unnamed = f"/credentials/{award.id}", f"/credentials/{nameless.id}"
    offered = f'href="{page}/attestation.pdf"'
    client.sign_in(team)
    assert offered in client.get(page).get_data(as_text=True)
    for language in ("fr", "en"):
        sheet = client.get(f"{page}/attestation.pdf?lang={language}")
        assert sheet.mimetype == "application/pdf"
        with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
            assert list(pdf.attachments) == [], "the file is its holder's"
            assert str(pdf.Root.Lang) == language
    assert client.get(f"{page}.pdf").status_code == 404
    assert "/attestation.pdf" not in client.get(unnamed).get_data(as_text=True)
    refused = client.get(f"{unnamed}/attestation.pdf", headers={"Accept": "application/json"})
    assert refused.json["code"] == "nothing_to_print"
    award_rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    assert "/attestation.pdf" not in client.get(page).get_data(as_text=True)
    assert client.get(f"{page}/attestation.pdf").status_code == 422
    client.sign_in(make.user())
    assert client.get(f"{page}/attestation.pdf").status_code == 403
