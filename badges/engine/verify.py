"""Verifying whatever is put on the table: named steps, an outcome each, and never an exception.

The steps and the rule for the whole are those of `report`. A step that could not be done is
`unknown` and says why; one that was done and found wrong is `failed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import datamodel, proofs, shape, status
from .baking import extract
from .canonical import Memory
from .dates import parse_moment
from .dids import Fetch, Method, Resolver, is_web_address
from .documents import check_tree, parse_json
from .errors import EngineError, MalformedError, UnsupportedError
from .report import STEPS, Check, Outcome, Report, Step, overall

#: Clocks of issuers and verifiers differ a little.
CLOCK_SKEW = timedelta(minutes=5)
MAX_PROOFS = 8
MAX_STATUS_ENTRIES = 8


def verify(
    source: bytes | str | dict[str, Any],
    *,
    fetch: Fetch | None,
    now: datetime,
    recipient: str | None = None,
) -> Report:
    """Verify a credential, whoever issued it and whatever it came in. Never raises.

    Args:
        source: a file's bytes (JSON, PNG, SVG, PDF), a text, or a parsed document.
        fetch: finds controller documents and status lists; None works offline.
        now: the moment to judge dates by, with a time zone.
        recipient: an e-mail address to compare with the badge's holder, if one is claimed.
    """
    verification = _Verification(Resolver(fetch), now)
    form, document = verification.read(source)
    if document is not None:
        verification.run_all(document, recipient)
    checks = tuple(verification.checks.get(step) or _not_reached(step) for step in STEPS)
    return Report(overall(checks), checks, document, form)


def _not_reached(step: Step) -> Check:
    return Check(step, "unknown", "not_reached", "not checked: nothing readable was found")


@dataclass(frozen=True)
class _Finding:
    """What became of one proof."""

    outcome: Outcome
    code: str
    message: str
    params: dict[str, str | int]
    method: Method | None = None
    created: datetime | None = None


class _Verification:
    """One verification: the checks so far, and what later steps need of earlier ones."""

    def __init__(self, resolver: Resolver, now: datetime) -> None:
        self.resolver = resolver
        self.now = now
        self.canonical = Memory()
        self.checks: dict[Step, Check] = {}
        self.findings: list[_Finding] = []

    # -- the steps, in order ------------------------------------------------------------------

    def run_all(self, document: dict[str, Any], recipient: str | None) -> None:
        """Every step after `read`."""
        self.run("shape", lambda: self.check_shape(document))
        self.run_trust(document)
        self.run("status", lambda: self.check_status(document))
        self.run("recipient", lambda: self.check_recipient(document, recipient))

    def run_trust(self, document: dict[str, Any]) -> None:
        """The steps that tell whether the issuer really says this, now."""
        self.run("contexts", lambda: self.check_contexts(document))
        self.run("proof", lambda: self.check_proof(document))
        self.run("issuer", lambda: self.check_issuer(document))
        self.run("dates", lambda: self.check_dates(document))

    def run(self, step: Step, check: Callable[[], None]) -> None:
        """Run one step; whatever it raises becomes its outcome."""
        try:
            check()
        except EngineError as error:
            self.note(step, _outcome_of(error), error.code, error.message, error.params)
        except Exception as error:
            # The last net: a stranger's document must never take the page down.
            self.note(
                step,
                "unknown",
                "internal_error",
                "this step could not be done",
                {"error": type(error).__name__},
            )

    def note(
        self,
        step: Step,
        outcome: Outcome,
        code: str,
        message: str,
        params: dict[str, str | int] | None = None,
    ) -> None:
        """Write down what a step found."""
        self.checks[step] = Check(step, outcome, code, message, params or {})

    def read(self, source: object) -> tuple[str | None, dict[str, Any] | None]:
        """The form and the document of what was given, when there is one."""
        found: tuple[str | None, dict[str, Any] | None] = (None, None)

        def check() -> None:
            nonlocal found
            found = self._read(source)

        self.run("read", check)
        return found

    def _read(self, source: object) -> tuple[str | None, dict[str, Any] | None]:
        if isinstance(source, dict):
            form, document = "json", check_tree(source)
        elif isinstance(source, bytes | str):
            extracted = extract(source if isinstance(source, bytes) else _encode(source))
            form = extracted.form
            if extracted.is_token:
                raise UnsupportedError(
                    "jwt_unsupported", "badges signed as tokens (JWT) are not checked yet"
                )
            document = parse_json(extracted.text)
        else:
            raise MalformedError("not_json", "this is neither a file nor a text")
        kinds = shape.as_list(document.get("type"))
        if not shape.is_badge(document) and _is_badge_2(document):
            raise UnsupportedError("ob2_unsupported", "Open Badges 2.0 are not checked yet")
        if "VerifiablePresentation" in kinds or "EnvelopedVerifiableCredential" in kinds:
            raise UnsupportedError(
                "wrapped_unsupported", "the badge is wrapped in something that is not opened here"
            )
        self.note("read", "passed", "read", "a credential was found", {"form": form})
        return form, document

    def check_shape(self, document: dict[str, Any]) -> None:
        """The standard's mandatory members."""
        problems = [*shape.find_problems(document), *datamodel.find_problems(document)]
        if problems:
            first = problems[0]
            self.note(
                "shape",
                "failed",
                f"shape_{first.kind}",
                f"the badge is not well-formed: {first.path} ({first.kind})",
                {
                    "path": first.path,
                    "count": len(problems),
                    "paths": ", ".join(problem.path for problem in problems[:10]),
                },
            )
        elif not shape.is_badge(document):
            self.note("shape", "unknown", "shape_not_badge", "a credential, but not an Open Badge")
        else:
            self.note("shape", "passed", "shape", "an Open Badge 3.0")

    def check_contexts(self, document: dict[str, Any]) -> None:
        """What every word means is known, and every word has a meaning."""
        self.canonical(proofs.split(document)[0])
        self.note("contexts", "passed", "contexts", "every term is defined and known")

    def check_proof(self, document: dict[str, Any]) -> None:
        """Each proof is what its key signed."""
        _, found = proofs.split(document)
        if not found:
            raise MalformedError("proof_missing", "the badge is not signed")
        if len(found) > MAX_PROOFS:
            raise UnsupportedError("too_many_proofs", "the badge has too many proofs")
        self.findings = [self._examine(document, proof) for proof in found]
        order: tuple[Outcome, ...] = ("failed", "passed", "unknown")
        chosen = min(self.findings, key=lambda finding: order.index(finding.outcome))
        self.note("proof", chosen.outcome, chosen.code, chosen.message, chosen.params)

    def _examine(self, document: dict[str, Any], written: object) -> _Finding:
        try:
            proof = proofs.read_proof(written)
            method = self.resolver.method(proof.method)
            if not proofs.is_signed_by(document, proof, method.public_key, self.canonical):
                raise MalformedError("signature_wrong", "the badge was changed after it was signed")
            if proof.expires is not None and proof.expires <= self.now:
                raise MalformedError("proof_expired", "the proof has expired")
        except EngineError as error:
            return _Finding(_outcome_of(error), error.code, error.message, error.params)
        params: dict[str, str | int] = {"suite": proof.suite, "method": proof.method}
        return _Finding("passed", "signature", "the signature is right", params, method)

    def check_issuer(self, document: dict[str, Any]) -> None:
        """The key that signed is the issuer's, and was allowed to sign."""
        issuer = shape.issuer_id(document)
        if issuer is None:
            raise MalformedError("issuer_missing", "the badge does not say who issued it")
        params: dict[str, str | int] = {"issuer": issuer[:300]}
        proved = [finding.method for finding in self.findings if finding.method is not None]
        if not proved:
            found = self.checks["proof"]
            if found.outcome == "failed":
                raise UnsupportedError(
                    "issuer_unproven", "without a right signature, nobody vouches for it", params
                )
            raise UnsupportedError(found.code, found.message, {**found.params, **params})
        own = [method for method in proved if method.controller == issuer]
        if not own:
            raise MalformedError(
                "issuer_mismatch", "the key that signed is not the issuer's", params
            )
        for method in own:
            self._check_method(method, issuer, params)
        self.note("issuer", "passed", "issuer", "the issuer vouches for the key", params)

    def _check_method(self, method: Method, issuer: str, params: dict[str, str | int]) -> None:
        if method.stated_controller != issuer:
            raise MalformedError(
                "issuer_mismatch", "the key that signed is not the issuer's", params
            )
        if not method.may_assert:
            raise MalformedError(
                "method_not_for_assertion", "the issuer's key is not one for credentials", params
            )
        # Controlled Identifiers 2.2: nothing is verified with a key from that moment on.
        if method.revoked is not None and method.revoked <= self.now:
            raise MalformedError("key_revoked", "the issuer has withdrawn this key", params)
        if method.expires is not None and method.expires <= self.now:
            raise MalformedError("key_expired", "the issuer's key has expired", params)

    def check_dates(self, document: dict[str, Any]) -> None:
        """It has begun, and it is not over."""
        params: dict[str, str | int] = {}
        for name in ("validFrom", "issuanceDate"):
            if name in document:
                params["from"] = str(document[name])[:40]
                if parse_moment(document[name]) > self.now + CLOCK_SKEW:
                    raise MalformedError("not_yet_valid", "not valid yet", params)
        for name in ("validUntil", "expirationDate"):
            if name in document:
                params["until"] = str(document[name])[:40]
                if parse_moment(document[name]) < self.now:
                    raise MalformedError("expired", "no longer valid", params)
        self.note("dates", "passed", "dates", "valid today", params)

    def check_status(self, document: dict[str, Any]) -> None:
        """Neither revoked nor suspended, as the issuer's lists say today."""
        entries = shape.as_list(document.get("credentialStatus"))
        if not entries:
            self.note("status", "not_applicable", "status_none", "it cannot be revoked")
            return
        if len(entries) > MAX_STATUS_ENTRIES:
            raise UnsupportedError("too_many_statuses", "the badge has too many statuses")
        unknown: EngineError | None = None
        for written in entries:
            try:
                self._check_entry(status.parse_entry(written), document)
            except MalformedError:
                raise
            except EngineError as error:
                unknown = unknown or error
        if unknown is not None:
            raise unknown
        self.note("status", "passed", "status", "neither revoked nor suspended")

    def _check_entry(self, entry: status.Entry, document: dict[str, Any]) -> None:
        """Raises MalformedError when the bit is set, another EngineError when it cannot be read."""
        params: dict[str, str | int] = {"list": entry.list_url[:300], "index": entry.index}
        if not is_web_address(entry.list_url):
            raise UnsupportedError("status_address", "the status list has no web address", params)
        raw = self.resolver.fetch(entry.list_url)
        try:
            listing = parse_json(raw)
            self._trust_list(listing, document, params)
            is_set = status.read_bit(status.read_list(listing, entry), entry.index)
        except MalformedError as error:
            # A bad list says nothing about this badge, for or against.
            raise UnsupportedError(error.code, error.message, {**error.params, **params}) from error
        if is_set and entry.purpose == "revocation":
            raise MalformedError("revoked", "the issuer has revoked it", params)
        if is_set and entry.purpose == "suspension":
            raise MalformedError("suspended", "the issuer has suspended it", params)

    def _trust_list(
        self, listing: dict[str, Any], document: dict[str, Any], params: dict[str, str | int]
    ) -> None:
        if shape.issuer_id(listing) != shape.issuer_id(document):
            raise MalformedError("status_list_issuer", "the status list is somebody else's", params)
        if listing.get("id", params["list"]) != params["list"]:
            raise MalformedError("status_list_id", "the status list is another one", params)
        inner = _Verification(self.resolver, self.now)
        inner.run_trust(listing)
        for check in inner.checks.values():
            if check.outcome != "passed":
                raise MalformedError(
                    "status_list_untrusted",
                    "the status list cannot be trusted",
                    {**params, "step": check.name, "reason": check.code},
                )

    def check_recipient(self, document: dict[str, Any], recipient: str | None) -> None:
        """It was given to the person whose e-mail address is claimed."""
        if recipient is None:
            self.note("recipient", "not_applicable", "recipient_unclaimed", "nobody was named")
            return
        holder = shape.subject(document) or {}
        identities = [
            identity
            for identity in shape.as_list(holder.get("identifier"))
            if isinstance(identity, dict) and isinstance(identity.get("identityHash"), str)
        ]
        if not identities:
            raise UnsupportedError("recipient_unnamed", "the badge names no e-mail address")
        if not any(_is_identity(identity, recipient) for identity in identities):
            raise MalformedError("recipient_mismatch", "it was given to somebody else")
        self.note("recipient", "passed", "recipient", "it was given to this person")


