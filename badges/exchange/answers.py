"""A verification in the words of the VC-API: verified or not, and each problem with its type."""

from __future__ import annotations

from typing import Any

from badges.awards.checks import say
from badges.engine import shape
from badges.engine.presentations import PresentationReport
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
    "holder": _MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR",
}
#: Data Integrity 1.0, section 4.4: what a presentation was not signed for.
_OCCASIONS = {
    "challenge": "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
    "domain": "https://w3id.org/security#INVALID_DOMAIN_ERROR",
}
#: What every proof says of itself; `created` is optional (Data Integrity 1.0, section 2.1).
_PROOF_MEMBERS = ("type", "verificationMethod", "proofPurpose")


def problem_details(report: Report) -> list[dict[str, str]]:
    """What was found wrong, and what could not be established, one problem a step."""
    return [_problem(check) for check in report.checks if _is_problem(check)]


def _is_problem(check: Check) -> bool:
    return check.outcome in ("failed", "unknown") and check.code not in (
        "shape_not_badge",
        "not_reached",
    )


def _problem(check: Check) -> dict[str, str]:
    kind = _type_of(check)
    return {
        "type": kind,
        "title": kind.rpartition("#")[2],
        "code": check.code,
        "detail": say(check),
    }


def _type_of(check: Check) -> str:
    if check.name == "status" and check.outcome == "unknown":
        return _STATUS + "STATUS_RETRIEVAL_ERROR"
    if check.code == "presentation_replayed":
        return _OCCASIONS[str(check.params["member"])]
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


def is_presentation_right(report: PresentationReport) -> bool:
    """Whether the presentation and every credential in it hold.

    Not whether who presents holds the key a credential is bound to: for the VC-API that is the
    business of who asks (`verifyPresentation`), who finds it among the problems.
    """
    return (
        not any(_is_problem(check) for check in report.checks)
        and bool(report.members)
        and all(member.report.outcome == "valid" for member in report.members)
    )


def presentation_problems(report: PresentationReport) -> list[dict[str, str]]:
    """As for a credential; what is about one of them has its ``pointer`` (RFC 9457, section 3)."""
    found = [_problem(check) for check in report.checks if _is_problem(check)]
    for place, member in enumerate(report.members):
        pointer = {"pointer": f"#/verifiableCredential/{place}"}
        checks = [*member.report.checks, member.holder]
        found += [{**_problem(check), **pointer} for check in checks if _is_problem(check)]
    return found


def presentation_results(
    document: dict[str, Any], report: PresentationReport, expected: dict[str, str]
) -> dict[str, Any]:
    """The verbose part: every proof, who presents, and what was ``expected`` of the proofs."""
    outcomes = {check.name: check.outcome for check in report.checks}
    proofs = shape.as_list(document.get("proof"))
    is_signed = outcomes.get("proof") == "passed"
    found: dict[str, Any] = {"proof": [{"valid": is_signed, "input": proof} for proof in proofs]}
    if "holder" in document:
        holder = document["holder"]
        found["holder"] = {
            "valid": outcomes.get("issuer") == "passed",
            "input": holder["id"] if isinstance(holder, dict) else holder,
        }
    for member, value in expected.items():
        are_right = bool(proofs) and all(proof.get(member) == value for proof in proofs)
        found[member] = {"valid": are_right, "input": value}
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
