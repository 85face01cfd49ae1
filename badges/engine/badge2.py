"""Open Badges 2.0, hosted and signed: what the badges of the last ten years are.

A hosted badge is what its issuer publishes at its address; a signed one is a token, made with a
key that the issuer's profile lists. Either way the issuer is the one that the badge's class names,
and that issuer's profile, fetched from its own address, has the last word: nothing that the badge
itself says of its issuer or of a key is believed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from . import badge2_endorsements, jose, shape
from .badge2_objects import Key, Objects
from .badge2_scope import embedded, first_difference, in_scope, lists_key
from .badge2_shape import (
    Assertion,
    check_contexts,
    find_assertion_problems,
    find_badge_problems,
    find_profile_problems,
    find_version,
    identifier,
    read_assertion,
    read_date,
)
from .dids import Resolver
from .errors import EngineError, FetchGone, MalformedError, UnsupportedError
from .reading import Found
from .recipients import names_email
from .report import STEPS, Check
from .steps import Steps

#: Clocks of issuers and verifiers differ a little.
CLOCK_SKEW = timedelta(minutes=5)
MAX_RECIPIENTS = 20


def verify(
    resolver: Resolver, now: datetime, found: Found, recipient: str | None
) -> dict[str, Check]:
    """Every step after `read`, of an Open Badge 2.0 or older."""
    badge = _Badge(resolver, now, found)
    if badge.assertion.version == "0.5":
        for step in STEPS[1:]:
            badge.run(step, badge.decline)
        return badge.checks
    badge.run("contexts", badge.check_contexts)
    badge.run("proof", badge.check_proof)
    badge.run("issuer", badge.check_issuer)
    badge.run("dates", badge.check_dates)
    badge.run("status", badge.check_status)
    badge.run("recipient", lambda: badge.check_recipient(recipient))
    badge.run("refresh", badge.check_refresh)
    badge.run("endorsements", badge.check_endorsements)
    # Last, so that it sees the class and the issuer where they could be fetched.
    badge.run("shape", badge.check_shape)
    return badge.checks


def find_linked(resolver: Resolver, found: Found) -> dict[str, dict[str, Any]]:
    """What the badge refers to, as far as it is within reach: its class (`badge`), and its issuer's
    profile (`issuer`). After `verify` nothing is fetched anew. Believe them when the badge holds.
    """
    objects = Objects(resolver, find_version(found.document))
    linked: dict[str, dict[str, Any]] = {}
    try:
        linked["badge"] = objects.badge_class(found.document)
        linked["issuer"] = objects.profile(linked["badge"])
    except EngineError:
        pass
    return linked


class _Badge(Steps):
    """The verification of one assertion."""

    def __init__(self, resolver: Resolver, now: datetime, found: Found) -> None:
        super().__init__(resolver, now)
        self.found = found
        self.assertion: Assertion = read_assertion(found.document)
        self.objects = Objects(resolver, self.assertion.version)
        #: What holds: what was given, until the issuer's own copy takes its place.
        self.document: dict[str, Any] = found.document
        self.key: Key | None = None
        #: What the issuer says in the place of a badge that it has withdrawn.
        self.withdrawn: dict[str, Any] | None = None

    def decline(self) -> None:
        """Before 1.0 nothing can be verified any more: the service that did it is gone."""
        raise UnsupportedError("badge1_unsupported", "badges before 1.0 are not checked")

    # -- shape, contexts -----------------------------------------------------------------------

    def check_shape(self) -> None:
        """What the standard makes mandatory, in the assertion and in what it refers to."""
        version, given = self.assertion.version, self.found.document
        if given.get("revoked") is True and "recipient" not in given:
            raise UnsupportedError("hosted_gone", "only a word is left of it")
        problems = list(find_assertion_problems(given))
        try:
            badge = self.objects.badge_class(self.document)
            problems += find_badge_problems(badge, version)
            problems += find_profile_problems(self.objects.profile(badge), version)
        except EngineError:
            pass  # out of reach, or wrong: the step `issuer` says it
        if problems:
            raise MalformedError(
                f"shape_{problems[0].kind}",
                f"the badge is not well-formed: {problems[0].path} ({problems[0].kind})",
                {
                    "path": problems[0].path,
                    "count": len(problems),
                    "paths": ", ".join(problem.path for problem in problems[:10]),
                },
            )
        if version == "1.x":
            self.note("shape", "passed", "shape_badge1", "an Open Badge 1.0 or 1.1")
        else:
            self.note("shape", "passed", "shape_badge2", "an Open Badge 2.0")

    def check_contexts(self) -> None:
        """Its words have the meaning that the standard gives them."""
        check_contexts(self.found.document)
        self.note("contexts", "passed", "contexts", "every term is defined and known")

    # -- proof ---------------------------------------------------------------------------------

    def check_proof(self) -> None:
        """It is published by its issuer as it was given, or signed as it was given."""
        if self.assertion.kind == "HostedBadge":
            self._check_hosted()
        elif self.assertion.kind == "SignedBadge":
            self._check_signed()
        elif self.found.document.get("revoked") is True:
            raise UnsupportedError("hosted_gone", "the issuer no longer publishes it")
        else:
            raise MalformedError("proof_missing", "it does not say how to verify it")

    def _check_hosted(self) -> None:
        address = self.assertion.address or ""
        params: dict[str, str | int] = {"address": address[:300]}
        try:
            published = self.objects.fetch(address)
        except FetchGone as gone:
            self.withdrawn = self.objects.read_gone(gone)
            raise UnsupportedError(
                "hosted_gone", "the issuer no longer publishes it", params
            ) from gone
        if published.get("revoked") is True:
            self.withdrawn = published
            raise UnsupportedError("hosted_gone", "the issuer no longer publishes it", params)
        given = self.found.document
        without_class = {name: member for name, member in given.items() if name != "badge"}
        difference = first_difference(without_class, published)
        if difference is None and given.get("expires") is None and published.get("expires"):
            # Left out, it would seem to last for ever to whoever reads what was given.
            difference = "expires"
        if difference is None and identifier(given.get("badge")) != identifier(
            published.get("badge")
        ):
            difference = "badge"
        if difference is None:
            difference = self._class_difference(given.get("badge"), published)
        if difference is not None:
            raise MalformedError(
                "hosted_differs",
                "the issuer publishes something else at its address",
                {**params, "member": difference[:100]},
            )
        self.document = published
        self.note("proof", "passed", "hosted", "the issuer publishes it as it was given", params)

    def _class_difference(self, written: object, published: dict[str, Any]) -> str | None:
        """What a class (and its issuer) written out in the badge says besides what is published
        under its address."""
        given = embedded(written)
        if given is None:
            return None
        badge = self.objects.badge_class(published)
        without_issuer = {name: member for name, member in given.items() if name != "issuer"}
        difference = first_difference(without_issuer, badge, "badge")
        issuer = given.get("issuer")
        if difference is None and issuer is not None:
            if identifier(issuer) != identifier(badge.get("issuer")):
                return "badge.issuer"
            if (profile := embedded(issuer)) is not None:
                known = embedded(badge.get("issuer")) or self.objects.profile(badge)
                return first_difference(profile, known, "badge.issuer")
        return difference

    def _check_signed(self) -> None:
        token = self.found.token
        if token is None:
            raise MalformedError("proof_missing", "the badge is not signed")
        creator = self.assertion.creator
        if creator is not None:
            keys = [self.objects.key(creator)]
        else:
            keys = self.objects.keys(self.objects.profile(self.objects.badge_class(self.document)))
        fitting = [key for key in keys if key.public_key.algorithm == _algorithm(token)] or keys
        for key in fitting:
            if jose.is_signed_by(token, key.public_key):
                self.key = key
                break
        else:
            raise MalformedError("signature_wrong", "the badge was changed after it was signed")
        params: dict[str, str | int] = {"suite": str(token.header["alg"]), "method": key.id[:300]}
        self.note("proof", "passed", "signature", "the signature is right", params)

    # -- issuer --------------------------------------------------------------------------------

    def check_issuer(self) -> None:
        """The badge's class is of an issuer who vouches for the address, or for the key."""
        badge = self.objects.badge_class(self.document)
        issuer = identifier(badge.get("issuer"))
        if issuer is None:
            raise MalformedError("issuer_missing", "the badge does not say who issued it")
        params: dict[str, str | int] = {"issuer": issuer[:300]}
        proof = self.checks["proof"]
        if proof.outcome == "failed":
            raise UnsupportedError(
                "issuer_unproven", "without a right proof, nobody vouches for it", params
            )
        if proof.outcome != "passed":
            raise UnsupportedError(proof.code, proof.message, {**proof.params, **params})
        profile = self.objects.profile(badge)
        if self.key is not None:
            self._check_key(self.key, issuer, profile, params)
        elif not in_scope(self.assertion.address or "", issuer, profile):
            raise MalformedError(
                "hosted_out_of_scope",
                "the issuer does not publish badges at that address",
                {**params, "address": (self.assertion.address or "")[:300]},
            )
        _check_way(issuer, identifier(self.document.get("badge")))
        _check_way(issuer, self.key.id if self.key else None)
        self.note("issuer", "passed", "issuer", "the issuer vouches for it", params)

    def _check_key(
        self, key: Key, issuer: str, profile: dict[str, Any], params: dict[str, str | int]
    ) -> None:
        if key.owner is not None and key.owner != issuer:
            raise MalformedError("issuer_mismatch", "the key is not the issuer's", params)
        if lists_key(profile, key.id):
            for listed in self.objects.embedded_keys(profile):
                if listed.id == key.id and listed.public_key != key.public_key:
                    raise MalformedError(
                        "key_mismatch", "the issuer's profile holds another key", params
                    )
            return
        if self.assertion.version == "1.x":
            # Then a profile had no place to name a key: the address was all there was.
            raise UnsupportedError("badge1_key", "nothing ties the key to the issuer", params)
        raise MalformedError(
            "method_unlisted", "the issuer's profile does not name this key", params
        )

    # -- dates ---------------------------------------------------------------------------------

    def check_dates(self) -> None:
        """It has been issued, and it is not over."""
        params: dict[str, str | int] = {}
        if "issuedOn" in self.document:
            issued = read_date(self.document["issuedOn"])
            params["from"] = _stamp(issued)
            if issued > self.now + CLOCK_SKEW:
                raise MalformedError("not_yet_valid", "not valid yet", params)
        if self.document.get("expires") is not None:
            until = read_date(self.document["expires"])
            params["until"] = _stamp(until)
            if until < self.now:
                raise MalformedError("expired", "no longer valid", params)
        self.note("dates", "passed", "dates", "valid today", params)

    # -- status --------------------------------------------------------------------------------

    def check_status(self) -> None:
        """The issuer has not withdrawn it."""
        withdrawn = self.withdrawn
        if withdrawn is None and self.found.document.get("revoked") is True:
            withdrawn = self.found.document
        if withdrawn is not None:
            raise _revoked(withdrawn.get("revocationReason"))
        if self.assertion.kind != "SignedBadge":
            proof = self.checks["proof"]
            if proof.outcome != "passed":
                code = proof.code if proof.outcome == "unknown" else "issuer_unproven"
                raise UnsupportedError(code, "what the issuer publishes is not known", proof.params)
            self.note("status", "passed", "status", "not withdrawn")
            return
        badge = self.objects.badge_class(self.document)
        profile = self.objects.profile(badge)
        address = identifier(profile.get("revocationList"))
        if address is None:
            self.note("status", "not_applicable", "status_none", "it cannot be revoked")
            return
        _check_way(str(profile["id"]), address)
        names = [name for name in (self.assertion.id, self.assertion.uid) if name]
        found, reason = self.objects.find_revoked(address, str(profile.get("id")), names)
        if found:
            raise _revoked(reason)
        self.note("status", "passed", "status", "not withdrawn")

    # -- recipient -----------------------------------------------------------------------------

    def check_recipient(self, claimed: str | None) -> None:
        """It was given to the person who claims it."""
        if claimed is None:
            self.note("recipient", "not_applicable", "recipient_unclaimed", "nobody was named")
            return
        kind = _identity_kind(claimed)
        identities = [
            identity
            for identity in shape.as_list(self.document.get("recipient"))[:MAX_RECIPIENTS]
            if isinstance(identity, dict)
            and isinstance(identity.get("identity"), str)
            and identity.get("type") in (kind, [kind])
        ]
        if not identities:
            raise UnsupportedError("recipient_unnamed", "the badge names nobody in this way")
        if not any(
            names_email(identity["identity"], identity.get("salt"), claimed)
            for identity in identities
        ):
            raise MalformedError("recipient_mismatch", "it was given to somebody else")
        self.note("recipient", "passed", "recipient", "it was given to this person")

    # -- refresh, endorsements -----------------------------------------------------------------

    def check_refresh(self) -> None:
        """2.0 knows no renewal: a hosted badge is always the newest."""
        self.note("refresh", "not_applicable", "refresh_none", "it is not renewed anywhere")

    def check_endorsements(self) -> None:
        """Who else stands behind the badge, its class or its issuer."""
        owners = [self.document]
        try:
            owners.append(self.objects.badge_class(self.document))
            owners.append(self.objects.profile(owners[-1]))
        except EngineError:
            pass  # said by the step `issuer`
        names, count = badge2_endorsements.check(owners, self.objects, self.now)
        if not count:
            self.note("endorsements", "not_applicable", "endorsements_none", "nobody endorses it")
            return
        params: dict[str, str | int] = {"count": count, "names": ", ".join(names)[:300]}
        self.note("endorsements", "passed", "endorsements", "every endorsement is genuine", params)


def _check_way(issuer: str, address: str | None) -> None:
    """What speaks for an issuer on https comes that way too, or anybody on the way changes it."""
    if issuer.startswith("https:") and (address or "").startswith("http:"):
        raise UnsupportedError(
            "object_in_clear", "it is published in clear", {"address": str(address)[:300]}
        )


def _revoked(reason: object) -> MalformedError:
    params: dict[str, str | int] = {"reason": reason[:300]} if isinstance(reason, str) else {}
    return MalformedError("revoked", "the issuer has revoked it", params)


def _algorithm(token: jose.Token) -> str:
    stated = str(token.header["alg"])
    return "EdDSA" if stated == "Ed25519" else stated


def _identity_kind(claimed: str) -> str:
    """What 2.0 calls the kind of identity that somebody claims."""
    if claimed.startswith("did:"):
        return "id"
    if claimed.startswith(("https://", "http://")):
        return "url"
    return "telephone" if claimed.startswith(("+", "tel:")) else "email"


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
