"""Does the issuer really say this, now? Contexts, proof, issuer, dates: for a badge, and for every
credential met on the way (status lists, endorsements).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import jose, proofs, shape, vcjwt
from .canonical import Memory
from .dates import parse_moment
from .dids import Method, Resolver
from .documents import parse_json
from .errors import EngineError, MalformedError, UnsupportedError
from .publickeys import PublicKey
from .reading import Found
from .report import Outcome
from .steps import Steps, outcome_of

#: Clocks of issuers and verifiers differ a little.
CLOCK_SKEW = timedelta(minutes=5)
MAX_PROOFS = 8


@dataclass(frozen=True)
class _Finding:
    """What became of one proof; `method` or the bare `key` made it, when it is right."""

    outcome: Outcome
    code: str
    message: str
    params: dict[str, str | int]
    method: Method | None = None
    key: PublicKey | None = None


class Trust(Steps):
    """The steps of one credential that tell whether to believe it."""

    def __init__(self, resolver: Resolver, now: datetime, found: Found) -> None:
        super().__init__(resolver, now)
        self.found = found
        self.document = found.document
        self.canonical = Memory()
        self.findings: list[_Finding] = []

    @property
    def issuer(self) -> str | None:
        """Who says it, as far as it says so."""
        return shape.issuer_id(self.document)

    def run_trust(self) -> None:
        """The four steps, in order."""
        self.run("contexts", self.check_contexts)
        self.run("proof", self.check_proof)
        self.run("issuer", self.check_issuer)
        self.run("dates", self.check_dates)

    # -- contexts ------------------------------------------------------------------------------

    def check_contexts(self) -> None:
        """What every word means is known, and every word has a meaning."""
        try:
            self.canonical(proofs.split(self.document)[0])
        except MalformedError as error:
            if self.found.token is None:
                raise
            # A token is signed letter by letter: a word without meaning is signed all the same.
            raise UnsupportedError(error.code, error.message, error.params) from error
        self.note("contexts", "passed", "contexts", "every term is defined and known")

    # -- proof ---------------------------------------------------------------------------------

    def check_proof(self) -> None:
        """Each proof is what its key signed; a token's signature stands for all that is in it."""
        if self.found.token is not None:
            self.findings = [self._examine_token(self.found.token)]
        else:
            _, written = proofs.split(self.document)
            if not written:
                raise MalformedError("proof_missing", "the badge is not signed")
            if len(written) > MAX_PROOFS:
                raise UnsupportedError("too_many_proofs", "the badge has too many proofs")
            self.findings = [self._examine(proof) for proof in written]
        order: tuple[Outcome, ...] = ("failed", "passed", "unknown")
        chosen = min(self.findings, key=lambda finding: order.index(finding.outcome))
        self.note("proof", chosen.outcome, chosen.code, chosen.message, chosen.params)

    def _examine(self, written: object) -> _Finding:
        try:
            proof = proofs.read_proof(written)
            method = self.resolver.method(proof.method)
            if not proofs.is_signed_by(self.document, proof, method.public_key, self.canonical):
                raise MalformedError("signature_wrong", "the badge was changed after it was signed")
            if proof.expires is not None and proof.expires <= self.now:
                raise MalformedError("proof_expired", "the proof has expired")
        except EngineError as error:
            return _Finding(outcome_of(error), error.code, error.message, error.params)
        params: dict[str, str | int] = {"suite": proof.suite, "method": proof.method}
        return _Finding("passed", "signature", "the signature is right", params, method)

    def _examine_token(self, token: jose.Token) -> _Finding:
        try:
            method, key, where = self._find_key(token)
            if not jose.is_signed_by(token, key):
                raise MalformedError("signature_wrong", "the badge was changed after it was signed")
            vcjwt.check_claims(self.document, self.found.payload or {})
        except EngineError as error:
            return _Finding(outcome_of(error), error.code, error.message, error.params)
        params: dict[str, str | int] = {"suite": str(token.header["alg"]), "method": where[:300]}
        return _Finding("passed", "signature", "the signature is right", params, method, key)

    def _find_key(self, token: jose.Token) -> tuple[Method | None, PublicKey, str]:
        """The key a token names: a method of a controller, or a bare JWK (whose is it is another
        question: `check_issuer`)."""
        kid, jwk = token.header.get("kid"), token.header.get("jwk")
        stated = PublicKey.from_jwk(jwk) if jwk is not None else None
        if not isinstance(kid, str) or not kid:
            if stated is None:
                raise MalformedError("method_invalid", "the token does not name its key")
            return None, stated, stated.thumbprint
        try:
            method, key = self._dereference(kid)
        except UnsupportedError:
            # Names that lead nowhere are common; the key itself stands in the header.
            if stated is None:
                raise
            return None, stated, kid
        if stated is not None and stated != key:
            raise MalformedError("key_mismatch", "the token names one key and holds another")
        return method, key, kid

    def _dereference(self, kid: str) -> tuple[Method | None, PublicKey]:
        issuer = self.issuer or ""
        if ":" not in kid and issuer.startswith("did:"):
            kid = f"{issuer}#{kid.removeprefix('#')}"
        if kid.startswith("did:"):
            method = self.resolver.method(kid)
            return method, method.public_key
        if not kid.startswith("https://"):
            raise UnsupportedError("method_unreachable", "the key's name is no address")
        address = kid.partition("#")[0]
        published = parse_json(self.resolver.fetch(address))
        if "kty" in published:
            return None, PublicKey.from_jwk(published)
        if isinstance(published.get("keys"), list):
            names = (kid, kid.partition("#")[2])
            for candidate in published["keys"]:
                if isinstance(candidate, dict) and candidate.get("kid") in names:
                    return None, PublicKey.from_jwk(candidate)
            raise MalformedError("method_unlisted", "the issuer's document does not name this key")
        if "publicKeyJwk" in published:
            return None, PublicKey.from_jwk(published["publicKeyJwk"])
        # Through the resolver: a document may only speak for the address it stands at.
        method = self.resolver.method(kid)
        return method, method.public_key

    # -- issuer --------------------------------------------------------------------------------

    def check_issuer(self) -> None:
        """The key that signed is the issuer's, and was allowed to sign."""
        issuer = self.issuer
        if issuer is None:
            raise MalformedError("issuer_missing", "the badge does not say who issued it")
        params: dict[str, str | int] = {"issuer": issuer[:300]}
        right = [finding for finding in self.findings if finding.outcome == "passed"]
        if not right:
            found = self.checks["proof"]
            if found.outcome == "failed":
                raise UnsupportedError(
                    "issuer_unproven", "without a right signature, nobody vouches for it", params
                )
            raise UnsupportedError(found.code, found.message, {**found.params, **params})
        proved = [self._controlled(finding, issuer, params) for finding in right]
        own = [method for method in proved if method.controller == issuer]
        if not own:
            raise _mismatch(params)
        for method in own:
            self._check_method(method, issuer, params)
        self.note("issuer", "passed", "issuer", "the issuer vouches for the key", params)

    def _controlled(self, finding: _Finding, issuer: str, params: dict[str, str | int]) -> Method:
        """The method behind a right signature; a bare key is looked for in the issuer's document:
        that it stands in the token proves nothing."""
        if finding.method is not None:
            return finding.method
        assert finding.key is not None
        for method in self.resolver.methods(issuer):
            if method.public_key == finding.key:
                return method
        if issuer.startswith("did:"):
            raise MalformedError(
                "method_unlisted", "the issuer's document does not name this key", params
            )
        raise UnsupportedError(
            "issuer_keys_unpublished", "the issuer publishes no such key", params
        )

    def _check_method(self, method: Method, issuer: str, params: dict[str, str | int]) -> None:
        if method.stated_controller != issuer:
            raise _mismatch(params)
        if not method.may_assert:
            raise MalformedError(
                "method_not_for_assertion", "the issuer's key is not one for credentials", params
            )
        # Controlled Identifiers 2.2: nothing is verified with a key from that moment on.
        if method.revoked is not None and method.revoked <= self.now:
            raise MalformedError("key_revoked", "the issuer has withdrawn this key", params)
        if method.expires is not None and method.expires <= self.now:
            raise MalformedError("key_expired", "the issuer's key has expired", params)

    # -- dates ---------------------------------------------------------------------------------

    def check_dates(self) -> None:
        """It has begun, and it is not over."""
        document = self.document
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


def _mismatch(params: dict[str, str | int]) -> MalformedError:
    return MalformedError("issuer_mismatch", "the key that signed is not the issuer's", params)
