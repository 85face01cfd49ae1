"""Somebody else's verifier: Digital Bazaar's libraries accept what we sign, and we what they sign.

Needs Node.js and the packages of package.json (`make test` installs them).
"""

from __future__ import annotations

import copy
import itertools
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from badges.engine import credentials, keys, presentations, proofs, status, verify
from badges.engine.rdfc import Digest, canonicalize_quads

FOLDER = Path(__file__).parent
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = bytes(range(32))
TEXTS = [
    "Premiers pas en Python",
    "L’été, « déjà » : œuvre à l\u202f’école\u00a0; ça marche\u202f!",
    "🎓 👩🏽‍🏫 🇫🇷 e\u0301 vs é",
    'Guillemets "droits", \\ barre, <balise> & $ ` { } | ^',
    "Plusieurs lignes\n\n- une\n- deux\r\n\ttabulation",
    "العربية 中文 \ufb33 \uffee",
]

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
    """Ask the Node process one question: `ask("verify", credential=…)`."""
    with subprocess.Popen(
        ["node", "verify.mjs"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def question(op: str, **request: Any) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"op": op, **request}) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            assert "error" not in answer, answer["error"]
            return answer

        yield question
        process.stdin.close()


@pytest.fixture
def key() -> keys.SigningKey:
    return keys.SigningKey.from_seed(SEED)


def badge(did: str, text: str = "Python", **changes: Any) -> dict[str, Any]:
    """An unsigned badge whose words are `text` wherever words stand."""
    issuer = credentials.Issuer(did, text, url="https://lieu.example/", description=text)
    achievement = credentials.Achievement(
        id="https://lieu.example/badges/python",
        name=text,
        description=text,
        criteria=text,
        alignments=[
            credentials.Alignment(text, "https://pix.fr/competences/3.4", framework="CRCN"),
            credentials.Alignment("Résoudre", "https://pix.fr/competences/5.1"),
        ],
        tags=["python", text],
        image=credentials.Image("https://lieu.example/badges/python.png", text),
        hours=12,
        language="fr",
    )
    award = credentials.Award(
        id="urn:uuid:58172aac-d8ba-4f11-8a3b-0b3aef56cc33",
        recipient=credentials.Recipient.from_email("ada@example.org", "sel"),
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=400),
        status=[credentials.StatusEntry("https://lieu.example/status/1", 94_567)],
        evidence=[credentials.Evidence(name=text, narrative=text)],
    )
    return credentials.build_credential(issuer, achievement, award) | changes


def sign(
    document: dict[str, Any], key: keys.SigningKey, did: str, **options: Any
) -> dict[str, Any]:
    method = keys.verification_method(did, key.multibase)
    return proofs.sign(document, key, method, created=NOW, **options)


@pytest.mark.parametrize("text", TEXTS)
def test_they_accept_what_we_sign_and_refuse_it_with_one_letter_changed(
    ask: Ask, key: keys.SigningKey, text: str
) -> None:
    did = keys.did_key(key.multibase)
    signed = sign(badge(did, text), key, did)
    assert ask("verify", credential=signed, now=NOW.isoformat()) == {"verified": True, "errors": []}
    for path in (("name",), ("credentialSubject", "achievement", "criteria", "narrative")):
        forged = copy.deepcopy(signed)
        owner = forged
        for step in path[:-1]:
            owner = owner[step]
        owner[path[-1]] = "x" + owner[path[-1]][1:]
        answer = ask("verify", credential=forged, now=NOW.isoformat())
        assert answer["verified"] is False
        assert any("signature" in message.lower() for message in answer["errors"]), answer


def test_they_accept_a_did_web_issuer_by_the_document_we_publish(
    ask: Ask, key: keys.SigningKey
) -> None:
    did = keys.did_web("https://lieu.example")
    signed = sign(badge(did), key, did)
    document = keys.did_document(did, [keys.PublishedKey(key.public())])
    asked = {"credential": signed, "now": NOW.isoformat(), "documents": {did: document}}
    assert ask("verify", **asked)["verified"] is True
    document["assertionMethod"] = []
    assert ask("verify", **asked)["verified"] is False


