"""Passwords that leaked elsewhere: asked of a list that learns next to nothing of them."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, outbox, registration, sign_in, with_password
from tests.support.served import free_port
from tierslieu.people import leaked
from tierslieu.people.models import User
from tierslieu.settings import BadSetting, read_settings

LEAKED = "girafe orange au balcon"
GOOD = "une autre phrase, plus longue"
Ranges = dict[str, str]


def ranges(*passwords: str, times: int = 12) -> Ranges:
    """The list of these, as the service publishes it: among others, with padding."""
    made: Ranges = {}
    for password in passwords:
        name = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        beside = f"{'0' * 35}:3\r\n{'F' * 35}:0"
        made[name[:5]] = f"\ufeff{beside}\r\n{name[5:]}:{times}"
    return made


@contextmanager
def service(made: Ranges, status: int = 200) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A service of ranges on the loopback: its address, and what it was asked with which head."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Add-Padding", "")))
            said = made.get(self.path.rpartition("/")[2], f"{'A' * 35}:0").encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *said: object) -> None:
            """Not here."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/range/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def judged_by(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on the place looks into this list."""

    def look_into(at: str) -> None:
        settings = replace(app.config["TIERSLIEU"], leaked_passwords=at)
        monkeypatch.setitem(app.config, "TIERSLIEU", settings)

    return look_into


def test_a_password_that_leaked_elsewhere_is_refused_and_five_signs_of_its_hash_are_all_that_leaves(
    db: Session, client: LookingClient, judged_by: Callable[[str], None]
) -> None:
    with service(ranges(LEAKED)) as (address, asked):
        judged_by(address)
        refused = client.post("/inscription", data=registration(password=LEAKED))
        taken = client.post("/inscription", data=registration(password=GOOD))
    assert refused.status_code == 422
    assert "mots de passe volés ailleurs" in refused.text
    assert taken.status_code == 302
    assert len(outbox(db)) == 1
    names = [hashlib.sha1(word.encode()).hexdigest().upper() for word in (LEAKED, GOOD)]
    assert asked == [(f"/range/{name[:5]}", "true") for name in names]


def test_a_new_password_is_looked_up_too_and_no_sign_in_is(
    db: Session, make: Factory, client: LookingClient, judged_by: Callable[[str], None]
) -> None:
    user = with_password(make, email="ada@example.org")
    with service(ranges(LEAKED, PASSWORD)) as (address, asked):
        judged_by(address)
        sign_in(client, "ada@example.org")  # who has such a password already still comes in
        assert asked == []
        form = {"password": PASSWORD, "new_password": LEAKED}
        answer = client.post("/compte/mot-de-passe", data=form)
    assert answer.status_code == 422
    assert "mots de passe volés ailleurs" in answer.text
    db.expire_all()
    assert verify_password(PASSWORD, db.get_one(User, user.id).password)


@pytest.mark.parametrize("suffix", ["", ".txt"])
def test_a_folder_of_ranges_serves_as_well_and_nothing_leaves(tmp_path: Path, suffix: str) -> None:
    for beginning, endings in ranges(LEAKED).items():
        (tmp_path / f"{beginning}{suffix}").write_text(endings, "utf-8")
    assert leaked.has_leaked(LEAKED, str(tmp_path))


def test_padding_is_no_password_that_leaked() -> None:
    with service(ranges(LEAKED, times=0)) as (address, _asked):
        assert not leaked.has_leaked(LEAKED, address)


@pytest.mark.parametrize("how", ["away", "out of order", "no range"])
def test_a_list_that_cannot_be_read_keeps_nobody_out_and_the_log_says_so_without_the_password(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with service(ranges(LEAKED), status=503) as (address, asked):
        away = f"http://127.0.0.1:{free_port()}/range/"
        at = {"away": away, "out of order": address, "no range": str(tmp_path)}[how]
        assert not leaked.has_leaked(LEAKED, at)
        assert not leaked.has_leaked(LEAKED, at)
    assert len(asked) == (how == "out of order"), "it was not left alone for a while"
    said = caplog.text
    assert "no list of leaked passwords" in said
    name = hashlib.sha1(LEAKED.encode()).hexdigest().upper()
    assert LEAKED not in said
    assert name[:5] not in said


def test_only_an_encrypted_service_or_a_folder_that_is_there_is_a_list(tmp_path: Path) -> None:
    for wrong in (
        "http://listes.example.org/range/",
        "ftp://listes.example.org",
        "/nowhere/at/all",
    ):
        with pytest.raises(BadSetting, match="LEAKED_PASSWORDS"):
            read_settings(
                {"TIERSLIEU_INSTANCE": str(tmp_path), "TIERSLIEU_LEAKED_PASSWORDS": wrong}
            )
    for right, read in (
        ("https://listes.example.org/range", "https://listes.example.org/range/"),
        (str(tmp_path), str(tmp_path)),
    ):
        given = {"TIERSLIEU_INSTANCE": str(tmp_path), "TIERSLIEU_LEAKED_PASSWORDS": right}
        assert read_settings(given).leaked_passwords == read


def test_half_a_sign_that_only_a_program_can_send_is_no_failure(tmp_path: Path) -> None:
    assert not leaked.has_leaked("une phrase \ud83d coupée", str(tmp_path))
