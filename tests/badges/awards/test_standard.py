"""What leaves the house is what the standard asks, and what somebody else's verifier accepts."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy.orm import Session

from tests.support.badges import make_award, open_badges
from tests.support.factories import Factory

TESTS = Path(__file__).parents[2]
SCHEMA = TESTS / "data/openbadges/schemas/ob_v3p0_achievementcredential_schema.gh-pages.json"
INTEROP = TESTS / "interop"


@pytest.fixture
def credential(db: Session, make: Factory) -> str:
    ada = make.user(name="Ada Lovelace, «\u202fœuvre\u202f» & Cie")
    return make_award(db, ada, make.user("facilitator"), open_badges(db)).credential


def test_an_award_conforms_to_1edtech_s_own_schema(credential: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    # Named there with an empty fragment that the library does not recognise.
    schema["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    jsonschema.Draft201909Validator(schema).validate(json.loads(credential))


@pytest.mark.node
@pytest.mark.skipif(
    shutil.which("node") is None or not (INTEROP / "node_modules").is_dir(),
    reason="Node.js or the packages of tests/interop are missing: run make test",
)
def test_digital_bazaar_accepts_an_award_and_refuses_it_with_one_letter_changed(
    credential: str,
) -> None:
    forged = credential.replace("Lovelace", "Lovelabe")
    asked = "".join(
        json.dumps({"op": "verify", "credential": json.loads(one), "now": "2026-11-20T10:00:00Z"})
        + "\n"
        for one in (credential, forged)
    )
    done = subprocess.run(
        ["node", "verify.mjs"],
        cwd=INTEROP,
        input=asked,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    assert [answer["verified"] for answer in answers] == [True, False]
