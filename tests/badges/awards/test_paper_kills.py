"""Five hundred certificates, and workers that are killed all along: the zip holds each once."""

from __future__ import annotations

import io
import time
import zipfile
from random import Random

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.awards.papers import folder, rules
from badges.awards.papers.models import PaperBatch, PaperState
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition
from tests.support.badges import NOW, make_badge, open_badges, settings_here
from tests.support.batches import confirm, csv_of, make_draft, work
from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.killing_papers import kill_again_and_again, start_worker

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
]


@pytest.mark.proof
def test_five_hundred_certificates_are_there_once_each_while_workers_are_killed_all_along(
    app: Flask, db: Session, make: Factory
) -> None:
    count, random = 500, Random("papers")
    signer = open_badges(db)
    team = make.user("facilitator")
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=1))
    rows = [f"p{n}@example.org;Élève numéro {n};" for n in range(count)]
    confirm(db, make_draft(db, badge, team, csv_of(*rows)), team)
    assert work(db, signer) == count
    batch = rules.ask_papers(db, badge.id, "fr", now=NOW, actor_id=team.id)
    db.commit()
    settings = settings_here()
    began = time.perf_counter()
    killed = kill_again_and_again(db, settings, random)
    last = start_worker(settings)  # the last one finishes, leases of the dead included
    last.join(timeout=900)
    assert last.exitcode == 0
    seconds = time.perf_counter() - began
    print(f"\n{count} certificates in {seconds:.1f} s with {killed} workers killed")
    assert killed >= 12
    db.rollback()
    done = db.get_one(PaperBatch, batch.id, populate_existing=True)
    assert done.state is PaperState.DONE
    place = settings.papers.folder
    path = path_of(settings.papers, folder.zip_file(batch.id))
    assert done.size == path.stat().st_size
    archive = zipfile.ZipFile(path)
    assert archive.testzip() is None
    expected = {
        f"attestations/{badge.slug}/{folder.file_stem(award.holder_name, award.id)}.pdf"
        for award in db.scalars(select(Award)).all()
    }
    names = archive.namelist()
    assert len(names) == len(expected) == count
    assert set(names) == expected
    for name in random.sample(names, 40):
        with pikepdf.open(io.BytesIO(archive.read(name))) as pdf:
            holder = name.rpartition("/")[2].rpartition("-")[0]
            assert pdf.open_metadata()["dc:title"].endswith(f", {holder}")
    archive.close()
    assert [entry.name for entry in place.iterdir()] == [path.name], "nothing else is left"