def _outcome_of(error: EngineError) -> Outcome:
    """What was found wrong fails; what is declined or out of reach is unknown."""
    return "failed" if isinstance(error, MalformedError) else "unknown"


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MalformedError("lone_surrogate", "a text holds half a character") from None


def _is_badge_2(document: dict[str, Any]) -> bool:
    kinds = shape.as_list(document.get("type"))
    context = shape.as_list(document.get("@context"))
    return "Assertion" in kinds or any(
        isinstance(part, str) and part.startswith("https://w3id.org/openbadges/v")
        for part in context
    )


def _is_identity(identity: dict[str, Any], email: str) -> bool:
    stated, salt = identity["identityHash"], identity.get("salt") or ""
    if not isinstance(salt, str):
        return False
    # Issuers hash the address as they know it: as typed, or in lower case.
    for candidate in {email.strip(), email.strip().lower()}:
        text = candidate + salt
        if stated.startswith("sha256$"):
            digest = "sha256$" + hashlib.sha256(text.encode(errors="replace")).hexdigest()
        elif stated.startswith("md5$"):
            md5 = hashlib.md5(text.encode(errors="replace"), usedforsecurity=False)
            digest = "md5$" + md5.hexdigest()
        else:
            digest, stated = candidate.lower(), stated.removeprefix("mailto:").strip()
        if stated.lower() == digest:
            return True
    return False
