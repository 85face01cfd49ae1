"""What the VC-API issues verifies at Digital Bazaar's library, and the other way round."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from tests.badges.exchange.test_data_model import GOOD
from tests.interop.test_node import Ask, ask, pytestmark  # noqa: F401 - a fixture, and when to run
from tests.support.client import LookingClient
from tests.support.exchange import Program, credential
from tests.support.factories import Factory
from tierslieu.clock import fixed_at

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
ENDED = "credential-validFrom-is-validUntil-ok"


@pytest.fixture
def program(client: LookingClient, make: Factory, db: Session) -> Program:
    return Program(client, make, db)


def test_every_case_of_the_model_that_we_issue_verifies_there(
    ask: Ask,  # noqa: F811
    program: Program,
) -> None:
    refused = {}
    with fixed_at(NOW):
        for case, changes in GOOD.items():
            signed = program.issued(credential(**changes))
            answer = ask("verify", credential=signed, now=NOW.isoformat())
            if not answer["verified"]:
                refused[case] = answer["errors"]
    assert refused.keys() == {ENDED}, refused


def test_what_they_issue_verifies_here(ask: Ask, program: Program) -> None:  # noqa: F811
    key = "11" * 32
    signing = {"seed": key, "date": NOW.isoformat()}
    anything = credential(issuer="did:example:x", validFrom="2026-01-01T00:00:00Z")
    proof = ask("sign", credential=anything, suite="eddsa-rdfc-2022", **signing)["signed"]["proof"]
    issuer = proof["verificationMethod"].partition("#")[0]
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        signed = ask(
            "sign",
            credential=credential(issuer=issuer, validFrom="2026-01-01T00:00:00Z"),
            suite=suite,
            **signing,
        )["signed"]
        with fixed_at(NOW):
            assert program.verify(signed).get_json() == {"verified": True}
            assert not program.verify({**signed, "name": "x"}).get_json()["verified"]
