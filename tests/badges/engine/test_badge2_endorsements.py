"""Who else stands behind an Open Badge 2.0."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.badge2 import (
    EVIL,
    SITE,
    Issuer2,
    step,
)


def endorse(issuer: Issuer2, about: str, **changes: Any) -> str:
    """Publish an endorsement by a rectorat; gives its address."""
    at = "https://rectorat.example"
    profile = json.loads(issuer.web[issuer.profile_at])
    issuer.publish({**profile, "id": f"{at}/profil", "name": "Rectorat", "verification": None})
    endorsement = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Endorsement",
        "id": f"{at}/1",
        "issuer": f"{at}/profil",
        "claim": {"id": about, "endorsementComment": "Nous le reconnaissons."},
        "issuedOn": "2026-01-01T00:00:00Z",
        "verification": {"type": "HostedBadge"},
    }
    issuer.publish(endorsement | changes)
    return str((endorsement | changes)["id"])


def test_an_endorsement_of_the_class_is_told_when_its_author_publishes_it(issuer: Issuer2) -> None:
    issuer.change(issuer.class_at, endorsement=endorse(issuer, issuer.class_at))
    found = issuer.verify(issuer.hosted())
    assert step(found, "endorsements") == ("passed", "endorsements")
    assert found.check("endorsements").params == {"count": 1, "names": "Rectorat"}
    assert found.outcome == "valid"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"claim": {"id": f"{SITE}/autre"}}, ("failed", "endorsement_elsewhere")),
        ({"id": f"{EVIL}/1"}, ("failed", "endorsement_wrong")),
        ({"type": "Assertion"}, ("failed", "endorsement_invalid")),
        ({"expires": "2026-02-01T00:00:00Z"}, ("unknown", "endorsement_unsure")),
        ({"revoked": True}, ("unknown", "endorsement_unsure")),
        ({"verification": {"type": "SignedBadge"}}, ("unknown", "endorsement_unsure")),
    ],
)
def test_an_endorsement_that_does_not_hold_is_not_told(
    issuer: Issuer2, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    issuer.change(issuer.class_at, endorsement=endorse(issuer, issuer.class_at, **changes))
    assert step(issuer.verify(issuer.hosted()), "endorsements") == expected
