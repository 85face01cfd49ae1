"""More verifiers nobody here wrote: the Digital Credentials Consortium's for credentials and their
status lists, `jose` for tokens. They accept ours, refuse ours changed, and we accept theirs."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from badges.engine import credentials, keys, proofs, status, vcjwt, verify
from badges.engine.endorsing import build_endorsement
from badges.engine.publickeys import PublicKey

FOLDER = Path(__file__).parent
SCHEMAS = FOLDER.parent / "data" / "openbadges" / "schemas"
NOW = datetime.now(UTC).replace(microsecond=0)  # theirs know no other clock
LIST = "https://lieu.example/status/1"
TEXT = 'L’été «\u202fdéjà\u202f» 🎓 "droits" \\ e\u0301'

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(
        shutil.which("node") is None or not (FOLDER / "node_modules").is_dir(),
        reason="Node.js or the packages of tests/interop are missing: run make test",
    ),
]

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask() -> Any:
    """Ask the Node process one question."""
    with subprocess.Popen(
        ["node", "others.mjs"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = process.stdout

        def question(op: str, **request: Any) -> dict[str, Any]:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"op": op, **request}) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(lines.readline())
            return answer

        yield question
        process.stdin.close()


@pytest.fixture(scope="module")
def key() -> keys.SigningKey:
    return keys.SigningKey.generate()


def badge(did: str, index: int = 7, **changes: Any) -> dict[str, Any]:
    """An unsigned badge whose bit is ``index``."""
    achievement = credentials.Achievement(
        id="https://lieu.example/badges/python",
        name=TEXT,
        description=TEXT,
        criteria=TEXT,
        achievement_type="Badge",
        hours=12,
        language="fr",
        image=credentials.Image("https://lieu.example/badges/python.png", TEXT),
        alignments=[credentials.Alignment("Programmer", "https://pix.fr/competences/3.4")],
    )
    award = credentials.Award(
        id="https://lieu.example/credentials/1",
        recipient=credentials.Recipient.from_email("ada@example.org"),
        valid_from=NOW - timedelta(days=1),
        status=[credentials.StatusEntry(LIST, index)],
        **changes,
    )
    issuer = credentials.Issuer(did, TEXT, url="https://lieu.example/")
    return credentials.build_credential(issuer, achievement, award)


def sign(document: dict[str, Any], key: keys.SigningKey) -> dict[str, Any]:
    did = keys.did_key(key.multibase)
    return proofs.sign(document, key, keys.verification_method(did, key.multibase), created=NOW)


def web(key: keys.SigningKey, revoked: tuple[int, ...] = ()) -> dict[str, Any]:
    """What is published: the status list, and 1EdTech's schema."""
    schema = SCHEMAS / "ob_v3p0_achievementcredential_schema.gh-pages.json"
    listing = credentials.build_status_list_credential(
        list_url=LIST,
        issuer_id=keys.did_key(key.multibase),
        encoded_list=status.encode_list(revoked),
        purpose="revocation",
        valid_from=NOW - timedelta(days=2),
    )
    return {
        LIST: sign(listing, key),
        credentials.ACHIEVEMENT_SCHEMA: json.loads(schema.read_text("utf-8")),
    }


def test_the_digital_credentials_consortium_accepts_our_badge_and_its_schema(
    ask: Ask, key: keys.SigningKey
) -> None:
    signed = sign(badge(keys.did_key(key.multibase)), key)
    found = ask("credential", credential=signed, served=web(key))
    assert found["errors"] == []
    assert found["steps"]["valid_signature"] is True
    assert found["steps"]["revocation_status"] is True
    assert found["steps"]["expiration"] is True
    (schema,) = found["schemas"]
    assert schema["result"]["valid"] is True, schema


