"""Published vectors reproduced byte for byte (see tests/data/openbadges/SOURCES.md)."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from badges.engine import contexts, documents, encoding, keys, proofs, verify
from badges.engine.canonical import canonicalize
from badges.engine.publickeys import Kind, PublicKey

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
KNOWN = {
    **contexts.shipped(),
    EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}},
}
with_examples = partial(canonicalize, contexts=KNOWN)
SUITES = [("eddsa-rdfc-2022", "DataInt"), ("eddsa-jcs-2022", "JCS")]
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


@pytest.fixture
def vectors(data: Path) -> Path:
    return data / "vectors"


#: Multicodec prefix of an Ed25519 secret key.
ED25519_SECRET = b"\x80\x26"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def secret_key(vectors: Path) -> keys.SigningKey:
    secret = read(vectors / "keyPair.json")["privateKeyMultibase"]
    return keys.SigningKey.from_seed(encoding.multibase_decode(secret).removeprefix(ED25519_SECRET))


def test_the_published_secret_key_gives_the_published_public_key(vectors: Path) -> None:
    stated = read(vectors / "keyPair.json")["publicKeyMultibase"]
    assert secret_key(vectors).multibase == stated
    assert PublicKey.from_multikey(stated).multikey == stated


def test_the_canonical_document_and_proof_of_eddsa_rdfc_2022(vectors: Path) -> None:
    folder = vectors / "eddsa-rdfc-2022"
    document = with_examples(read(vectors / "unsigned.json"))
    proof = with_examples(read(folder / "proofConfigDataInt.json"))
    assert document.encode() == (folder / "canonDocDataInt.txt").read_bytes()
    assert proof.encode() == (folder / "proofCanonDataInt.txt").read_bytes()
    assert hashlib.sha256(document.encode()).hexdigest() == (
        (folder / "docHashDataInt.txt").read_text().strip()
    )
    assert hashlib.sha256(proof.encode()).hexdigest() == (
        (folder / "proofHashDataInt.txt").read_text().strip()
    )


def test_the_canonical_document_and_proof_of_eddsa_jcs_2022(vectors: Path) -> None:
    folder = vectors / "eddsa-jcs-2022"
    document = documents.jcs(read(vectors / "unsigned.json"))
    proof = documents.jcs(read(folder / "proofConfigJCS.json"))
    assert document.encode() == (folder / "canonDocJCS.txt").read_bytes()
    assert proof.encode() == (folder / "proofCanonJCS.txt").read_bytes()


@pytest.mark.parametrize(("suite", "suffix"), SUITES)
def test_hashing_and_signing_give_the_published_bytes(
    vectors: Path, suite: proofs.Suite, suffix: str
) -> None:
    folder = vectors / suite
    signed = read(folder / f"signed{suffix}.json")
    unsecured, (proof,) = proofs.split(signed)
    options = {name: member for name, member in proof.items() if name != "proofValue"}
    combined = proofs.hash_data(unsecured, options, suite, with_examples)
    assert combined.hex() == (folder / f"combinedHash{suffix}.txt").read_text().strip()
    ours = proofs.sign(
        unsecured,
        secret_key(vectors),
        proof["verificationMethod"],
        created=CREATED,
        suite=suite,
        canonical=with_examples,
    )
    assert ours["proof"] == [proof]
    value = encoding.multibase_decode(proof["proofValue"])
    assert value.hex() == (folder / f"sigHex{suffix}.txt").read_text().strip()
    assert proof["proofValue"] == (folder / f"sigBTC58{suffix}.txt").read_text().strip()


@pytest.mark.parametrize(("suite", "suffix"), SUITES)
def test_the_published_credentials_verify(vectors: Path, suite: str, suffix: str) -> None:
    signed = read(vectors / suite / f"signed{suffix}.json")
    key = PublicKey.from_multikey(read(vectors / "keyPair.json")["publicKeyMultibase"])
    proof = proofs.read_proof(signed["proof"])
    assert proofs.is_signed_by(signed, proof, key, with_examples)
    signed["name"] += "."
    assert not proofs.is_signed_by(signed, proof, key, with_examples)


#: W3C, Data Integrity ECDSA Cryptosuites 1.0, the proofs in the specification's test vectors of the
#: same credential (`w3c/vc-di-ecdsa`, folder `TestVectors`).
ECDSA = {
    "P-256": "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
    "P-384": "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
}
ECDSA_PROOFS = [
    (
        "ecdsa-rdfc-2019",
        "P-256",
        "zaHXrr7AQdydBk3ahpCDpWbxfLokDqmCToYm2dyWvpcFVyWooC2he63w1f7UNQoAMKdhaRtcnaE2KTo5o5vTCcfw",
    ),
    (
        "ecdsa-jcs-2019",
        "P-256",
        "zq6PrUMCtqY5obCSsrQxuFJdGffCDxvFuopdZiBPUBRTFEs1VVsBZi8YiEwVWgHYrXxoV93gBHqGDBtQLPFxpZxz",
    ),
    (
        "ecdsa-rdfc-2019",
        "P-384",
        "z967Mvv5bxtmLNqTzPZ8KmJjFmFXaAKeQNzq7GWnQkMcLtaGSSmuozE5WtJ8PipMe178B1tE28K1vsJur9bGVJhz"
        "6jgSJsRHFSQeqgH8hhjcg8gZDFJC1b9FsR5ggNmDBqHv",
    ),
    (
        "ecdsa-jcs-2019",
        "P-384",
        "zR3krc7pt9Dpn1PY2u8HWPePggtzAG2SuH2ZGNrzw8Ku3QrFLWgDTjS5mCWy65ShixJEtpMwfviAFfh5xTgd5FGN1sSb"
        "pPJ5djqSZQLqQkY8KLBPNswuqKtq3bS8f9vEHm8w",
    ),
]


@pytest.mark.parametrize(("suite", "kind", "value"), ECDSA_PROOFS)
def test_the_published_ecdsa_proofs_verify(
    vectors: Path, suite: str, kind: Kind, value: str
) -> None:
    key = PublicKey.from_multikey(ECDSA[kind])
    assert key.kind == kind
    assert key.multikey == ECDSA[kind]
    document = read(vectors / "unsigned.json")
    stated = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": f"did:key:{ECDSA[kind]}#{ECDSA[kind]}",
        "proofPurpose": "assertionMethod",
        "proofValue": value,
    }
    proof = proofs.read_proof(stated)
    assert proofs.is_signed_by(document, proof, key, with_examples)
    assert not proofs.is_signed_by(document | {"name": "."}, proof, key, with_examples)


def test_a_key_signing_for_an_issuer_that_is_not_its_controller_is_refused(
    vectors: Path,
) -> None:
    # The W3C's example is signed by a did:key for an https issuer that never named that key.
    signed = read(vectors / "eddsa-jcs-2022" / "signedJCS.json")
    report = verify.verify(signed, fetch=None, now=CREATED)
    assert report.check("proof").outcome == "passed"
    assert report.check("issuer").code == "issuer_mismatch"
    assert report.check("contexts").code == "context_unknown"
    assert report.outcome == "invalid"


@pytest.fixture
def guide(vectors: Path) -> dict[str, Any]:
    """The worked example of the Open Badges 3.0 guide."""
    return dict(read(vectors / "ob30-linked-data-proof.json"))


def test_the_open_badges_guide_is_reproduced(guide: dict[str, Any]) -> None:
    unsecured, (proof,) = proofs.split(guide["signed"])
    options = {name: member for name, member in proof.items() if name != "proofValue"}
    canonical = canonicalize(unsecured)
    assert canonical == guide["documentCanon"]
    assert canonicalize({"@context": unsecured["@context"], **options}) == guide["proofCanon"]
    hashes = guide["proofHashHex"] + guide["documentHashHex"]
    assert proofs.hash_data(unsecured, options, "eddsa-rdfc-2022").hex() == hashes
    key = keys.SigningKey.from_seed(bytes.fromhex(guide["keyPair"]["privateKeyHex"])[:32])
    assert key.multibase == guide["keyPair"]["publicKeyMultibase"]
    created = datetime(2010, 1, 1, 19, 23, 24, tzinfo=UTC)
    ours = proofs.sign(unsecured, key, proof["verificationMethod"], created=created)
    assert ours["proof"] == [proof]
    signature = encoding.multibase_decode(ours["proof"][0]["proofValue"])
    assert signature.hex() == guide["signatureHex"]


def test_the_guides_badge_is_valid_once_its_issuers_document_is_read(
    vectors: Path, guide: dict[str, Any]
) -> None:
    web = read(vectors / "ob30-linked-data-proof.docs.json")
    signed = guide["signed"]

    def fetch(address: str) -> bytes:
        return json.dumps(web[address]).encode()

    now = datetime(2026, 1, 1, tzinfo=UTC)
    report = verify.verify(signed, fetch=fetch, now=now)
    assert report.outcome == "valid", report.to_json()
    offline = verify.verify(signed, fetch=None, now=now)
    assert offline.outcome == "incomplete"
    assert offline.check("issuer").code == "offline"


def test_the_shipped_contexts_are_the_bytes_that_were_published() -> None:
    folder = Path(contexts.__file__).parent
    index = read(folder / "index.json")
    assert {path.name for path in folder.glob("*.json")} == {"index.json"} | {
        entry["file"] for entry in index.values()
    }
    for address, entry in index.items():
        digest = hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"], address
    # Verifiable Credentials 2.0, appendix B.1.
    assert index["https://www.w3.org/ns/credentials/v2"]["sha256"] == (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    )
