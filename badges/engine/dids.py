"""Whose key is it? Controller documents of issuers, and the verification methods they list.

The name of a key proves nothing, even when it contains the key: only the controller's document
says that this key may attest in its name (W3C Controlled Identifiers 1.0, section 3.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from .dates import parse_moment
from .documents import parse_json
from .errors import EngineError, FetchFailed, FetchRefused, MalformedError, UnsupportedError
from .publickeys import PublicKey

#: What fetches an address. Raises `FetchRefused`, `FetchFailed`, or `FetchGone` where the answer is
#: 410; sizes and redirects are its own.
Fetch = Callable[[str], bytes]

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?")


@dataclass(frozen=True)
class Method:
    """A verification method, as its controller's document states it."""

    id: str
    #: The id of the document that was dereferenced; `stated_controller` is what the key says.
    controller: str
    stated_controller: str
    public_key: PublicKey
    #: Whether the document lists it in `assertionMethod`: it may sign credentials.
    may_assert: bool
    #: Whether it lists it in `authentication`: it may sign presentations.
    may_authenticate: bool = False
    revoked: datetime | None = None
    expires: datetime | None = None


class Resolver:
    """Finds controller documents: `did:key` offline, `did:web` and `https` through `fetch`.

    Keeps what it fetched: make one for each verification.
    """

    def __init__(self, fetch: Fetch | None) -> None:
        self._fetch = fetch
        self._fetched: dict[str, bytes | EngineError] = {}

    def fetch(self, address: str) -> bytes:
        """Fetch an address, once.

        Raises:
            UnsupportedError: there is no network (`offline`), or the address is not https.
            FetchRefused, FetchFailed: as the given `fetch` says; any other error of its is a
                `FetchFailed`.
        """
        if self._fetch is None:
            raise UnsupportedError(
                "offline", "this cannot be known without the network", {"address": address[:300]}
            )
        if address not in self._fetched:
            self._fetched[address] = self._try_fetch(self._fetch, address)
        found = self._fetched[address]
        if isinstance(found, EngineError):
            raise found
        return found

    @staticmethod
    def _try_fetch(fetch: Fetch, address: str) -> bytes | EngineError:
        try:
            found = fetch(address)
        except (FetchRefused, FetchFailed) as error:
            error.params.setdefault("address", address[:300])
            error.params["address"] = error.params["address"] or address[:300]
            return error
        except Exception as error:
            # A network library of the caller's: whatever it raises means "nothing came back".
            return FetchFailed(f"fetching failed: {type(error).__name__}", address[:300])
        if not isinstance(found, bytes):
            return FetchFailed("fetching gave no bytes", address[:300])
        return found

    def document(self, controller: str) -> dict[str, Any]:
        """The document of a controller: a DID or an https address, without fragment.

        Raises:
            UnsupportedError: an unknown DID method, no network, or nothing readable came back.
            MalformedError: the DID is not well-formed, or the document names somebody else.
        """
        if controller.startswith("did:key:"):
            return _key_document(controller)
        if controller.startswith("did:web:"):
            address = did_web_address(controller)
        elif controller.startswith("https://"):
            address = controller
        else:
            raise UnsupportedError(
                "controller_unsupported",
                "this kind of issuer is not checked",
                {"controller": controller[:300]},
            )
        raw = self.fetch(address)
        try:
            document = parse_json(raw)
        except MalformedError as error:
            raise UnsupportedError(
                "controller_unreadable",
                "the issuer's document could not be read",
                {"address": address, "reason": error.code},
            ) from error
        if document.get("id") != controller:
            raise MalformedError(
                "controller_mismatch",
                "the issuer's document is about somebody else",
                {"controller": controller[:300]},
            )
        return document

    def method(self, address: str) -> Method:
        """Dereference a verification method (`controller#fragment`).

        Raises: as `document`; also MalformedError when the controller does not name this key.
        """
        controller, separator, _ = address.partition("#")
        if not separator or not controller:
            raise MalformedError("method_invalid", "the proof does not name a key of a controller")
        document = self.document(controller)
        for found, listed in _methods(document):
            if _full(found.get("id"), controller) == address:
                return _read_method(
                    found,
                    address,
                    controller,
                    listed == "assertionMethod" or _lists(document, address, "assertionMethod"),
                    listed == "authentication" or _lists(document, address, "authentication"),
                )
        raise MalformedError(
            "method_unlisted", "the issuer's document does not name this key", {"method": address}
        )

    def methods(self, controller: str) -> list[Method]:
        """Every verification method of a controller that can be read here.

        Raises: as `document`.
        """
        document, found = self.document(controller), []
        for method, listed in _methods(document):
            address = _full(method.get("id"), controller)
            if address is None:
                continue
            try:
                may_assert = listed == "assertionMethod" or _lists(
                    document, address, "assertionMethod"
                )
                found.append(_read_method(method, address, controller, may_assert))
            except EngineError:
                continue  # a key of another kind, or a broken one: not the one looked for
        return found


