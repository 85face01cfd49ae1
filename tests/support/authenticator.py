"""A device that makes passkeys and signs with them, in software: real keys, real signatures, and
every part of an answer can be bent before it is signed."""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

LIST, ADD = "/compte/cles-identification", "/compte/cles-identification/ajouter"
DOOR = "/connexion/cle-identification"
UP, UV, AT = 0x01, 0x04, 0x40  # somebody is there; it is they; a key follows
OPTIONS = re.compile(r'data-options="([^"]*)"')


def read_options(page: str) -> dict[str, Any]:
    """What a page asks of a device."""
    found = OPTIONS.search(page)
    assert found is not None
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


@dataclass
class Device:
    """One passkey's device; ``algorithm`` is ES256 or EdDSA."""

    algorithm: str = "ES256"
    origin: str = "http://localhost"
    flags: int = UP | UV
    count: int = 0
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes | None = None
    rp_id: str = ""

    def __post_init__(self) -> None:
        self.key: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if self.algorithm == "ES256"
            else ed25519.Ed25519PrivateKey.generate()
        )

    def _cose(self) -> bytes:
        public = self.key.public_key()
        if self.algorithm == "ES256":
            numbers = public.public_numbers()
            x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
            return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return encode_cbor(
            {1: 1, 3: -8, -1: 6, -2: public.public_bytes(Encoding.Raw, PublicFormat.Raw)}
        )

    def _data(self, flags: int) -> bytes:
        if self.counts:
            self.count += 1
        host = hashlib.sha256(self.rp_id.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, **response: bytes | None) -> str:
        own = bytes_to_base64url(self.credential_id)
        said = {key: bytes_to_base64url(value) for key, value in response.items() if value}
        return json.dumps(
            {
                "id": own,
                "rawId": own,
                "type": "public-key",
                "response": said,
                "clientExtensionResults": {},
            }
        )

    def make(self, options: dict[str, Any]) -> str:
        """Make the passkey that is asked for."""
        self.rp_id = self.rp_id or options["rp"]["id"]
        self.handle = base64url_to_bytes(options["user"]["id"])
        size = len(self.credential_id).to_bytes(2, "big")
        data = self._data(self.flags | AT) + bytes(16) + size + self.credential_id + self._cose()
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]),
            attestationObject=encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def sign(
        self, options: dict[str, Any], *, bend: Callable[[bytes], bytes] = lambda it: it
    ) -> str:
        """Sign what is asked; ``bend`` changes the signature."""
        data = self._data(self.flags)
        client = self._client("webauthn.get", options["challenge"])
        message = data + hashlib.sha256(client).digest()
        signed = (
            self.key.sign(message, ec.ECDSA(hashes.SHA256()))
            if self.algorithm == "ES256"
            else self.key.sign(message)
        )
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=bend(signed),
            userHandle=self.handle,
        )


def add(client: FlaskClient, device: Device, name: str = "Mon téléphone") -> Any:
    """Add the passkey that this device makes; the client is signed in."""
    answer = device.make(read_options(client.get(ADD).text))
    return client.post(ADD, data={"name": name, "answer": answer})


def enter(client: FlaskClient, device: Device, page: str = "/login", **more: str) -> Any:
    """Sign in with it, from this page."""
    answer = device.sign(read_options(client.get(page).text))
    return client.post(DOOR, data={"answer": answer, **more})
