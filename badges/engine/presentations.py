"""Several credentials shown together: a VerifiablePresentation (VC Data Model 2.0, section 4.13).

Who presents signs the whole, for `authentication`: with a challenge and a domain when somebody
asked for it here and now. Each credential inside keeps its own proof and is judged on its own.

Signed with `eddsa-jcs-2022`: what is signed is the JSON as it stands, however many vocabularies
the credentials inside bring with them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import baking, proofs, shape
from .canonical import Memory
from .credentials import CREDENTIALS_CONTEXT
from .dids import Fetch, Method, Resolver
from .documents import check_tree, parse_json
from .errors import EngineError, FetchFailed, FetchSpent, MalformedError, UnsupportedError
from .keys import SigningKey
from .report import Check, Outcome, Overall, Report
from .steps import Steps
from .verify import verify

#: Credentials in one presentation: beyond, it is a way to make a verifier work.
MAX_MEMBERS = 24
MAX_PROOFS = 24
_ENVELOPE = "data:application/vc+jwt,"


@dataclass(frozen=True)
class Member:
    """One credential of a presentation: its own report, and whether who presents holds its key.

    `holder`: `passed` when the key it is bound to (`credentialSubject.id`) signed the whole,
    `unknown` when only others did, or nobody; `not_applicable` when it is bound to none, or when
    its own issuer gathered it: an issuer says nothing of who shows it.
    """

    report: Report
    holder: Check

    @property
    def is_controlled(self) -> bool | None:
        """The same in a word; None where it does not apply."""
        return {"passed": True, "unknown": False}.get(self.holder.outcome)

    def to_json(self) -> dict[str, Any]:
        """As for one credential, with one more check."""
        told = self.report.to_json()
        return {**told, "checks": [*told["checks"], self.holder.to_json()]}


@dataclass(frozen=True)
class PresentationReport:
    """The answer: steps of the whole (`read`, `shape`, `proof`, `issuer`: who presents), then each
    credential. The outcome is the worst of all, and `incomplete` at best when who presents has not
    shown to hold the key of one of them."""

    outcome: Overall
    checks: tuple[Check, ...]
    members: tuple[Member, ...]
    document: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """As for one credential, with one more list."""
        return {
            "outcome": self.outcome,
            "checks": [check.to_json() for check in self.checks],
            "credential": None,
            "credentials": [member.to_json() for member in self.members],
        }


def build(
    credentials: Sequence[dict[str, Any] | str],
    *,
    holder: str | None = None,
    identifier: str | None = None,
) -> dict[str, Any]:
    """The unsigned presentation of signed credentials: documents, or tokens in their envelope."""
    members = [
        {
            "@context": CREDENTIALS_CONTEXT,
            "id": _ENVELOPE + credential,
            "type": "EnvelopedVerifiableCredential",
        }
        if isinstance(credential, str)
        else credential
        for credential in credentials
    ]
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_CONTEXT],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": members,
    }
    if identifier:
        document["id"] = identifier
    if holder:
        document["holder"] = holder
    return document


def draft(
    document: dict[str, Any],
    method: str,
    *,
    created: datetime,
    challenge: str | None = None,
    domain: str | None = None,
) -> dict[str, Any]:
    """A proof of this presentation, not signed yet: see `proofs.data_to_sign` and `attach`."""
    members = {"challenge": challenge, "domain": domain}
    return proofs.draft(
        document,
        method,
        created=created,
        suite="eddsa-jcs-2022",
        purpose="authentication",
        **{name: value for name, value in members.items() if value is not None},
    )


def sign(
    document: dict[str, Any],
    key: SigningKey,
    method: str,
    *,
    created: datetime,
    challenge: str | None = None,
    domain: str | None = None,
) -> dict[str, Any]:
    """The presentation with one more proof. Raises: as `proofs.sign`."""
    options = draft(document, method, created=created, challenge=challenge, domain=domain)
    return proofs.attach(document, options, key.sign(proofs.data_to_sign(document, options)))


def is_presentation(source: bytes | str | dict[str, Any]) -> bool:
    """Whether this is a presentation rather than a credential, as far as it can be read."""
    try:
        return "VerifiablePresentation" in shape.as_list(_read(source).get("type"))
    except EngineError:
        return False


def verify_presentation(
    source: bytes | str | dict[str, Any],
    *,
    fetch: Fetch | None,
    now: datetime,
    recipient: str | None = None,
    challenge: str | None = None,
    domain: str | None = None,
) -> PresentationReport:
    """Verify a presentation and each credential inside. Never raises.

    `challenge` and `domain`, when given, must be those that were signed. The rest as `verify`.
    A `fetch` that counts where it goes may have a method `share()` that gives another for one
    credential: then one that names many addresses leaves the others theirs.
    """
    once = _Once(fetch) if fetch is not None else None
    steps = Steps(Resolver(once), now)
    documents: list[dict[str, Any]] = []

    def read() -> None:
        documents.append(_read(source))
        steps.note("read", "passed", "presentation", "a presentation was found")

    steps.run("read", read)
    document = documents[0] if documents else {}
    written: list[Any] = []
    if documents:
        steps.run("shape", lambda: written.extend(_members(document, steps)))
    right: list[Method] = []
    if documents:
        steps.run("proof", lambda: right.extend(_signers(document, steps, challenge, domain)))
        steps.run("issuer", lambda: _check_holder(document, steps, right))
    controllers = {method.controller for method in right}
    members = []
    for credential in written:
        report = verify(credential, fetch=once and once.share(), now=now, recipient=recipient)
        members.append(Member(report, _check_held(report.credential or {}, controllers)))
    checks = tuple(steps.checks.values())
    return PresentationReport(
        _overall(checks, members), checks, tuple(members), documents[0] if documents else None
    )


def _read(source: bytes | str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(source, dict):
        return check_tree(source)
    found = baking.extract(source if isinstance(source, bytes) else source.encode(errors="replace"))
    if found.is_token:
        raise UnsupportedError(
            "wrapped_unsupported", "the badge is wrapped in something that is not opened here"
        )
    return parse_json(found.text)


def _members(document: dict[str, Any], steps: Steps) -> list[Any]:
    context = shape.as_list(document.get("@context"))
    if context[:1] not in ([shape.CONTEXTS_V2], [shape.CONTEXTS_V1]):
        raise MalformedError(
            "shape_not_first", "the presentation is not well-formed", {"path": "@context"}
        )
    found = shape.as_list(document.get("verifiableCredential"))
    if not found:
        raise MalformedError(
            "shape_missing", "there is no badge in it", {"path": "verifiableCredential"}
        )
    if len(found) > MAX_MEMBERS:
        raise UnsupportedError(
            "presentation_too_many",
            "the presentation holds too many badges",
            {"limit": MAX_MEMBERS},
        )
    count: dict[str, str | int] = {"count": len(found)}
    steps.note("shape", "passed", "presentation_shape", "a presentation of badges", count)
    return found


def _signers(
    document: dict[str, Any], steps: Steps, challenge: str | None, domain: str | None
) -> list[Method]:
    """The keys that signed it. One wrong proof among right ones is a wrong presentation."""
    _, written = proofs.split(document)
    if not written:
        raise UnsupportedError("presentation_unsigned", "nobody signed the whole")
    if len(written) > MAX_PROOFS:
        raise UnsupportedError("too_many_proofs", "the presentation has too many proofs")
    canonical, right = Memory(), []
    for options in written:
        proof = proofs.read_proof(options, "authentication")
        for name, expected in (("challenge", challenge), ("domain", domain)):
            if expected is not None and proof.options.get(name) != expected:
                raise MalformedError(
                    "presentation_replayed", "it was signed for another occasion", {"member": name}
                )
        method = steps.resolver.method(proof.method)
        if not proofs.is_signed_by(document, proof, method.public_key, canonical):
            raise MalformedError("signature_wrong", "the presentation was changed after signing")
        if proof.expires is not None and proof.expires <= steps.now:
            raise MalformedError("proof_expired", "the proof has expired")
        if not method.may_authenticate or method.stated_controller != method.controller:
            raise MalformedError(
                "method_not_for_authentication", "the key is not one for presentations"
            )
        for moment, code in ((method.revoked, "key_revoked"), (method.expires, "key_expired")):
            if moment is not None and moment <= steps.now:
                raise MalformedError(code, "the key is no longer one of theirs")
        right.append(method)
    names = ", ".join(sorted({method.controller for method in right}))[:300]
    steps.note(
        "proof", "passed", "presentation_signature", "signed as it stands", {"signers": names}
    )
    return right


def _check_holder(document: dict[str, Any], steps: Steps, right: Sequence[Method]) -> None:
    """Who says to present it signed it."""
    stated = document.get("holder")
    holder = stated.get("id") if isinstance(stated, dict) else stated
    if not right:
        raise UnsupportedError("presentation_unsigned", "nothing says who presents it")
    if holder is None:
        steps.note("issuer", "not_applicable", "presentation_holder_none", "no holder is named")
        return
    if holder not in {method.controller for method in right}:
        raise MalformedError("presentation_holder_mismatch", "somebody else signed it")
    params: dict[str, str | int] = {"holder": str(holder)[:300]}
    steps.note("issuer", "passed", "presentation_holder", "who presents it signed it", params)


def _check_held(credential: dict[str, Any], controllers: Collection[str]) -> Check:
    """Whether a key that signed the whole is the one this credential is bound to."""
    issuer = credential.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    bound = {
        subject["id"]
        for subject in shape.as_list(credential.get("credentialSubject"))
        if isinstance(subject, dict) and isinstance(subject.get("id"), str)
    }
    if bound and bound <= set(controllers):
        return Check("holder", "passed", "holder_held", "who presents it holds its key")
    if not any(name.lower().startswith("did:") for name in bound):
        return Check("holder", "not_applicable", "holder_unbound", "it is bound to no key")
    if isinstance(issuer, str) and issuer in controllers:
        return Check("holder", "not_applicable", "holder_is_issuer", "its issuer gathered it")
    return Check("holder", "unknown", "holder_unshown", "nothing shows that they hold its key")


def _overall(checks: Sequence[Check], members: Sequence[Member]) -> Overall:
    outcomes: set[Outcome] = {check.outcome for check in checks}
    inside = {member.report.outcome for member in members}
    if "failed" in outcomes or "invalid" in inside:
        return "invalid"
    is_unshown = any(member.holder.outcome == "unknown" for member in members)
    if "unknown" in outcomes or "incomplete" in inside or is_unshown or not members:
        return "incomplete"
    return "valid"


class _Once:
    """Fetches each address once for all credentials of a presentation."""

    def __init__(self, fetch: Fetch, known: dict[str, bytes | EngineError] | None = None) -> None:
        self._fetch = fetch
        self._known = {} if known is None else known

    def share(self) -> _Once:
        """The same knowledge, for one credential, with a share of its own where there are any."""
        anew = getattr(self._fetch, "share", None)
        return _Once(anew() if anew is not None else self._fetch, self._known)

    def __call__(self, address: str) -> bytes:
        if address not in self._known:
            try:
                self._known[address] = self._fetch(address)
            except FetchSpent:
                raise
            except EngineError as error:
                self._known[address] = error
            except Exception as error:
                self._known[address] = FetchFailed(type(error).__name__, address[:300])
        found = self._known[address]
        if isinstance(found, EngineError):
            raise found
        return found
