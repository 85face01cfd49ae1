"""What cannot be read, or is not of the right shape, is told by name and in time."""

from __future__ import annotations

import copy
import json
import re
import time
from typing import Any

import pytest

from badges.engine.report import STEPS
from tests.support.engine import REVOCATION, Change


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"bonjour", "not_json"),
        (b"[]", "not_object"),
        (b"null", "not_object"),
        (b'{"a": NaN}', "number_invalid"),
        (b'{"a": 1e999}', "number_invalid"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": "\\ud800"}', "lone_surrogate"),
        ("\ud800", "lone_surrogate"),
        (b"\xff\xfe\x00", "not_utf8"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"),
        (b'{"a": [' + b"1," * 5_000 + b"1]}", "too_many_values"),
        (b"9" * 5_000, "number_invalid"),
        (b" " * (10 * 1024 * 1024), "too_large"),
        ("x" * (10 * 1024 * 1024), "too_large"),
        ({"a": object()}, "not_json"),
        ({1: 2}, "not_json"),
        ({"a": float("nan")}, "number_invalid"),
        ({"a": 10**400}, "number_invalid"),
        (12, "not_json"),
        (None, "not_json"),
    ],
    # The same in every process: no address of an object in it.
    ids=lambda value: re.sub(" at 0x.*", "", repr(value)[:30]),
)
def test_what_cannot_be_read_is_invalid_and_says_why(house: Any, source: Any, code: str) -> None:
    began = time.process_time()
    found = house.verify(source)
    assert time.process_time() - began < 1
    assert found.check("read").code == code
    assert found.outcome == "invalid"
    assert found.credential is None
    assert [check.name for check in found.checks] == list(STEPS)


def test_a_text_that_holds_itself_is_refused(house: Any) -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    assert house.verify(loop).check("read").code == "too_deep"


def test_a_credential_cut_short_anywhere_is_invalid(house: Any) -> None:
    text = json.dumps(house.signed(), ensure_ascii=False).encode()
    for length in range(0, len(text), 97):
        assert house.verify(text[:length]).outcome == "invalid"


def test_a_badge_wrapped_by_a_wallet_is_unknown_not_an_error(house: Any) -> None:
    wrapped = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [house.signed()],
    }
    assert house.verify(wrapped).check("read").code == "wrapped_unsupported"
    assert house.verify(wrapped).outcome == "incomplete"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("credentialSubject", "achievement", "criteria"), {}, "shape_missing"),
        (("credentialSubject", "achievement", "name"), "  ", "shape_wrong_type"),
        (("credentialSubject", "achievement"), "https://x.example/", "shape_wrong_type"),
        (("credentialSubject", "identifier"), [], "shape_missing"),
        (("credentialSubject",), [{}, {}], "shape_wrong_type"),
        (("issuer", "type"), ["Person"], "shape_missing"),
        (("issuer",), 3, "shape_wrong_type"),
        (("type",), ["OpenBadgeCredential"], "shape_missing"),
        (("id",), "pas-une-adresse", "shape_not_an_address"),
        (("validFrom",), ["2026-01-01T00:00:00Z"], "shape_wrong_type"),
        (("credentialStatus",), "https://x.example/", "shape_wrong_type"),
        (("@context",), "https://www.w3.org/ns/credentials/v2", "shape_wrong_type"),
    ],
    ids=str,
)
def test_a_badge_of_the_wrong_shape_is_invalid_and_says_where(
    house: Any, changed: Change, path: tuple[str, ...], value: Any, code: str
) -> None:
    found = house.verify(changed(house.signed(), value, *path))
    assert found.check("shape").code == code
    assert str(found.check("shape").params["path"]).startswith(path[-1] if len(path) == 1 else "")
    assert found.outcome == "invalid"


def test_the_first_context_must_be_that_of_credentials(house: Any) -> None:
    signed = house.signed()
    signed["@context"].reverse()
    assert house.verify(signed).check("shape").code == "shape_not_first"


def test_another_kind_of_credential_is_verified_as_far_as_it_goes(house: Any) -> None:
    listing = house.publish_list()
    found = house.verify(listing)
    assert found.check("shape").code == "shape_not_badge"
    assert found.check("proof").outcome == found.check("issuer").outcome == "passed"


def test_the_document_is_not_changed_by_being_verified(house: Any) -> None:
    house.publish_list()
    signed = house.signed(status=[REVOCATION])
    before = copy.deepcopy(signed)
    house.verify(signed)
    assert signed == before
