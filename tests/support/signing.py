"""Batches of awards that differ in whatever awards differ in, and the reference implementation."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from pyld import jsonld

from badges.engine import contexts, credentials, keys
from badges.engine.jsonld import _Loader
from badges.engine.rdfc import Digest
from tests.support.engine import NOW

TEXTS = [
    *("Bravo", "Éloïse a réussi", "« Été » — l’œuvre", "🎓🐍👩‍🔬", "e\u0301", 'il a dit "oui"'),
    *("C:\\temp\\", "ligne\nligne\r\nligne", "a\tb", '\\"\\n\n"', "", " ", "%s %d %%", "{0}"),
    *("<b>gras</b>", "_:c14n0", "https://lieu.example/", "]]>", "\u2028\u2029\x85", "\u202e"),
    *("名前", "x" * 2_000, "'", "^^<https://x.example/>", '"@fr .', "slot-00", "null", "true"),
]


def text_of(rng: random.Random) -> str:
    return " ".join(rng.choice(TEXTS) for _ in range(rng.choice([1, 1, 1, 2, 3])))


class Batch:
    """One badge, and awards of it that differ in whatever awards differ in."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        key = keys.SigningKey.from_seed(bytes(31) + b"\x07")
        did = keys.did_key(key.multibase)
        self.issuer = credentials.Issuer(did, text_of(rng) or "x", url="https://lieu.example/")
        alignments = [
            credentials.Alignment(
                f"Savoir {rng.choice('ab')}", f"https://pix.fr/{rng.choice('ab')}"
            )
            for _ in range(rng.choice([0, 1, 2, 3]))
        ]
        self.achievement = credentials.Achievement(
            id="https://lieu.example/badges/1",
            name=text_of(rng),
            description=text_of(rng),
            criteria=text_of(rng) or "x",
            alignments=alignments,
            tags=[text_of(rng) or "x" for _ in range(rng.choice([0, 2]))],
            hours=rng.choice([None, 12]),
        )
        self.evidence = rng.choice([0, 1, 1, 2, 3])
        self.statuses = rng.choice([0, 1, 1, 2])
        self.has_end = rng.random() < 0.5
        self.has_narrative = rng.random() < 0.5
        self.with_did = rng.random() < 0.3
        self.with_url = rng.random() < 0.3
        # Few different texts make equal slots and nodes that only a whole RDFC-1.0 tells apart.
        self.few = ["a", "b"] if rng.random() < 0.3 else None
        self.number = 0

    def text(self) -> str:
        return self.rng.choice(self.few) if self.few else text_of(self.rng) or "x"

    def award(self) -> dict[str, Any]:
        """The next unsigned credential."""
        rng = self.rng
        self.number += 1
        begun = NOW - timedelta(seconds=rng.randrange(100_000))
        lists = ["https://lieu.example/status/1", "https://lieu.example/status/2"]
        award = credentials.Award(
            id=rng.choice([f"urn:uuid:{self.number}", f"urn:uuid:{rng.random()}"]),
            recipient=credentials.Recipient.from_email(f"{rng.random()}@x.example", self.text()),
            valid_from=begun,
            valid_until=begun + timedelta(days=365) if self.has_end else None,
            status=[
                credentials.StatusEntry(rng.choice(lists), rng.randrange(131_072))
                for _ in range(self.statuses)
            ],
            evidence=[
                credentials.Evidence(
                    name=self.text(),
                    narrative=self.text(),
                    url=f"https://lieu.example/preuves/{rng.randrange(9)}"
                    if self.with_url
                    else None,
                )
                for _ in range(self.evidence)
            ],
            subject_id=f"did:key:z{self.number}" if self.with_did else None,
            narrative=self.text() if self.has_narrative else None,
        )
        return credentials.build_credential(self.issuer, self.achievement, award)


def pyld_canonicalize(document: dict[str, Any], *, digest: Digest = "sha256") -> str:
    """The reference implementation."""
    assert digest == "sha256"  # it knows no other
    return str(
        jsonld.normalize(
            document,
            {
                "algorithm": "URDNA2015",
                "format": "application/n-quads",
                "base": None,
                "documentLoader": _Loader(contexts.shipped()),
            },
        )
    )
