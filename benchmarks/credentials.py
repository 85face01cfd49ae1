"""Credentials signed and verified per second, beside `@digitalbazaar/vc` in the same run.

Both sides do the same work on the same credential and one core: from values to signed document,
and from document to verdict (offline, did:key). Short slices alternate, so that whatever else the
machine does falls on both; the ratio is the median of the ratios of neighbouring slices.

    python benchmarks/credentials.py [--seconds 20] [--json]

Needs Node.js and the packages of tests/interop (`make test` installs them).
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from badges.engine import credentials, keys, proofs, verify  # noqa: E402

SEED = bytes(range(32))
SLICE = 0.5
WORDS = (
    "Savoir lire, corriger et écrire un programme court : variables, boucles, fonctions. "
    "L’évaluation se fait « en situation », à partir d’un sujet choisi par la personne. "
)


def build() -> dict[str, Any]:
    """A badge of ordinary size: French text, four skills, evidence, no status to fetch."""
    did = keys.did_key(keys.SigningKey.from_seed(SEED).multibase)
    issuer = credentials.Issuer(
        did, "Tiers-lieu de la science", url="https://lieu.example/", description=WORDS
    )
    achievement = credentials.Achievement(
        id="https://lieu.example/badges/python",
        name="Premiers pas en Python",
        description=WORDS,
        criteria=WORDS * 3,
        achievement_type="Badge",
        alignments=[
            credentials.Alignment(
                f"Compétence {number}", f"https://pix.fr/competences/3.{number}", framework="CRCN"
            )
            for number in range(1, 5)
        ],
        tags=["python", "débutant", "NSI"],
        image=credentials.Image("https://lieu.example/badges/python.png", "Un serpent bleu"),
        hours=12,
        language="fr",
    )
    now = datetime.now(UTC)
    award = credentials.Award(
        id="urn:uuid:58172aac-d8ba-4f11-8a3b-0b3aef56cc33",
        recipient=credentials.Recipient.from_email("ada@example.org"),
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=365),
        evidence=[credentials.Evidence(name="Carnet de bord", narrative=WORDS)],
    )
    return credentials.build_credential(issuer, achievement, award)


def run(work: Callable[[], object], seconds: float) -> float:
    """How many times a second."""
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < seconds:
        work()
        count += 1
    return count / (time.perf_counter() - began)


class Node:
    """The other process, which works only while it is asked."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            ["node", str(ROOT / "benchmarks" / "sign.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def per_second(self, op: str, seconds: float) -> float:
        answer = self.ask(op, seconds=seconds)
        return float(answer["count"] / answer["seconds"])

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def measure(seconds: float) -> dict[str, Any]:
    """Alternate slices for about this long; figures by operation."""
    document = build()
    key = keys.SigningKey.from_seed(SEED)
    method = keys.verification_method(keys.did_key(key.multibase), key.multibase)

    def sign_one() -> dict[str, Any]:
        return proofs.sign(document, key, method, created=datetime.now(UTC))

    signed = sign_one()

    def verify_one() -> None:
        report = verify.verify(signed, fetch=None, now=datetime.now(UTC))
        if report.outcome != "valid":
            raise RuntimeError(report.to_json())

    node = Node()
    try:
        node.ask("load", credential=document, seed=SEED.hex())
        ours = {"sign": sign_one, "verify": verify_one}
        figures: dict[str, list[tuple[float, float]]] = {"sign": [], "verify": []}
        for op, work in ours.items():  # both warm before anything counts
            run(work, SLICE)
            node.per_second(op, SLICE)
        for number in range(max(1, round(seconds / (4 * SLICE)))):
            for op, work in ours.items():
                if number % 2:
                    theirs = node.per_second(op, SLICE)
                    figures[op].append((run(work, SLICE), theirs))
                else:
                    figures[op].append((run(work, SLICE), node.per_second(op, SLICE)))
    finally:
        node.close()
    return {
        "bytes": len(json.dumps(signed, ensure_ascii=False).encode()),
        "rounds": len(figures["sign"]),
        **{
            op: {
                "ours": round(median(ours for ours, _ in pairs), 1),
                "theirs": round(median(theirs for _, theirs in pairs), 1),
                "ratio": round(median(ours / theirs for ours, theirs in pairs), 2),
            }
            for op, pairs in figures.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long, about (default 20)")
    parser.add_argument("--json", action="store_true", help="figures only, as JSON")
    options = parser.parse_args()
    found = measure(options.seconds)
    if options.json:
        print(json.dumps(found))
        return
    print(f"eddsa-rdfc-2022, {found['bytes']} bytes, {found['rounds']} paired rounds of {SLICE} s,")
    print(f"one core, Python {platform.python_version()}\n")
    print("| per second | ours | @digitalbazaar/vc | × |")
    print("| --- | ---: | ---: | ---: |")
    for op in ("sign", "verify"):
        row = found[op]
        print(f"| {op} | {row['ours']} | {row['theirs']} | {row['ratio']} |")


if __name__ == "__main__":
    main()