def did_web_address(did: str) -> str:
    """Where the document of a did:web is published.

    Raises:
        MalformedError: not a well-formed did:web (`did_invalid`).
    """
    host, *path = [unquote(part) for part in did.removeprefix("did:web:").split(":")]
    if not _HOST.fullmatch(host) or any(
        not part or part in (".", "..") or re.search(r"[/\\?#%\s\x00-\x1f]", part) for part in path
    ):
        raise MalformedError("did_invalid", "the issuer's did:web is not well-formed")
    return f"https://{host}/{'/'.join(path) or '.well-known'}/did.json"


def is_web_address(address: str) -> bool:
    """Whether this is a web address with a host.

    `http` too: a status list is signed itself, so the way it came proves nothing. Whether to go
    there is for the `fetch` to say.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _key_document(did: str) -> dict[str, Any]:
    multibase = did.removeprefix("did:key:")
    PublicKey.from_multikey(multibase)
    method = f"{did}#{multibase}"
    return {
        "id": did,
        "verificationMethod": [
            {
                "id": method,
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": multibase,
            }
        ],
        "assertionMethod": [method],
        "authentication": [method],
    }


def _methods(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Each method of a document, and the member it stands in."""
    for member in ("verificationMethod", "assertionMethod", "authentication"):
        found = document.get(member)
        for method in found if isinstance(found, list) else [found]:
            if isinstance(method, dict):
                yield method, member


def _lists(document: dict[str, Any], address: str, member: str) -> bool:
    found = document.get(member)
    return any(
        _full(method, str(document["id"])) == address
        for method in (found if isinstance(found, list) else [found])
    )


def _full(identifier: object, controller: str) -> str | None:
    if not isinstance(identifier, str):
        return None
    return controller + identifier if identifier.startswith("#") else identifier


def _read_method(
    found: dict[str, Any],
    address: str,
    controller: str,
    may_assert: bool,
    may_authenticate: bool = False,
) -> Method:
    stated = found.get("controller")
    dates = {
        name: parse_moment(found[name]) if found.get(name) is not None else None
        for name in ("revoked", "expires")
    }
    return Method(
        id=address,
        controller=controller,
        stated_controller=stated if isinstance(stated, str) else "",
        public_key=_public_key(found),
        may_assert=may_assert,
        may_authenticate=may_authenticate,
        revoked=dates["revoked"],
        expires=dates["expires"],
    )


def _public_key(found: dict[str, Any]) -> PublicKey:
    multibase, jwk = found.get("publicKeyMultibase"), found.get("publicKeyJwk")
    if isinstance(multibase, str) and jwk is None:
        return PublicKey.from_multikey(multibase)
    if isinstance(jwk, dict) and multibase is None:
        return PublicKey.from_jwk(jwk)
    raise UnsupportedError("key_type_unsupported", "the key is in no form that is checked here")