def test_it_accepts_a_badge_that_carries_endorsements_with_proofs_of_their_own(
    ask: Ask, key: keys.SigningKey
) -> None:
    document = badge(keys.did_key(key.multibase))
    for owner in (document, document["credentialSubject"]["achievement"]):
        partner = keys.SigningKey.generate()
        did = keys.did_key(partner.multibase)
        said = build_endorsement(
            credentials.Issuer(did, TEXT, url="https://rectorat.example/", official=TEXT),
            owner["id"],
            id="urn:uuid:0d3c1b1e-5f7a-4c0c-9a34-7b1f2f0c8c11",
            name=TEXT,
            comment=TEXT,
            valid_from=NOW - timedelta(days=1),
            valid_until=NOW + timedelta(days=9),
        )
        owner["endorsement"] = [sign(said, partner)]
    signed = sign(document, key)
    found = ask("credential", credential=signed, served=web(key))
    assert found["errors"] == []
    assert found["steps"]["valid_signature"] is True
    (schema,) = found["schemas"]
    assert schema["result"]["valid"] is True, schema
    changed = copy.deepcopy(signed)
    changed["endorsement"][0]["credentialSubject"]["endorsementComment"] = "Autre chose."
    found = ask("credential", credential=changed, served=web(key))
    assert found["errors"] == ["invalid_signature"], "the badge's own proof covers what it carries"


def test_it_sees_that_a_badge_was_withdrawn_changed_or_is_over(
    ask: Ask, key: keys.SigningKey
) -> None:
    did = keys.did_key(key.multibase)
    signed = sign(badge(did, 94_567), key)
    assert (
        ask("credential", credential=signed, served=web(key, (94_567,)))["steps"][
            "revocation_status"
        ]
        is False
    )
    assert (
        ask("credential", credential=signed, served=web(key, (94_566, 94_568)))["steps"][
            "revocation_status"
        ]
        is True
    )
    changed = copy.deepcopy(signed)
    changed["credentialSubject"]["achievement"]["name"] += "."
    assert ask("credential", credential=changed, served=web(key))["errors"] == ["invalid_signature"]
    over = sign(badge(did, valid_until=NOW - timedelta(hours=1)), key)
    assert ask("credential", credential=over, served=web(key))["steps"]["expiration"] is False


@pytest.mark.parametrize("kind", ["RSA", "P-256"])
def test_jose_accepts_our_token_and_refuses_it_changed(ask: Ask, kind: Any) -> None:
    key = keys.SigningKey.generate(kind)
    document = badge(keys.did_key(key.multibase))
    token = vcjwt.sign_credential(document, key)
    found = ask("token", token=token, jwk=key.public().jwk)
    assert "error" not in found, found
    assert found["header"]["alg"] == key.public().algorithm
    assert found["embedded"] == "public"
    assert found["thumbprint"] == key.public().thumbprint
    assert {**found["payload"], **document} == found["payload"]
    first, second, third = token.split(".")
    changed = f"{first}.{second[:-4]}{'AAAA' if second[-4:] != 'AAAA' else 'BBBB'}.{third}"
    assert "error" in ask("token", token=changed, jwk=key.public().jwk)
    other = keys.SigningKey.generate(kind).public().jwk
    assert ask("token", token=token, jwk=other)["error"] == (
        "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    )


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES384"])
def test_we_accept_a_token_that_jose_signed_and_refuse_it_changed(ask: Ask, algorithm: str) -> None:
    document = badge("did:web:ecole.example")
    del document["credentialStatus"]
    made = ask("sign", payload=document, algorithm=algorithm)
    did = "did:web:ecole.example"
    published = keys.did_document(did, [keys.PublishedKey(PublicKey.from_jwk(made["jwk"]))])

    def fetch(address: str) -> bytes:
        assert address == "https://ecole.example/.well-known/did.json"
        return json.dumps(published).encode()

    assert verify.verify(made["token"], fetch=fetch, now=NOW).outcome == "valid"
    first, second, third = made["token"].split(".")
    changed = f"{first}.{second[:-4]}{'AAAA' if second[-4:] != 'AAAA' else 'BBBB'}.{third}"
    assert verify.verify(changed, fetch=fetch, now=NOW).outcome == "invalid"
