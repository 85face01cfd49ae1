"""A verification in the words of the VC-API: verified or not, and each problem with its type."""

from __future__ import annotations

from typing import Any

from badges.awards.checks import say
from badges.engine import shape
from badges.engine.report import Check, Report

_MODEL = "https://www.w3.org/TR/vc-data-model#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
#: Verifiable Credentials 2.0, section 7.2; Bitstring Status List 1.0, section 3.5.
_TYPES = {
    "read": _MODEL + "PARSING_ERROR",
    "shape": _MODEL + "MALFORMED_VALUE_ERROR",
    "contexts": _MODEL + "MALFORMED_VALUE_ERROR",
    "proof": _MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR",
    "issuer": _MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR",
    "dates": _MODEL + "RANGE_ERROR",
    "status": _STATUS + "STATUS_VERIFICATION_ERROR",
    "recipient": _MODEL + "MALFORMED_VALUE_ERROR",
    "refresh": _MODEL + "MALFORMED_VALUE_ERROR",
    "endorsements": _MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR",
}
#: What every proof says of itself; `created` is optional (Data Integrity 1.0, section 2.1).
_PROOF_MEMBERS = ("type", "verificationMethod", "proofPurpose")


def problem_details(report: Report) -> list[dict[str, str]]:
    """What was found wrong, and what could not be established, one problem a step."""
    return [
        {
            "type": _type_of(check),
            "title": _type_of(check).rpartition("#")[2],
            "code": check.code,
            "detail": say(check),
        }
        for check in report.checks
        if check.outcome in ("failed", "unknown")
        and check.code not in ("shape_not_badge", "not_reached")
    ]


def _type_of(check: Check) -> str:
    if check.name == "status" and check.outcome == "unknown":
        return _STATUS + "STATUS_RETRIEVAL_ERROR"
    return _TYPES[check.name]


def results(document: dict[str, Any], report: Report) -> dict[str, Any]:
    """The verbose part of the answer: each member that was looked at, and how it was found."""

    def is_right(step: str) -> bool:
        return report.check(step).outcome == "passed"  # type: ignore[arg-type]

    found: dict[str, Any] = {
        "proof": [
            {"verified": is_right("proof") and is_right("issuer"), "input": proof}
            for proof in shape.as_list(document.get("proof"))
        ],
        "credentialStatus": [
            {"verified": is_right("status"), "input": entry}
            for entry in shape.as_list(document.get("credentialStatus"))
        ],
    }
    code = report.check("dates").code
    for member, wrong in (("validFrom", "not_yet_valid"), ("validUntil", "expired")):
        if member in document:
            verified = code not in (wrong, "date_invalid")
            found[member] = {"verified": verified, "input": document[member]}
    return found


def is_proof_whole(document: dict[str, Any]) -> bool:
    """Whether there is a proof, and each says what it needs to be looked at."""
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    return bool(proofs) and all(
        isinstance(proof, dict)
        and all(isinstance(proof.get(name), str) and proof[name] for name in _PROOF_MEMBERS)
        and any(isinstance(proof.get(name), str) for name in ("proofValue", "jws"))
        for proof in proofs
    )
