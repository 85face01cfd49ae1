"""What the data model forbids does not verify, however rightly it is signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from badges.engine import datamodel, keys, proofs
from badges.engine.verify import verify

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
V2 = "https://www.w3.org/ns/credentials/v2"


def signed(**changes: Any) -> dict[str, Any]:
    """A credential that its issuer signed, whatever it says."""
    key = keys.SigningKey.from_seed(bytes(32))
    did = keys.did_key(key.multibase)
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": did,
        "credentialSubject": {"id": "did:example:subject"},
        **changes,
    }
    method = keys.verification_method(did, key.multibase)
    return proofs.sign(document, key, method, created=NOW)


def test_what_it_allows_verifies() -> None:
    report = verify(signed(), fetch=None, now=NOW)
    assert report.outcome == "valid"


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        (
            {"validFrom": "2026-10-01T00:00:00Z", "validUntil": "2026-09-01T00:00:00Z"},
            "shape_too_early",
            "validUntil",
        ),
        ({"termsOfUse": {"id": "did:example:terms"}}, "shape_missing", "termsOfUse.type"),
        (
            {"relatedResource": {"id": "https://example.org/a"}},
            "shape_missing",
            "relatedResource.digestSRI",
        ),
        (
            {"relatedResource": [{"id": "https://example.org/a", "digestSRI": "sha256-x"}] * 2},
            "shape_repeated",
            "relatedResource.id",
        ),
        ({"credentialSchema": {"type": "JsonSchema"}}, "shape_missing", "credentialSchema.id"),
        ({"name": 4}, "shape_wrong_type", "name"),
    ],
)
def test_what_it_forbids_does_not(changes: dict[str, Any], code: str, path: str) -> None:
    report = verify(signed(**changes), fetch=None, now=NOW)
    assert report.check("proof").outcome == "passed"
    found = report.check("shape")
    assert (report.outcome, found.code, found.params["path"]) == ("invalid", code, path)


def test_another_version_of_the_model_is_not_its_business() -> None:
    old = {"@context": ["https://www.w3.org/2018/credentials/v1"], "termsOfUse": {}}
    assert datamodel.find_problems(old) == []
    assert datamodel.find_problems({**old, "@context": [V2]})
