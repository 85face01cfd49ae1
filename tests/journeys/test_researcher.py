"""Who studies the place: rates on the first page, then a package that stands by itself."""

from __future__ import annotations

import io
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.support.evaluation import as_text
from tests.support.journeys import download, follow, press, title
from tests.support.served import ServedPlace

Open = Callable[..., Page]
PLACES_STUDY = "Évaluation du tiers-lieu"


def test_the_package_downloaded_is_valid_and_names_nobody(
    sign_in: Open, place: ServedPlace, tmp_path: Path
) -> None:
    page = sign_in("researcher@example.org")
    expect(page.get_by_text(re.compile(r"^Taux de réponse\s: \d")).first).to_be_visible()
    page.get_by_role("link", name=PLACES_STUDY, exact=True).click()
    package = _take(page)

    with zipfile.ZipFile(io.BytesIO(package)) as files:
        files.extractall(tmp_path)
        everything = "\n".join(as_text((name, files.read(name))) for name in files.namelist())
    traces = _traces(place)
    assert len(traces) > 200
    for trace in traces:
        # A word of its own: «Nice» is no part of «technicienne».
        assert not re.search(rf"(?<!\w){re.escape(trace)}(?!\w)", everything), trace
    assert not re.search(r"20\d\d-[01]\d-[0-3]\d", everything)  # no exact date of anything
    assert not re.search(r"[0-3]\d/[01]\d/20\d\d", everything)
    descriptor = next(tmp_path.rglob("datapackage.json"))
    done = subprocess.run(
        [Path(sys.executable).with_name("frictionless"), "validate", descriptor.name],
        cwd=descriptor.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    page.reload()
    row = page.get_by_role("row").nth(1)  # who took it, and its fingerprint, are written down
    expect(row).to_contain_text(re.compile(r"[0-9a-f]{16}…"))


def test_a_study_is_not_open_to_who_learns_nor_to_who_facilitates(sign_in: Open) -> None:
    page = sign_in("researcher@example.org")
    page.goto("/etudes")
    page.get_by_role("main").get_by_role("heading", level=2).get_by_role("link").first.click()
    study = page.url
    for who in ("learner", "facilitator"):
        other = sign_in(f"{who}@example.org")
        answer = other.goto(study)
        assert answer is not None
        assert answer.status == 403
        expect(other.get_by_role("heading", level=1)).to_be_visible()
        expect(other.get_by_role("main").get_by_role("link").first).to_be_visible()


def test_who_withdraws_leaves_the_next_package_and_waits_for_others_to_come_back(
    sign_in: Open,
) -> None:
    researcher, learner = sign_in("researcher@example.org"), sign_in("learner2@example.org")
    learner.goto("/compte")
    follow(learner, "Voir mes accords")
    if learner.get_by_role("button", name="Prendre part à la recherche").count():
        learner.get_by_role("button", name="Prendre part à la recherche").click()
    expect(learner.get_by_text("Accord donné le")).to_be_visible()
    before = _count_people(researcher)
    learner.goto("/recherche")
    held = learner.get_by_text(re.compile(r"^tn-eval-tiers-lieu-"))
    expect(held.first).to_be_visible()  # which packages hold one's data
    learner.goto("/compte/accords")
    learner.get_by_role("button", name="Ne plus prendre part").click()
    expect(learner.get_by_text("Pas d’accord donné")).to_be_visible()
    assert _count_people(researcher) == before - 1
    expect(researcher.get_by_text("ne sort plus").first).to_be_visible()  # the one before
    learner.get_by_role("button", name="Prendre part à la recherche").click()
    expect(learner.get_by_text("Accord donné le")).to_be_visible()
    assert _count_people(researcher) == before - 1  # alone, one would be known by being new


def _count_people(page: Page) -> int:
    """How many people the next package holds, as the list of packages says."""
    page.goto("/etudes")
    page.get_by_role("main").get_by_role("link", name=PLACES_STUDY, exact=True).click()
    _take(page)
    page.reload()
    title(page, re.compile(".+"))
    return int(page.get_by_role("row").nth(1).get_by_role("cell").nth(1).inner_text())


def _take(page: Page) -> bytes:
    """Ask for a package, wait until the worker has built it, and take it."""
    with page.expect_navigation():  # what is counted next is on the page that came
        press(page, "Préparer un paquet")
    waiting = page.get_by_text("en préparation")
    while waiting.count():
        page.reload()
    newest = page.locator("#paquets").get_by_role("link", name=".zip").first
    return download(page, newest.click)


def _traces(place: ServedPlace) -> set[str]:
    """Names, addresses, towns and identifiers of everybody the place knows."""
    with closing(sqlite3.connect(place.instance / "tierslieu.sqlite")) as database:
        people = database.execute("SELECT id, name, email, fs_uniquifier FROM user_account")
        found = {str(value) for row in people for value in row}
        found |= {str(UUID(one)) for one in found if len(one) == 32 and one.isalnum()}
        found |= {row[0] for row in database.execute("SELECT DISTINCT town FROM profile")}
        found |= {row[0] for row in database.execute("SELECT code FROM invitation")}
    return found - {""}
