"""Somebody else's wallet takes a badge: the OpenWallet Foundation's client of OpenID4VCI 1.0."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from badges.awards import publishing
from badges.awards.keys import load_signer, open_keys
from badges.awards.models import Award
from badges.engine.verify import verify
from badges.wallets.protocol import JWT, LDP
from tests.support.badges import NOW, make_award, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.people.models import User

FOLDER = Path(__file__).parent

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(
        shutil.which("node") is None
        or not (FOLDER / "node_modules" / "@openid4vc" / "openid4vci").is_dir(),
        reason="Node.js or the packages of tests/interop are missing: run make test",
    ),
]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The place, answering on loopback."""
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def award(db: Session, ada: User, make: Factory, address: str) -> Award:
    identity = open_keys(db, settings_here(), NOW, ("Ed25519", "P-256"))
    identity.base_url = address
    db.commit()
    return make_award(db, ada, make.user("facilitator"), load_signer(db, settings_here()))


@pytest.mark.parametrize("configuration", [LDP, JWT])
def test_an_independent_wallet_takes_a_badge_and_it_verifies(
    db: Session, client: LookingClient, award: Award, ada: User, configuration: str
) -> None:
    client.sign_in(ada)
    answer = client.post(f"/mes-badges/{award.id}/portefeuille", follow_redirects=True)
    page = answer.get_data(as_text=True)
    link = re.search(r'href="(openid-credential-offer:[^"]+)"', page)
    pin = re.search(r"<strong>(\d{6})</strong>", page)
    assert link is not None
    assert pin is not None
    done = subprocess.run(
        ["node", "wallet.mjs", link[1].replace("&amp;", "&"), pin[1], configuration],
        cwd=FOLDER, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    taken: dict[str, Any] = json.loads(done.stdout)
    (given,) = taken["credentials"]
    find = publishing.own_documents(db, settings_here())
    report = verify(
        given["credential"], fetch=lambda a: find(a) or b"", now=clock.now(),
        recipient=taken["did"],
    )  # fmt: skip
    assert report.outcome == "valid"
    assert report.check("recipient").outcome == "passed"
