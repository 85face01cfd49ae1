"""The objects that an Open Badge 2.0 refers to: class, issuer, keys, list of the revoked.

Each is fetched from its own address and must state that address as its `id`: a document only
speaks for the place where it stands. An issuer's profile is always fetched, even when a copy of it
is written out in the badge, for it decides who may speak for the issuer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .badge2_scope import embedded
from .badge2_shape import Version, identifier
from .dids import Resolver, is_web_address
from .documents import parse_json
from .errors import EngineError, FetchGone, MalformedError, UnsupportedError
from .publickeys import PublicKey
from .shape import as_list

#: Keys of one issuer that are tried when a badge does not say which signed it.
MAX_KEYS = 16


@dataclass(frozen=True)
class Key:
    """A published key. `owner` is whose it says it is, if it does."""

    id: str
    owner: str | None
    public_key: PublicKey


class Objects:
    """Fetches and reads what one badge refers to."""

    def __init__(self, resolver: Resolver, version: Version) -> None:
        self.resolver = resolver
        self.version = version

    def fetch(self, address: str) -> dict[str, Any]:
        """The JSON object published at an address.

        Raises:
            UnsupportedError: not a web address, no network, or nothing readable is there.
            FetchRefused, FetchFailed: as the fetcher says; FetchGone when it was withdrawn.
        """
        params: dict[str, str | int] = {"address": address[:300]}
        if not is_web_address(address):
            raise UnsupportedError("object_address", "it has no web address", params)
        raw = self.resolver.fetch(address.partition("#")[0])
        try:
            return parse_json(raw)
        except MalformedError as error:
            raise UnsupportedError(
                "object_unreadable",
                "what is published there could not be read",
                {**params, "reason": error.code},
            ) from error

    def read_gone(self, gone: FetchGone) -> dict[str, Any]:
        """What is said in the place of something withdrawn; nothing when it cannot be read."""
        try:
            return parse_json(gone.body)
        except MalformedError:
            return {}

    def badge_class(self, assertion: dict[str, Any]) -> dict[str, Any]:
        """The BadgeClass of an assertion that holds: written out in it, or fetched.

        Raises: as `fetch`; also MalformedError when there is none, or it is another one.
        """
        written = assertion.get("badge")
        if (found := embedded(written)) is not None:
            return found
        address = identifier(written)
        if address is None:
            raise MalformedError("issuer_missing", "the badge does not say what it is a badge of")
        badge = self.fetch(address)
        if not self._is_at(badge, address):
            raise MalformedError(
                "badge_mismatch", "another badge class is found there", {"address": address[:300]}
            )
        return badge

    def profile(self, badge: dict[str, Any]) -> dict[str, Any]:
        """The profile of a class's issuer, from its own address; its `id` is always stated.

        Raises: as `fetch`; also MalformedError when there is none, or it is about somebody else.
        """
        issuer = identifier(badge.get("issuer"))
        if issuer is None:
            raise MalformedError("issuer_missing", "the badge does not say who issued it")
        if not is_web_address(issuer):
            raise UnsupportedError(
                "controller_unsupported",
                "this kind of issuer is not checked",
                {"controller": issuer[:300]},
            )
        profile = self.fetch(issuer)
        if not self._is_at(profile, issuer):
            raise MalformedError(
                "controller_mismatch",
                "the issuer's document is about somebody else",
                {"controller": issuer[:300]},
            )
        return {**profile, "id": issuer}

    def _is_at(self, found: dict[str, Any], address: str) -> bool:
        """Whether a document states the address where it was found; before 1.1 none did."""
        return found.get("id") == address or (self.version == "1.x" and "id" not in found)

    # -- keys ----------------------------------------------------------------------------------

    def key(self, address: str) -> Key:
        """The key published at an address.

        Raises: as `fetch`; also MalformedError when no such key, or a broken one, is there.
        """
        if is_web_address(address):
            raw = self.resolver.fetch(address.partition("#")[0])
            if raw.lstrip().startswith(b"-----BEGIN"):
                # Before 2.0 a key was published bare.
                return Key(address, None, PublicKey.from_pem(raw.decode("latin-1")))
        published = self.fetch(address)
        for candidate in [published, *as_list(published.get("publicKey"))]:
            if (
                isinstance(candidate, dict)
                and candidate.get("id") == address
                and "publicKeyPem" in candidate
            ):
                return _read_key(candidate)
        raise MalformedError(
            "method_unlisted", "no such key is found there", {"method": address[:300]}
        )

    def keys(self, profile: dict[str, Any]) -> list[Key]:
        """Every key of an issuer that can be read.

        Raises: MalformedError when it lists none; what stood in the way when none can be read.
        """
        found: list[Key] = []
        problem: EngineError = MalformedError(
            "method_unlisted", "the issuer's profile names no key", {"method": ""}
        )
        for listed in as_list(profile.get("publicKey"))[:MAX_KEYS]:
            try:
                if isinstance(listed, dict) and "publicKeyPem" in listed:
                    found.append(_read_key(listed))
                elif (address := identifier(listed)) is not None:
                    found.append(self.key(address))
            except EngineError as error:
                problem = error
        if not found:
            raise problem
        return found

    def embedded_keys(self, profile: dict[str, Any]) -> list[Key]:
        """The keys written out in a profile that can be read."""
        found: list[Key] = []
        for listed in as_list(profile.get("publicKey"))[:MAX_KEYS]:
            try:
                if isinstance(listed, dict) and "publicKeyPem" in listed:
                    found.append(_read_key(listed))
            except EngineError:
                continue
        return found

    # -- the revoked ---------------------------------------------------------------------------

    def find_revoked(self, address: str, issuer: str, names: Sequence[str]) -> tuple[bool, object]:
        """Whether an issuer's list of the revoked names one of these, and the reason it gives.

        Raises: as `fetch`; also UnsupportedError when it is somebody else's, or no list.
        """
        listing = self.fetch(address)
        params: dict[str, str | int] = {"list": address[:300]}
        if listing.get("id", address) != address:
            raise UnsupportedError("status_list_id", "the list is another one", params)
        if listing.get("issuer", issuer) != issuer and identifier(listing["issuer"]) != issuer:
            raise UnsupportedError("status_list_issuer", "the list is somebody else's", params)
        if "revokedAssertions" not in listing and self.version == "1.x":
            # Then it was one object: uid → reason.
            return next(((True, listing[name]) for name in names if name in listing), (False, None))
        if "revokedAssertions" not in listing:
            raise UnsupportedError("status_list_type", "it is not a list of the revoked", params)
        for entry in as_list(listing["revokedAssertions"]):
            if isinstance(entry, str) and entry in names:
                return True, None
            if isinstance(entry, dict) and (entry.get("id") in names or entry.get("uid") in names):
                return True, entry.get("revocationReason")
        return False, None


def _read_key(found: dict[str, Any]) -> Key:
    name = identifier(found) or ""
    return Key(name, identifier(found.get("owner")), PublicKey.from_pem(found.get("publicKeyPem")))