def test_they_accept_our_status_lists(ask: Ask, key: keys.SigningKey) -> None:
    did = keys.did_key(key.multibase)
    listing = credentials.build_status_list_credential(
        list_url="https://lieu.example/status/1",
        issuer_id=did,
        encoded_list=status.encode_list([94_567]),
        purpose="revocation",
        valid_from=NOW - timedelta(days=1),
    )
    signed = sign(listing, key, did)
    assert ask("verify", credential=signed, now=NOW.isoformat())["verified"] is True


def test_they_accept_what_we_sign_with_jcs(ask: Ask, key: keys.SigningKey) -> None:
    did = keys.did_key(key.multibase)
    signed = sign(badge(did, TEXTS[1]), key, did, suite="eddsa-jcs-2022")
    assert ask("verify", credential=signed, now=NOW.isoformat())["verified"] is True


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "Ed25519Signature2020"])
def test_we_accept_what_they_sign_and_refuse_it_with_one_letter_changed(
    ask: Ask, key: keys.SigningKey, suite: str, text: str
) -> None:
    document = badge(keys.did_key(key.multibase), text)
    del document["credentialStatus"]
    if suite == "Ed25519Signature2020":
        document["@context"].append("https://w3id.org/security/suites/ed25519-2020/v1")
    signed = ask(
        "sign", credential=document, seed=SEED.hex(), suite=suite, date="2026-03-02T09:00:00Z"
    )["signed"]
    found = verify.verify(json.dumps(signed), fetch=None, now=NOW)
    assert found.outcome == "valid", found.to_json()
    signed["credentialSubject"]["achievement"]["name"] += "x"
    assert verify.verify(signed, fetch=None, now=NOW).check("proof").code == "signature_wrong"


@pytest.mark.parametrize("text", TEXTS[1:4])
@pytest.mark.parametrize("curve", ["P-256", "P-384"])
@pytest.mark.parametrize("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
def test_we_accept_what_they_sign_with_ecdsa_and_refuse_it_with_one_letter_changed(
    ask: Ask, suite: str, curve: str, text: str
) -> None:
    document = badge("did:key:z", text)
    del document["credentialStatus"]
    # Equal unnamed parts: only what surrounds them tells them apart, by the hash of the curve.
    achievement = document["credentialSubject"]["achievement"]
    achievement["alignment"].append(achievement["alignment"][1])
    signed = ask(
        "signWithCurve", credential=document, curve=curve, suite=suite, date="2026-03-02T09:00:00Z"
    )["signed"]
    found = verify.verify(json.dumps(signed), fetch=None, now=NOW)
    assert found.outcome == "valid", found.to_json()
    assert found.check("proof").params["suite"] == suite
    signed["credentialSubject"]["achievement"]["name"] += "x"
    assert verify.verify(signed, fetch=None, now=NOW).check("proof").code == "signature_wrong"


def test_we_accept_a_badge_of_the_years_of_credentials_1(ask: Ask, key: keys.SigningKey) -> None:
    did = keys.did_key(key.multibase)
    document = {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
            "https://w3id.org/security/suites/ed25519-2020/v1",
        ],
        "id": "urn:uuid:a63a60be-f4af-491c-87fc-2c8fd3007a58",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": did, "type": ["Profile"], "name": "Université d’été"},
        "issuanceDate": "2023-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:key:z6MkholderholderA",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "urn:uuid:bd6d9316-f7ae-4073-a1e5-2f7f5bd22922",
                "type": ["Achievement"],
                "name": "Été",
                "description": "Déjà",
                "criteria": {"narrative": "Être là."},
            },
        },
    }
    asked = {"credential": document, "seed": SEED.hex(), "suite": "Ed25519Signature2020"}
    signed = ask("sign", **asked)["signed"]
    assert verify.verify(signed, fetch=None, now=NOW).outcome == "valid"
    late = verify.verify(signed, fetch=None, now=NOW + timedelta(days=400))
    assert late.check("dates").code == "expired"


