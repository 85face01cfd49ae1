"""Revoked, suspended, or nobody knows: what the issuer's status lists say."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from badges.engine import credentials, status
from tests.support.engine import REVOCATION


def test_a_revoked_badge_is_invalid_and_its_neighbour_is_not(house: Any) -> None:
    house.publish_list([94_567])
    revoked = house.verify(house.signed(status=[REVOCATION]))
    assert revoked.check("status").code == "revoked"
    assert revoked.outcome == "invalid"
    neighbour = credentials.StatusEntry(REVOCATION.list_url, 94_568)
    assert house.verify(house.signed(status=[neighbour])).outcome == "valid"


def test_a_suspended_badge_is_invalid_and_a_list_of_another_purpose_proves_nothing(
    house: Any, list_url: str
) -> None:
    entry = credentials.StatusEntry(list_url, 3, "suspension")
    house.publish_list([3], "suspension")
    assert house.verify(house.signed(status=[entry])).check("status").code == "suspended"
    house.publish_list([3], "revocation")
    found = house.verify(house.signed(status=[entry]))
    assert found.check("status").code == "status_list_purpose"
    assert found.outcome == "incomplete"


def test_one_set_bit_among_several_entries_is_enough(house: Any, list_url: str) -> None:
    house.publish_list([4])
    entries = [credentials.StatusEntry(list_url, 3), credentials.StatusEntry(list_url, 4)]
    assert house.verify(house.signed(status=entries)).check("status").code == "revoked"


def test_without_the_network_the_status_is_unknown(house: Any) -> None:
    found = house.verify(house.signed(status=[REVOCATION]), offline=True)
    assert found.check("status").code == "offline"
    assert found.outcome == "incomplete"


def test_a_list_that_was_changed_cannot_be_trusted(house: Any, list_url: str) -> None:
    listing = house.publish_list([94_567])
    listing["credentialSubject"]["encodedList"] = status.encode_list([])
    house.web[list_url] = json.dumps(listing).encode()
    found = house.verify(house.signed(status=[REVOCATION]))
    assert found.check("status").code == "status_list_untrusted"
    assert found.check("status").params["step"] == "proof"
    assert found.outcome == "incomplete"


def test_a_list_of_another_issuer_is_not_believed(
    house: Any, web_house: Any, list_url: str
) -> None:
    web_house.publish_list()
    house.web = web_house.web
    found = house.verify(house.signed(status=[REVOCATION]))
    assert found.check("status").code == "status_list_issuer"


def test_another_list_of_the_same_issuer_is_not_believed(house: Any, list_url: str) -> None:
    # Lists are filled one after the other: the same index stands for somebody else in the next.
    house.publish_list()
    other = credentials.StatusEntry("https://lieu.example/status/2", 94_567)
    house.web[other.list_url] = house.web[list_url]
    found = house.verify(house.signed(status=[other]))
    assert found.check("status").code == "status_list_id"
    assert found.outcome == "incomplete"


def test_a_list_that_is_over_is_not_believed(house: Any, now: datetime) -> None:
    house.publish_list()
    found = house.verify(house.signed(status=[REVOCATION]), now=now - timedelta(days=2))
    assert found.check("status").code == "status_list_untrusted"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "1EdTechRevocationList"}, "status_type_unsupported"),
        ({"statusListIndex": "-1"}, "status_entry"),
        ({"statusListIndex": "9" * 30}, "status_entry"),
        ({"statusListIndex": "9999999"}, "status_index"),
        ({"statusListCredential": "file:///etc/passwd"}, "status_address"),
        ({"statusListCredential": "http://[::1"}, "status_address"),
        ({"statusPurpose": 3}, "status_entry"),
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_followed_is_told(
    house: Any, change: dict[str, Any], code: str
) -> None:
    house.publish_list()
    badge = house.badge(status=[REVOCATION])
    badge["credentialStatus"] |= change
    # The canonical text may refuse it too; the status speaks for itself.
    found = house.verify(badge | {"proof": house.signed()["proof"]})
    assert found.check("status").code == code


def test_a_status_of_the_2021_draft_is_checked_too(
    house: Any, list_url: str, now: datetime
) -> None:
    context = "https://w3id.org/vc/status-list/2021/v1"
    badge = house.badge(status=[credentials.StatusEntry(list_url, 7)])
    badge["@context"].append(context)
    badge["credentialStatus"]["type"] = "StatusList2021Entry"
    signed = house.sign(badge)
    for bits, outcome in ((set(), "valid"), ({7}, "invalid")):
        listing = credentials.build_status_list_credential(
            list_url=list_url,
            issuer_id=house.did,
            encoded_list=status.encode_list(bits)[1:],
            purpose="revocation",
            valid_from=now,
        )
        listing["@context"] = [
            "https://www.w3.org/2018/credentials/v1",
            context,
            "https://w3id.org/security/data-integrity/v2",
        ]
        listing["issuanceDate"] = listing.pop("validFrom")
        listing["type"][1] = "StatusList2021Credential"
        listing["credentialSubject"]["type"] = "StatusList2021"
        house.web[list_url] = json.dumps(house.sign(listing)).encode()
        assert house.verify(signed).outcome == outcome
    house.publish_list()
    assert house.verify(signed).check("status").code == "status_list_type"


def test_a_list_on_plain_http_is_checked_because_it_is_signed(house: Any, now: datetime) -> None:
    address = "http://localhost:8000/status/1"
    listing = credentials.build_status_list_credential(
        list_url=address,
        issuer_id=house.did,
        encoded_list=status.encode_list([7]),
        purpose="revocation",
        valid_from=now,
    )
    house.web[address] = json.dumps(house.sign(listing)).encode()
    signed = house.signed(status=[credentials.StatusEntry(address, 7)])
    assert house.verify(signed).check("status").code == "revoked"


def test_a_list_is_fetched_once_for_one_verification(house: Any, list_url: str) -> None:
    house.publish_list()
    entries = [credentials.StatusEntry(list_url, 3), credentials.StatusEntry(list_url, 4)]
    assert house.verify(house.signed(status=entries)).outcome == "valid"
    assert house.fetched == [list_url]
