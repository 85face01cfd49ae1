"""What decides about a badge is said in its place: moved elsewhere under the badge's own name, it
would be signed all the same and read by nobody."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from badges.engine import credentials, keys, proofs
from badges.engine.canonical import canonicalize
from badges.engine.endorsing import build_endorsement
from badges.engine.errors import MalformedError, UnsupportedError
from tests.support.engine import House
from tests.support.signing import pyld_canonicalize

OVER = "2021-01-01T00:00:00Z"
STATUS = {
    "id": "https://lieu.example/status/1#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://lieu.example/status/1",
}
Change = Callable[[dict[str, Any]], None]


def endorsed(house: House, now: Any, **members: Any) -> dict[str, Any]:
    """A badge that somebody endorses: so its name stands in it a second time."""
    key = keys.SigningKey.generate("Ed25519")
    did = keys.did_key(key.multibase)
    badge = house.badge() | members
    endorsement = build_endorsement(
        credentials.Issuer(did, "Rectorat"),
        badge["id"],
        id="urn:uuid:11111111-1111-4111-8111-111111111111",
        name="Soutien",
        comment="Vue à l’œuvre.",
        valid_from=now,
        valid_until=None,
    )
    method = keys.verification_method(did, key.multibase)
    return badge | {"endorsement": [proofs.sign(endorsement, key, method, created=now)]}


def move(badge: dict[str, Any], *members: str) -> dict[str, Any]:
    """The same statements, with these members of the badge where it is mentioned."""
    moved = copy.deepcopy(badge)
    mention = moved["endorsement"][0]["credentialSubject"]
    mention["type"] = [*mention["type"], *moved["type"]]
    for member in members:
        mention[member] = moved.pop(member)
    return moved


@pytest.mark.parametrize("members", [("validUntil",), ("credentialStatus",)], ids=str)
def test_an_end_or_a_status_moved_under_the_badges_name_elsewhere_is_never_valid(
    house: House, now: Any, members: tuple[str, ...]
) -> None:
    over = {"validUntil": OVER, "validFrom": "2020-01-01T00:00:00Z", "credentialStatus": STATUS}
    signed = house.sign(endorsed(house, now, **over))
    assert house.verify(signed).outcome == "invalid"
    report = house.verify(move(signed, "validUntil", *members[:0], "credentialStatus"))
    assert report.outcome != "valid"
    assert report.check("proof").code == "described_elsewhere"
    # As many endorsements as are not looked at hide nothing either.
    padded = move(signed, *members)
    one = padded["endorsement"][0]
    padded["endorsement"] += [{"id": one["id"], "type": one["type"]}] * 8
    report = house.verify(padded)
    assert report.outcome != "valid"
    assert report.check("proof").code == "described_elsewhere"


def test_that_attack_is_real_without_our_guard(house: House, now: Any) -> None:
    badge = endorsed(house, now, validUntil=OVER, credentialStatus=STATUS)
    moved = move(badge, "validUntil", "credentialStatus")
    assert pyld_canonicalize(badge) == pyld_canonicalize(moved)
    with pytest.raises(UnsupportedError, match="another place"):
        canonicalize(moved)


def test_a_badge_with_endorsements_of_it_and_of_its_achievement_is_whole(
    house: House, now: Any
) -> None:
    assert house.verify(house.sign(endorsed(house, now))).check("proof").outcome == "passed"


def _evidence(badge: dict[str, Any]) -> None:
    badge["evidence"] = [{"id": badge["id"], "type": ["Evidence"], "name": "x"}]


def _identifier_at_issuer(badge: dict[str, Any]) -> None:
    subject = badge["credentialSubject"]
    subject["id"] = badge["issuer"]["id"]
    badge["issuer"]["type"] = [*badge["issuer"]["type"], *subject["type"]]
    badge["issuer"]["identifier"] = subject.pop("identifier")


def _hours_in_criteria(badge: dict[str, Any]) -> None:
    achievement = badge["credentialSubject"]["achievement"]
    achievement["criteria"]["id"] = achievement["id"]
    achievement["criteria"]["type"] = achievement["type"]
    achievement["criteria"]["creditsAvailable"] = 12


def _second_subject(badge: dict[str, Any]) -> None:
    subject = badge["credentialSubject"] | {"id": "did:key:z6MkholderholderA"}
    other = copy.deepcopy(subject) | {"identifier": []}
    badge["credentialSubject"] = [subject, other]


@pytest.mark.parametrize(
    "change", [_evidence, _identifier_at_issuer, _hours_in_criteria, _second_subject]
)
def test_neither_badge_nor_subject_nor_achievement_is_described_twice(
    house: House, change: Change
) -> None:
    badge = house.badge()
    change(badge)
    with pytest.raises(UnsupportedError) as refused:
        canonicalize(badge)
    assert refused.value.code == "described_elsewhere"


def _holder_issues(badge: dict[str, Any]) -> None:
    badge["credentialSubject"]["id"] = badge["issuer"]["id"]


def _criteria_of_one_address(badge: dict[str, Any]) -> None:
    achievement = badge["credentialSubject"]["achievement"]
    achievement["criteria"]["id"] = achievement["id"]


def _creator_is_issuer(badge: dict[str, Any]) -> None:
    badge["credentialSubject"]["achievement"]["creator"] = badge["issuer"] | {"name": "Autrement"}


def _subject_twice_over(badge: dict[str, Any]) -> None:
    badge["credentialSubject"]["id"] = "did:key:z6MkholderholderA"
    badge["credentialSubject"] = [badge["credentialSubject"]] * 2


@pytest.mark.parametrize(
    "change",
    [_holder_issues, _criteria_of_one_address, _creator_is_issuer, _subject_twice_over],
)
def test_what_honest_badges_name_twice_is_taken(house: House, change: Change) -> None:
    badge = house.badge()
    change(badge)
    assert canonicalize(badge) == pyld_canonicalize(badge)


@pytest.mark.parametrize("name", ["Criteria", "Achievement", "Image", "Profile"])
def test_a_class_is_no_member(house: House, name: str) -> None:
    """`Criteria` is signed as `criteria` is, and no reader looks for it."""
    badge = house.badge()
    badge["credentialSubject"]["achievement"][name] = {"narrative": "Autre chose."}
    with pytest.raises(MalformedError) as refused:
        canonicalize(badge)
    assert refused.value.code == "member_not_a_term"
