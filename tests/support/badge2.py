"""An issuer of Open Badges 2.0 whose network is a dict: every address it publishes, and its key."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from badges.engine import badge2_issuing, baking, credentials, keys, report, verify
from badges.engine.errors import FetchFailed, FetchGone

SITE = "https://lieu.example"
EVIL = "https://ailleurs.example"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
SIGNED_ID = "urn:uuid:58172aac-d8ba-4f11-8a3b-0b3aef56cc33"


@functools.cache
def rsa_key(name: str = "house") -> keys.SigningKey:
    """One key a name, made once: making one takes a while."""
    return keys.SigningKey(rsa.generate_private_key(65_537, 2_048))


def make_credential(now: datetime, text: str = "Premiers pas", **award: Any) -> dict[str, Any]:
    """The 3.0 credential, unsigned, that every form of the badge is made from."""
    issuer = credentials.Issuer(
        "did:web:lieu.example",
        "Tiers-lieu de la science",
        url=f"{SITE}/",
        email="badges@lieu.example",
        description="Un lieu pour apprendre",
    )
    achievement = credentials.Achievement(
        id=f"{SITE}/badges/python",
        name=text,
        description=f"{text} : écrire de petits programmes.",
        criteria="Avoir suivi **quatre** demi-journées.",
        criteria_url=f"{SITE}/badges/python",
        alignments=[
            credentials.Alignment(
                "Programmer",
                "https://pix.fr/competences/3.4",
                framework="CRCN",
                code="3.4",
                description="Créer un programme",
            ),
            credentials.Alignment("Résoudre", "https://pix.fr/competences/5.1"),
        ],
        tags=["python", "débutant"],
        image=credentials.Image(f"{SITE}/badges/python.png", "Un serpent"),
        hours=12,
        language="fr",
        version="2",
    )
    facts: dict[str, Any] = {
        "id": f"{SITE}/credentials/58172aac",
        "recipient": credentials.Recipient.from_email("ada@example.org", "sel"),
        "valid_from": now - timedelta(days=3),
        "valid_until": now + timedelta(days=300),
        "narrative": "A tenu bon.",
        "evidence": [
            credentials.Evidence(name="Carnet", narrative="Un tri.", url=f"{SITE}/preuves/1"),
            credentials.Evidence(narrative="Quatre demi-journées."),
        ],
    }
    return credentials.build_credential(issuer, achievement, credentials.Award(**facts | award))


@dataclass
class Issuer2:
    """What the house publishes, by address; a tuple is what stands where 410 is answered."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    site: str = SITE
    key: keys.SigningKey = field(default_factory=rsa_key)
    web: dict[str, Any] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.credential = make_credential(self.now)
        self.profile_at = f"{self.site}/badges/issuer"
        self.key_at = f"{self.profile_at}/keys/1"
        self.list_at = f"{self.profile_at}/revoked"
        self.class_at = f"{self.site}/badges/python.ob2.json"
        self.hosted_at = f"{self.site}/credentials/58172aac.ob2.json"
        self.web[f"{SITE}/badges/python.png"] = PICTURE
        self.publish(
            badge2_issuing.build_profile(
                self.credential["issuer"],
                address=self.profile_at,
                assertions=f"{self.site}/credentials/",
                keys=[self.key_at],
                revocation_list=self.list_at,
            )
        )
        self.publish(
            badge2_issuing.build_key(self.key_at, owner=self.profile_at, key=self.key.public())
        )
        self.publish(
            badge2_issuing.build_badge_class(
                self.credential, address=self.class_at, issuer=self.profile_at
            )
        )
        self.revoke()
        self.publish(self.hosted())

    def publish(self, document: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Put a document at its own address."""
        document = {**document, **changes}
        self.web[document["id"]] = json.dumps(document, ensure_ascii=False).encode()
        return document

    def change(self, address: str, **changes: Any) -> None:
        """Change a published document; a member that becomes None is taken away."""
        document = {**json.loads(self.web[address]), **changes}
        kept = {name: member for name, member in document.items() if member is not None}
        self.web[address] = json.dumps(kept).encode()

    def hosted(self) -> dict[str, Any]:
        return badge2_issuing.build_hosted(
            self.credential, address=self.hosted_at, badge=self.class_at
        )

    def signed(self, key: keys.SigningKey | None = None, **changes: Any) -> str:
        assertion = badge2_issuing.build_signed(
            self.credential, id=SIGNED_ID, badge=self.class_at, key=self.key_at
        )
        return badge2_issuing.sign_assertion({**assertion, **changes}, key or self.key)

    def revoke(self, revoked: Sequence[badge2_issuing.Revoked] = ()) -> None:
        """Publish the list of withdrawn signed badges."""
        self.publish(
            badge2_issuing.build_revocation_list(
                self.list_at, issuer=self.profile_at, revoked=revoked
            )
        )

    def withdraw(self, reason: str | None = None) -> None:
        """Answer 410 at the hosted badge's address."""
        gone = badge2_issuing.build_gone(self.hosted_at, reason)
        self.web[self.hosted_at] = (json.dumps(gone, ensure_ascii=False).encode(),)

    def fetch(self, address: str) -> bytes:
        self.fetched.append(address)
        found = self.web.get(address)
        if isinstance(found, tuple):
            raise FetchGone(found[0], address)
        if found is None:
            raise FetchFailed(address=address)
        assert isinstance(found, bytes)
        return found

    def verify(self, source: Any, *, offline: bool = False, **options: Any) -> report.Report:
        options = {"now": self.now, **options}
        return verify.verify(source, fetch=None if offline else self.fetch, **options)


def step(found: report.Report, name: Any) -> tuple[str, str]:
    """A step's outcome and code."""
    check = found.check(name)
    return check.outcome, check.code


def dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def forms(issuer: Issuer2) -> dict[str, Any]:
    """The badge in everything it may come in."""
    hosted, token = dump(issuer.hosted()).decode(), issuer.signed()
    return {
        "hosted, parsed": issuer.hosted(),
        "hosted, text": hosted,
        "hosted, address": issuer.hosted_at,
        "hosted, png": baking.bake_2(PICTURE, hosted),
        "hosted, svg": baking.bake_2(DRAWING, hosted, address=issuer.hosted_at),
        "address in a png": baking.bake_2(PICTURE, issuer.hosted_at),
        "address in an svg": baking.bake_2(DRAWING, issuer.hosted_at),
        "signed, token": token,
        "signed, png": baking.bake_2(PICTURE, token),
        "signed, svg": baking.bake_2(DRAWING, token),
    }