def test_the_same_key_makes_the_same_proof_in_both(ask: Ask, key: keys.SigningKey) -> None:
    did = keys.did_key(key.multibase)
    document = badge(did, TEXTS[1])
    theirs = ask("sign", credential=document, seed=SEED.hex(), date="2026-03-02T09:00:00Z")[
        "signed"
    ]["proof"]
    ours = sign(document, key, did)["proof"][0]
    assert theirs["proofValue"] == ours["proofValue"]


@pytest.mark.parametrize("hours", [0, 7, 1.5, 0.1, 123456.789, 1e22, 12345678901234567890])
def test_numbers_are_signed_alike(ask: Ask, key: keys.SigningKey, hours: float) -> None:
    document = badge(keys.did_key(key.multibase))
    del document["credentialStatus"]
    document["credentialSubject"]["achievement"]["creditsAvailable"] = hours
    signed = ask("sign", credential=document, seed=SEED.hex())["signed"]
    assert verify.verify(json.dumps(signed), fetch=None, now=NOW).outcome == "valid"


@pytest.mark.parametrize("digest", ["sha256", "sha384"])
def test_random_graphs_are_canonicalised_alike(ask: Ask, digest: Digest) -> None:
    rng = random.Random(7)
    for _ in range(200):
        nodes = [f"_:n{number}" for number in range(rng.randint(1, 6))]
        quads = {
            (
                rng.choice([*nodes, "<https://x.example/s>"]),
                f"<https://x.example/{rng.randint(0, 1)}>",
                rng.choice([*nodes, '"é"', '"b"@fr', '"c"^^<https://x.example/t>']),
                rng.choice(["", "", rng.choice(nodes), "<https://x.example/g>"]),
            )
            for _ in range(rng.randint(1, 12))
        }
        text = "".join(f"{s} {p} {o} {g} .\n" for s, p, o, g in quads)
        expected = ask("canonize", nquads=text, digest=digest)["canonical"]
        assert canonicalize_quads(quads, max_work=10**9, digest=digest) == expected


def test_a_small_clique_is_canonicalised_alike(ask: Ask) -> None:
    nodes = [f"_:n{number}" for number in range(5)]
    quads = [(a, "<https://x.example/p>", b, "") for a, b in itertools.permutations(nodes, 2)]
    text = "".join(f"{s} {p} {o} .\n" for s, p, o, _ in quads)
    assert canonicalize_quads(quads) == ask("canonize", nquads=text)["canonical"]


def test_several_badges_shown_together_verify_there_too(ask: Ask, key: keys.SigningKey) -> None:
    did = keys.did_key(key.multibase)
    shown = presentations.sign(
        presentations.build(
            [sign(badge(did, text), key, did) for text in TEXTS[:3]],
            holder=did,
            identifier="https://lieu.example/collections/1",
        ),
        key,
        keys.verification_method(did, key.multibase),
        created=NOW,
        challenge="du jour",
    )
    asked = {"now": "2026-03-02T09:00:00Z", "challenge": "du jour"}
    assert ask("present", presentation=shown, **asked) == {
        "verified": True,
        "inside": [True, True, True],
        "errors": "",
    }
    # And by a name its issuer had before its key changed: two who sign the whole.
    before = keys.SigningKey.generate()
    former = keys.did_key(before.multibase)
    twice = presentations.sign(
        shown,
        before,
        keys.verification_method(former, before.multibase),
        created=NOW,
        challenge="du jour",
    )
    assert ask("present", presentation=twice, **asked)["verified"]
    shown["verifiableCredential"].pop()
    assert not ask("present", presentation=shown, **asked)["verified"]
