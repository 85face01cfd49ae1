"""Every command of the README and of the pages is typed as it stands, or said why it cannot be."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener
from uuid import UUID

import pytest

from tests.support.following import HOST, Follower, blocks, commands, on_one_line
from tests.support.served import ROOT, ServedPlace

# Each page that sets a place up makes one, and that takes its time.
pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("served")]

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
PASSPHRASE = "quatre mots dans une phrase"
NOT_RUN: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "not_run.toml").read_text("utf-8")
)


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS if page.is_relative_to(DOCS) else ROOT))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPlace]:
    """A demonstration place of the name that the pages say."""
    place = ServedPlace(
        tmp_path_factory.mktemp("followed"),
        TIERSLIEU_BASE_URL=HOST,
        TIERSLIEU_BACKUP_PASSPHRASE=PASSPHRASE,
    )
    try:
        place.wait_until_open(300)
        yield place
    finally:
        place.close()


@pytest.fixture
def follower(served: ServedPlace, tmp_path: Path) -> Follower:
    return Follower(tmp_path / "typed", f"http://localhost:{served.port}")


def ask_database(served: ServedPlace, statement: str) -> str:
    """The first value of the first row."""
    with sqlite3.connect(served.instance / "tierslieu.sqlite") as database:
        value = database.execute(statement).fetchone()[0]
    database.close()
    return str(UUID(value)) if len(str(value)) == 32 else str(value)


def tierslieu(served: ServedPlace, *words: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tierslieu.cli", *words],
        env=served.environment, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


def test_each_block_says_what_it_is_and_each_command_left_out_is_still_there() -> None:
    for page in PAGES:
        assert all(language for language, *_rest in blocks(page)), name_of(page)
        written = {
            on_one_line(c)
            for lang, _name, text in blocks(page)
            if lang == "sh"
            for c in commands(text)
        }
        assert not NOT_RUN.get(name_of(page), {}).keys() - written, name_of(page)
        assert name_of(page) in FOLLOWED or written == set(NOT_RUN.get(name_of(page), {}))


def test_make_run_serves_a_place_to_sign_in_to(tmp_path: Path) -> None:
    # Its packages are those that this suite was set up with; here nothing is fetched anew.
    ready = subprocess.run(["make", "-q", ".venv/stamps/run"], cwd=ROOT, capture_output=True)
    assert ready.returncode == 0, "run `make test`: it sets up what `make run` needs"
    place = ServedPlace(tmp_path, command=["make", "run", "PORT={port}", "INSTANCE={instance}"])
    try:
        place.wait_until_open(300)
        said = "".join(place.lines)
        account = re.search(r"(learner@\S+)", said)
        password = re.search(r"tiers-lieu-demo", said)
        assert account, said
        assert password, said
        assert place.url in said
        browser = build_opener(HTTPCookieProcessor())
        form = browser.open(place.url + "/login").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token
        sent = {"email": account[1], "password": password[0], "csrf_token": token[1]}
        asked = Request(place.url + "/login", urlencode(sent).encode(), {"Origin": place.url})
        assert "Bonjour Samira" in browser.open(asked).read().decode()
        os.killpg(place.process.pid, signal.SIGINT)  # Ctrl-C reaches make and what it runs
    finally:
        place.close()
    assert "Traceback" not in "".join(place.lines), "".join(place.lines)


def test_our_badges_are_verified_without_us(served: ServedPlace, follower: Follower) -> None:
    badge = ask_database(
        served,
        "select id from award where sharing != 'private' and revoked_at is null"
        " and user_id = (select id from user_account where email = 'learner@example.org')",
    )
    page = DOCS / "verifying.md"
    mine = {"0199d3c1-7f00-7000-8000-000000000001": badge}
    said = follower.follow(page, NOT_RUN["verifying.md"], mine)
    for sentence in (
        "the token is whole; it says:", "Verified OK", "signed by did:web:lieu.example.org",
        "not withdrawn", "theirs",
    ):  # fmt: skip
        assert sentence in said, said
    python = follower.folder / "verifying" / "bin" / "python"
    whole = (follower.folder / "badge.json").read_text("utf-8")
    (follower.folder / "badge.json").write_text(whole.replace("Samira", "Samiro"), "utf-8")
    changed = subprocess.run(
        [python, "check_proof.py"], cwd=follower.folder, capture_output=True, text=True
    )
    assert (changed.returncode, changed.stdout) == (1, "")
    assert "InvalidSignature" in changed.stderr
    (follower.folder / "badge.json").write_text(whole, "utf-8")
    index = int(json.loads(whole)["credentialStatus"]["statusListIndex"])
    script = (follower.folder / "check_proof.py").read_text("utf-8")
    loop = "for entry in entries if"
    assert loop in script
    bit = f"bits = bytearray(bits); bits[{index // 8}] |= 128 >> {index % 8}\n"
    script = script.replace(loop, bit + loop)
    (follower.folder / "check_proof.py").write_text(script)
    withdrawn = subprocess.run(
        [python, "check_proof.py"], cwd=follower.folder, capture_output=True, text=True
    )
    assert "it was withdrawn" in withdrawn.stderr


def test_the_page_of_the_api_is_followed(served: ServedPlace, follower: Follower) -> None:
    page = DOCS / "api.md"
    follower.environment["KEY"] = tierslieu(
        served, "user", "token", "facilitator@example.org",
        "--scope", "sessions:read", "--scope", "bookings:write", "--scope", "xapi:write",
    )  # fmt: skip
    session = ask_database(
        served,
        "select s.id from learning_session s where cancelled_at is null and admission = 'open'"
        " and bookable_from is null"
        " and bookable_until is null and starts_at > datetime('now', '+1 day')"
        " order by starts_at desc limit 1",
    )
    mine = {"https://lieu.example/": f"{HOST}/", "0199d3c1-…": session}
    said = follower.follow(page, NOT_RUN["api.md"], mine)
    assert '"items"' in said
    assert '"slug"' in said
    assert re.search(r'"status": "(confirmed|waiting)"', said)
    assert '["6690e6c9-3ef0-4ed3-8b37-7f3964730bee"]' in said


def test_a_place_is_set_up_as_the_page_says(follower: Follower) -> None:
    page = DOCS / "deploy" / "README.md"
    said = follower.follow(page, NOT_RUN["deploy/README.md"], {})
    assert "The place is ready to open." in said
    settings = (follower.folder / "instance" / "tierslieu.env").read_text("utf-8")
    assert "lieu.example.org" in settings


def test_a_copy_is_made_and_put_back_as_the_page_says(
    served: ServedPlace, follower: Follower
) -> None:
    tierslieu(served, "backup", str(follower.folder / "place.tar.gz.age"))
    elsewhere = {"/srv/place": str(follower.folder / "elsewhere")}
    follower.environment["TIERSLIEU_DEMO"] = "1"  # its accounts are refused otherwise
    page = DOCS / "backup.md"
    said = follower.follow(page, NOT_RUN["backup.md"], elsewhere, typed=f"{PASSPHRASE}\n")
    assert "holds" in said
    assert "BROKEN" not in said


FOLLOWED = {"verifying.md", "api.md", "deploy/README.md", "backup.md"}
