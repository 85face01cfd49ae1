"""Data Integrity proofs: making them, and checking one against a public key.

Sources: W3C Data Integrity EdDSA Cryptosuites 1.0 (`eddsa-rdfc-2022`, `eddsa-jcs-2022`), which are
made and checked. What strangers' badges may carry is only checked: W3C Data Integrity ECDSA
Cryptosuites 1.0 (`ecdsa-rdfc-2019`, `ecdsa-jcs-2019`, with P-256 or P-384), and the earlier
`Ed25519Signature2020`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from .canonical import Canonicalize, canonicalize
from .credentials import format_date
from .dates import parse_moment
from .documents import jcs
from .encoding import multibase_decode, multibase_encode
from .errors import MalformedError, UnsupportedError
from .keys import SigningKey
from .publickeys import SIGNATURE_BYTES, Kind, PublicKey
from .rdfc import Digest

Suite = Literal["eddsa-rdfc-2022", "eddsa-jcs-2022"]
#: Credentials are asserted; a presentation is signed to show who presents it.
Purpose = Literal["assertionMethod", "authentication"]

SIGNATURE_2020 = "Ed25519Signature2020"
SIGNATURE_2020_CONTEXT = "https://w3id.org/security/suites/ed25519-2020/v1"

#: Everything a proof may say. Another name could stand for one of these under another context.
_MEMBERS = frozenset(
    {
        "@context",
        "id",
        "type",
        "cryptosuite",
        "created",
        "expires",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
        "previousProof",
        "domain",
        "challenge",
        "nonce",
    }
)


@dataclass(frozen=True)
class Proof:
    """A proof, read: what it claims, before anything is verified."""

    suite: str
    method: str
    signature: bytes
    created: datetime | None
    expires: datetime | None
    previous: tuple[str, ...]
    #: As written, without `proofValue`.
    options: dict[str, Any]


def sign(
    document: dict[str, Any],
    key: SigningKey,
    method: str,
    *,
    created: datetime,
    suite: Suite = "eddsa-rdfc-2022",
    canonical: Canonicalize = canonicalize,
) -> dict[str, Any]:
    """The document with one more proof, as an array; the document itself is not changed.

    `method` is the key's full address (`keys.verification_method`); `canonical` turns a document
    into its canonical text, and is replaced only to know another context (test vectors).

    Raises:
        MalformedError, UnsupportedError: the document cannot be canonicalised (see `canonical`).
    """
    stated = draft(document, method, created=created, suite=suite)
    return attach(document, stated, key.sign(data_to_sign(document, stated, canonical)))


def draft(
    document: dict[str, Any],
    method: str,
    *,
    created: datetime,
    suite: Suite = "eddsa-rdfc-2022",
    purpose: Purpose = "assertionMethod",
    **members: str,
) -> dict[str, Any]:
    """A proof without its value; `members` are `challenge` and `domain`, for presentations.

    With `data_to_sign` and `attach` a proof is made where the key is: in its holder's hands.
    """
    stated = {**options(method, created, suite, purpose), **members}
    if suite == "eddsa-jcs-2022":
        stated = {"@context": document.get("@context"), **stated}
    return stated


def options(
    method: str,
    created: datetime,
    suite: Suite = "eddsa-rdfc-2022",
    purpose: Purpose = "assertionMethod",
) -> dict[str, Any]:
    """What a proof says besides its value.

    Raises:
        ValueError: a moment without a time zone.
    """
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": format_date(created),
        "verificationMethod": method,
        "proofPurpose": purpose,
    }


def data_to_sign(
    document: dict[str, Any], stated: dict[str, Any], canonical: Canonicalize = canonicalize
) -> bytes:
    """The 64 bytes that the key of this drafted proof signs. Raises: as `sign`."""
    return hash_data(split(document)[0], stated, stated["cryptosuite"], canonical)


def attach(document: dict[str, Any], stated: dict[str, Any], signature: bytes) -> dict[str, Any]:
    """The document with this drafted proof, signed, after those it has."""
    unsecured, earlier = split(document)
    proof = {**stated, "proofValue": multibase_encode(signature)}
    return {**unsecured, "proof": [*earlier, proof]}


def split(document: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """The document without its proofs, and the proofs as a list."""
    unsecured = {name: member for name, member in document.items() if name != "proof"}
    proofs = document.get("proof", [])
    return unsecured, proofs if isinstance(proofs, list) else [proofs]


def read_proof(proof: object, purpose: Purpose = "assertionMethod") -> Proof:
    """Read a proof, as a verifier of credentials (or of presentations) needs it.

    Raises:
        UnsupportedError: a suite that is not checked here (`suite_unsupported`).
        MalformedError: not a proof, made for another purpose, an unknown member.
    """
    if not isinstance(proof, dict):
        raise MalformedError("proof_invalid", "a proof is not an object")
    kind, suite = proof.get("type"), proof.get("cryptosuite")
    name = suite if kind == "DataIntegrityProof" else kind
    if not isinstance(name, str) or not name:
        raise MalformedError("proof_invalid", "a proof does not say how it was made")
    if name not in _SUITES:
        raise UnsupportedError(
            "suite_unsupported", "this kind of proof is not checked", {"suite": name[:100]}
        )
    if not proof.keys() <= _MEMBERS:
        raise MalformedError("proof_invalid", "a proof has a member that does not belong there")
    if proof.get("proofPurpose") != purpose:
        raise MalformedError("proof_purpose", "the proof was made for another purpose")
    method, value = proof.get("verificationMethod"), proof.get("proofValue")
    if not isinstance(method, str) or not isinstance(value, str):
        raise MalformedError("proof_invalid", "a proof lacks its key or its value")
    if not value.startswith("z"):
        raise MalformedError("proof_value", "the proof's value is not base58")
    signature = multibase_decode(value)
    if len(signature) not in {SIGNATURE_BYTES[kind] for kind in _SUITES[name].kinds}:
        raise MalformedError("proof_value", "the proof's value is not a signature")
    previous = proof.get("previousProof", [])
    previous = previous if isinstance(previous, list) else [previous]
    if not all(isinstance(identifier, str) for identifier in previous):
        raise MalformedError("proof_invalid", "a proof names no earlier proof where it should")
    return Proof(
        suite=name,
        method=method,
        signature=signature,
        created=parse_moment(proof["created"]) if "created" in proof else None,
        expires=parse_moment(proof["expires"]) if "expires" in proof else None,
        previous=tuple(previous),
        options={member: proof[member] for member in proof if member != "proofValue"},
    )


def secured_by(document: dict[str, Any], proof: Proof) -> dict[str, Any]:
    """What this proof signs: the document, with the earlier proofs when it is one of a chain.

    Raises:
        MalformedError: an earlier proof that it names is not there.
    """
    unsecured, proofs = split(document)
    if not proof.previous:
        return unsecured
    by_id = {other.get("id"): other for other in proofs if isinstance(other, dict)}
    if not all(identifier in by_id for identifier in proof.previous):
        raise MalformedError("proof_chain", "an earlier proof is missing")
    return {**unsecured, "proof": [by_id[identifier] for identifier in proof.previous]}


def is_signed_by(
    document: dict[str, Any],
    proof: Proof,
    public_key: PublicKey,
    canonical: Canonicalize = canonicalize,
) -> bool:
    """Whether this key made this proof of this document.

    Raises:
        MalformedError: a key of another kind than the suite's; the document cannot be signed.
        UnsupportedError: the document cannot be canonicalised.
    """
    if public_key.kind not in _SUITES[proof.suite].kinds:
        raise MalformedError("key_type_mismatch", "the key is not of the kind the proof needs")
    digest: Digest = "sha384" if public_key.kind == "P-384" else "sha256"
    data = hash_data(secured_by(document, proof), proof.options, proof.suite, canonical, digest)
    return public_key.verifies(proof.signature, data)


def hash_data(
    unsecured: dict[str, Any],
    options: dict[str, Any],
    suite: str,
    canonical: Canonicalize = canonicalize,
    digest: Digest = "sha256",
) -> bytes:
    """What is signed: the hash of the proof's options, then that of the document; 64 bytes, or 96
    when `digest` is SHA-384 (P-384; ECDSA Cryptosuites, 3.2.3)."""
    texts = _SUITES[suite].texts(unsecured, options, canonical, digest)
    return b"".join(hashlib.new(digest, text.encode()).digest() for text in texts)


def _texts_rdfc(
    unsecured: dict[str, Any], options: dict[str, Any], canonical: Canonicalize, digest: Digest
) -> tuple[str, str]:
    options = {**options, "@context": unsecured.get("@context")}
    return canonical(options, digest=digest), canonical(unsecured, digest=digest)


def _texts_2020(
    unsecured: dict[str, Any], options: dict[str, Any], canonical: Canonicalize, digest: Digest
) -> tuple[str, str]:
    options = {**options, "@context": SIGNATURE_2020_CONTEXT}
    return canonical(options, digest=digest), canonical(unsecured, digest=digest)


def _texts_jcs(
    unsecured: dict[str, Any], options: dict[str, Any], _canonical: Canonicalize, _digest: Digest
) -> tuple[str, str]:
    if "@context" in options:
        # EdDSA Cryptosuites, 3.3.2: the document may add contexts after the proof's, not before.
        own, stated = (_as_list(part.get("@context")) for part in (unsecured, options))
        if own[: len(stated)] != stated:
            raise MalformedError("proof_context", "the proof was made under other contexts")
        unsecured = {**unsecured, "@context": options["@context"]}
    return jcs(options), jcs(unsecured)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_Texts = Callable[[dict[str, Any], dict[str, Any], Canonicalize, Digest], tuple[str, str]]


class _Suite(NamedTuple):
    """How a suite writes what is hashed, and the kinds of key it is made with."""

    texts: _Texts
    kinds: tuple[Kind, ...]


_SUITES = {
    "eddsa-rdfc-2022": _Suite(_texts_rdfc, ("Ed25519",)),
    "eddsa-jcs-2022": _Suite(_texts_jcs, ("Ed25519",)),
    "ecdsa-rdfc-2019": _Suite(_texts_rdfc, ("P-256", "P-384")),
    "ecdsa-jcs-2019": _Suite(_texts_jcs, ("P-256", "P-384")),
    SIGNATURE_2020: _Suite(_texts_2020, ("Ed25519",)),
}
