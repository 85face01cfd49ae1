"""What we issue: the shape of the standard, checked with 1EdTech's own schema."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from badges.engine import credentials, verify


@pytest.fixture(scope="session")
def schema(data: Path) -> jsonschema.Draft201909Validator:
    path = data / "schemas" / "ob_v3p0_achievementcredential_schema.gh-pages.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    # Draft 2019-09, named there with an empty fragment that the library does not recognise.
    document["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    return jsonschema.Draft201909Validator(
        document, format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER
    )


def rich(house: Any, now: datetime) -> dict[str, Any]:
    return dict(
        house.signed(
            status=[credentials.StatusEntry("https://lieu.example/status/1", 7)],
            valid_until=now + timedelta(days=365),
            narrative="A aidé les autres.",
            description="Un badge de la maison.",
            subject_id="did:key:z6MkholderholderA",
            evidence=[
                credentials.Evidence(name="Carnet", url="https://lieu.example/preuves/1"),
                credentials.Evidence(narrative="Un programme.", genre="Code"),
            ],
        )
    )


def test_what_we_issue_is_valid_for_the_published_schema(
    house: Any, now: datetime, schema: jsonschema.Draft201909Validator
) -> None:
    for document in (rich(house, now), house.signed()):
        assert [error.message for error in schema.iter_errors(document)] == []
        assert house.verify(document, offline=True).check("shape").outcome == "passed"


def test_the_schema_would_notice(
    house: Any, now: datetime, schema: jsonschema.Draft201909Validator
) -> None:
    broken = rich(house, now)
    broken["proof"] = broken["proof"][0]
    broken["credentialSubject"]["identifier"][0]["hashed"] = "yes"
    assert len(list(schema.iter_errors(broken))) == 2


def test_contexts_and_members_stand_in_the_order_of_the_standard(house: Any, now: datetime) -> None:
    document = rich(house, now)
    assert document["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    ]
    assert list(document)[:4] == ["@context", "id", "type", "name"]
    assert list(document)[-1] == "proof"
    assert document["credentialSchema"] == [
        {"id": credentials.ACHIEVEMENT_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}
    ]
    for member in ("proof", "evidence", "credentialSchema", "type"):
        assert isinstance(document[member], list)
    # New under an old address, so older copies of the context do not know them.


def test_words_that_came_later_into_the_context_stay_out_of_a_badge(
    house: Any, now: datetime
) -> None:
    """A proof over them fails where the older text of the same context is kept."""
    text = json.dumps(rich(house, now))
    assert '"endorsementJwt"' not in text
    assert '"jti"' not in text


def test_the_holder_is_named_by_a_salted_hash_only(house: Any) -> None:
    first, second = (credentials.Recipient.from_email("ada.lovelace@example.org") for _ in range(2))
    assert first.salt != second.salt
    assert first.identity_hash != second.identity_hash
    text = json.dumps(house.badge(recipient=first))
    assert "lovelace" not in text  # not «ada», which a hash holds now and then
    assert first.identity_hash in text


def test_what_is_not_said_is_left_out(house: Any) -> None:
    text = json.dumps(house.badge({"image": None, "hours": None, "tags": [], "alignments": []}))
    assert "null" not in text
    for member in ("image", "creditsAvailable", '"tag"', "alignment", "validUntil", "[]"):
        assert member not in text


def test_a_badge_for_nobody_and_a_date_without_zone_are_refused(house: Any, now: datetime) -> None:
    with pytest.raises(ValueError, match="recipient"):
        house.badge(recipient=None)
    with pytest.raises(ValueError, match="time zone"):
        house.badge(valid_from=now.replace(tzinfo=None))


def test_a_status_list_is_a_credential_of_its_own(house: Any, now: datetime) -> None:
    listing = house.publish_list([1])
    assert listing["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert listing["issuer"] == house.did
    found = verify.verify(listing, fetch=None, now=now)
    assert {check.name: check.outcome for check in found.checks} == {
        "read": "passed",
        "shape": "unknown",
        "contexts": "passed",
        "proof": "passed",
        "issuer": "passed",
        "dates": "passed",
        "status": "not_applicable",
        "recipient": "not_applicable",
        "refresh": "not_applicable",
        "endorsements": "not_applicable",
    }
