"""The verification of our own badge, step by step, its dates and its holder."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.engine import credentials, report
from badges.engine.report import STEPS, Check, Report, overall
from tests.support.engine import REVOCATION, Change


def outcomes(found: Report) -> dict[str, str]:
    return {check.name: check.outcome for check in found.checks}


def test_our_badge_is_valid_and_every_step_is_named(house: Any) -> None:
    house.publish_list()
    found = house.verify(house.signed(status=[REVOCATION]), recipient="ada@example.org")
    assert found.outcome == "valid"
    assert [check.name for check in found.checks] == list(STEPS)
    later = {"refresh", "endorsements"}  # it has neither
    assert {n for n, outcome in outcomes(found).items() if outcome != "passed"} == later
    assert found.credential is not None
    answer = json.loads(json.dumps(found.to_json()))
    assert answer.keys() == {"outcome", "checks", "credential"}
    assert answer["checks"][0].keys() == {"name", "outcome", "code", "message", "params"}


def test_without_status_or_claimed_recipient_those_steps_do_not_apply(house: Any) -> None:
    found = house.verify(house.signed(), offline=True)
    assert found.outcome == "valid"
    assert found.check("status").outcome == found.check("recipient").outcome == "not_applicable"


def test_the_outcome_of_the_whole_follows_the_published_rule() -> None:
    def whole(**steps: report.Outcome) -> str:
        return overall([Check(step, steps.get(step, "passed"), "", "") for step in STEPS])

    assert whole() == "valid"
    assert whole(status="unknown") == whole(proof="unknown") == "incomplete"
    assert whole(issuer="unknown") == whole(dates="unknown") == "incomplete"
    assert whole(recipient="unknown") == whole(contexts="unknown") == "valid"
    assert whole(shape="failed", status="unknown") == "invalid"


def test_the_form_does_not_matter_bytes_text_or_document(house: Any) -> None:
    signed = house.signed()
    text = json.dumps(signed, ensure_ascii=False, indent=2)
    for source in (signed, text, text.encode(), b"\xef\xbb\xbf" + text.encode()):
        assert house.verify(source).outcome == "valid"


@given(
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
        str.strip
    ),
    criteria=st.text(
        st.sampled_from("éàüœ’« »—\n\t\"'\\🎓👩🏽‍🏫🇫🇷 aZ0\u202f\u00a0\u0301{}<>&"), min_size=1
    ).filter(str.strip),
    hours=st.integers(0, 1000),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_signs_and_verifies_and_one_changed_letter_does_not(
    house: Any, name: str, criteria: str, hours: int
) -> None:
    signed = house.sign(house.badge({"name": name, "criteria": criteria, "hours": hours}))
    source = json.dumps(signed, ensure_ascii=False)
    found = house.verify(source, offline=True)
    assert found.outcome == "valid", found.to_json()
    achievement = signed["credentialSubject"]["achievement"]
    achievement["name"] += "x"
    changed = house.verify(signed, offline=True)
    assert changed.check("proof").code == "signature_wrong"
    assert changed.outcome == "invalid"


@pytest.mark.parametrize(
    "path",
    [
        ("id",),
        ("name",),
        ("validFrom",),
        ("issuer", "name"),
        ("credentialSubject", "identifier", 0, "identityHash"),
        ("credentialSubject", "achievement", "criteria", "narrative"),
        ("credentialSubject", "achievement", "alignment", 1, "targetName"),
        ("evidence", 0, "narrative"),
        ("proof", 0, "created"),
    ],
    ids=str,
)
def test_one_changed_letter_is_seen_wherever_it_is(
    house: Any, changed: Change, path: tuple[str | int, ...]
) -> None:
    signed = house.signed()
    value: Any = signed
    for step in path:
        value = value[step]
    digit_or_letter = len(value) - 2
    forged = value[:digit_or_letter] + ("7" if value[digit_or_letter] != "7" else "6") + value[-1]
    found = house.verify(changed(signed, forged, *path))
    assert found.outcome == "invalid"
    assert found.check("proof").code == "signature_wrong"
    assert found.check("issuer").code == "issuer_unproven"


def test_dropping_or_adding_a_member_is_seen(house: Any) -> None:
    signed = house.signed(valid_until=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    assert house.verify(signed).check("dates").code == "expired"
    del signed["validUntil"]
    assert house.verify(signed).check("proof").outcome == "failed"


# -- dates -----------------------------------------------------------------------------------


def test_a_badge_that_has_not_begun_or_is_over_is_invalid(house: Any, now: datetime) -> None:
    early = house.signed(valid_from=now + timedelta(hours=1))
    assert house.verify(early).check("dates").code == "not_yet_valid"
    late = house.signed(valid_until=now - timedelta(seconds=1))
    assert house.verify(late).check("dates").code == "expired"
    assert house.verify(late).outcome == "invalid"


def test_clocks_may_differ_by_a_few_minutes(house: Any, now: datetime) -> None:
    assert house.verify(house.signed(valid_from=now + timedelta(minutes=4))).outcome == "valid"


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ("2026-02-01T00:00:00Z", "passed"),
        ("2026-02-01T00:00:00.123456789+01:00", "passed"),
        ("2026-02-01T24:00:00Z", "passed"),
        ("0000-01-01T00:00:00Z", "passed"),
        ("2026-02-01T00:00:00", "passed"),
        ("12026-02-01T00:00:00Z", "failed"),
        ("2026-02-30T00:00:00Z", "failed"),
        ("2026-02-01", "failed"),
        ("hier", "failed"),
    ],
)
def test_dates_are_read_as_xml_schema_writes_them(house: Any, written: str, outcome: str) -> None:
    found = house.verify(house.sign(house.badge() | {"validFrom": written}))
    assert found.check("dates").outcome == outcome


# -- recipient -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "outcome"),
    [("ada@example.org", "passed"), (" Ada@Example.org", "passed"), ("eve@example.org", "failed")],
)
def test_the_claimed_holder_is_compared_with_the_hash(house: Any, email: str, outcome: str) -> None:
    assert house.verify(house.signed(), recipient=email).check("recipient").outcome == outcome


def test_the_hash_of_the_specifications_example() -> None:
    assert credentials.hash_identity("a@example.com", "Kosher") == (
        "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    )


def test_a_badge_without_address_leaves_the_recipient_unknown(house: Any) -> None:
    signed = house.signed(recipient=None, subject_id="did:key:z6MkholderholderA")
    found = house.verify(signed, recipient="ada@example.org")
    assert found.check("recipient").outcome == "unknown"
    assert found.outcome == "valid"


def test_plain_and_md5_identities_of_strangers_are_compared(house: Any, changed: Change) -> None:
    path = ("credentialSubject", "identifier", 0, "identityHash")
    md5 = hashlib.md5(b"ada@example.orgsel", usedforsecurity=False).hexdigest()
    for stated in ("md5$" + md5, "Ada@example.org", "mailto:ada@example.org"):
        badge = changed(house.badge(), stated, *path)
        found = house.verify(house.sign(badge), recipient="ada@example.org")
        assert found.check("recipient").outcome == "passed", stated
