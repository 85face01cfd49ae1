"""A small issuing house for the engine's tests: keys, badges, status lists, a network in a dict."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from badges.engine import credentials, keys, proofs, report, status, verify
from badges.engine.errors import FetchFailed

Change = Callable[..., dict[str, Any]]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIST_URL = "https://lieu.example/status/1"
REVOCATION = credentials.StatusEntry(LIST_URL, 94_567)


@dataclass
class House:
    """An issuer with its key; `web` is the network it sees, by address."""

    key: keys.SigningKey
    did: str
    web: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    @property
    def method(self) -> str:
        return keys.verification_method(self.did, self.key.multibase)

    def fetch(self, address: str) -> bytes:
        self.fetched.append(address)
        if address not in self.web:
            raise FetchFailed(address=address)
        return self.web[address]

    def award(self, **changes: Any) -> credentials.Award:
        award = credentials.Award(
            id="https://lieu.example/credentials/58172aac",
            recipient=credentials.Recipient.from_email("ada@example.org", "sel"),
            valid_from=NOW - timedelta(days=3),
            evidence=[credentials.Evidence(name="Carnet", narrative="Un programme de tri.")],
        )
        return replace(award, **changes)

    def badge(self, achievement: dict[str, Any] | None = None, **award: Any) -> dict[str, Any]:
        """An unsigned credential."""
        issuer = credentials.Issuer(
            self.did, "Tiers-lieu de la science", url="https://lieu.example/"
        )
        facts: dict[str, Any] = {
            "id": "https://lieu.example/badges/python",
            "name": "Premiers pas en Python",
            "description": "Écrire et lire de petits programmes.",
            "criteria": "Avoir suivi **quatre** demi-journées.\n\n- un programme rendu",
            "achievement_type": "Badge",
            "alignments": [
                credentials.Alignment(
                    "Programmer", "https://pix.fr/competences/3.4", framework="CRCN", code="3.4"
                ),
                credentials.Alignment("Résoudre", "https://pix.fr/competences/5.1"),
            ],
            "tags": ["python", "débutant"],
            "image": credentials.Image("https://lieu.example/badges/python.png", "Un serpent"),
            "hours": 12,
            "language": "fr",
        }
        return credentials.build_credential(
            issuer, credentials.Achievement(**{**facts, **(achievement or {})}), self.award(**award)
        )

    def sign(self, document: dict[str, Any], **options: Any) -> dict[str, Any]:
        options = {"created": NOW, "method": self.method, **options}
        return proofs.sign(document, self.key, options.pop("method"), **options)

    def signed(self, **award: Any) -> dict[str, Any]:
        return self.sign(self.badge(**award))

    def publish_list(
        self, set_bits: Iterable[int] = (), purpose: credentials.StatusPurpose = "revocation"
    ) -> dict[str, Any]:
        """Sign a status list and put it on the web."""
        listing = self.sign(
            credentials.build_status_list_credential(
                list_url=LIST_URL,
                issuer_id=self.did,
                encoded_list=status.encode_list(set_bits),
                purpose=purpose,
                valid_from=NOW - timedelta(days=1),
            )
        )
        self.web[LIST_URL] = json.dumps(listing).encode()
        return listing

    def verify(self, source: Any, *, offline: bool = False, **options: Any) -> report.Report:
        options = {"now": NOW, **options}
        return verify.verify(source, fetch=None if offline else self.fetch, **options)


def make_house() -> House:
    """An issuer whose name is its key (did:key): everything can be checked offline."""
    key = keys.SigningKey.from_seed(b"a house of science, for tests...")
    return House(key, keys.did_key(key.multibase))
