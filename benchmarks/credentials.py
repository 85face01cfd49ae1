"""Credentials signed and verified per second, beside `@digitalbazaar/vc` in the same run.

Both sides do the same work on the same credential and one core: from values to signed document
(`bulk`: to its JSON text, each award of the badge another, by one `Template`), and from document
to verdict (offline, did:key). `bare` is one Ed25519 signature or verification of 64 bytes and
nothing else: the limit. Short slices alternate, so that whatever else the machine does falls on
all; a ratio is the median of the ratios of neighbouring slices, by the clock and by the time of
processor used, which holds on a machine that others use too.

    python benchmarks/credentials.py [--seconds 40] [--json]

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
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from badges.engine import credentials, keys, proofs, template, verify  # noqa: E402

SEED = bytes(range(32))
SLICE = 0.5
WORDS = (
    "Savoir lire, corriger et écrire un programme court : variables, boucles, fonctions. "
    "L’évaluation se fait « en situation », à partir d’un sujet choisi par la personne. "
)


def build(number: int = 0) -> dict[str, Any]:
    """A badge of ordinary size: French text, four skills, evidence, no status to fetch."""
    return Batch().build(number)


class Batch:
    """The awards of one badge, each to somebody else."""

    def __init__(self) -> None:
        did = keys.did_key(keys.SigningKey.from_seed(SEED).multibase)
        self.now = datetime.now(UTC)
        self.issuer = credentials.Issuer(
            did, "Tiers-lieu de la science", url="https://lieu.example/", description=WORDS
        )
        self.achievement = credentials.Achievement(
            id="https://lieu.example/badges/python",
            name="Premiers pas en Python",
            description=WORDS,
            criteria=WORDS * 3,
            achievement_type="Badge",
            alignments=[
                credentials.Alignment(
                    f"Compétence {number}",
                    f"https://pix.fr/competences/3.{number}",
                    framework="CRCN",
                )
                for number in range(1, 5)
            ],
            tags=["python", "débutant", "NSI"],
            image=credentials.Image("https://lieu.example/badges/python.png", "Un serpent bleu"),
            hours=12,
            language="fr",
        )

    def build(self, number: int) -> dict[str, Any]:
        """The unsigned credential of one award."""
        award = credentials.Award(
            id=f"urn:uuid:58172aac-d8ba-4f11-8a3b-{number:012d}",
            recipient=credentials.Recipient.from_email(f"ada{number}@example.org"),
            valid_from=self.now - timedelta(days=1),
            valid_until=self.now + timedelta(days=365),
            evidence=[credentials.Evidence(name="Carnet de bord", narrative=WORDS)],
        )
        return credentials.build_credential(self.issuer, self.achievement, award)


class Rate(NamedTuple):
    """How many times a second, by the clock and by the processor's time."""

    clock: float
    processor: float


def run(work: Callable[[], object], seconds: float) -> Rate:
    """Work for so long."""
    began, used = time.perf_counter(), time.process_time()
    count = 0
    while time.perf_counter() - began < seconds:
        work()
        count += 1
    return Rate(count / (time.perf_counter() - began), count / (time.process_time() - used))


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

    def rate(self, op: str, seconds: float) -> Rate:
        answer = self.ask(op, seconds=seconds)
        count = float(answer["count"])
        return Rate(count / answer["seconds"], count / answer["processor"])

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


class Ours:
    """What is measured on our side, by name."""

    def __init__(self) -> None:
        self.key = keys.SigningKey.from_seed(SEED)
        self.method = keys.verification_method(keys.did_key(self.key.multibase), self.key.multibase)
        self.batch = Batch()
        self.document = self.batch.build(0)
        self.template = template.Template()
        self.number = 0
        self.signed = self.sign()
        private = Ed25519PrivateKey.from_private_bytes(SEED)
        data = bytes(64)
        signature = private.sign(data)
        public = private.public_key()
        self.work: dict[str, Callable[[], object]] = {
            "sign": self.sign,
            "bulk": self.bulk,
            "verify": self.verify,
            "bare sign": lambda: private.sign(data),
            "bare verify": lambda: public.verify(signature, data),
        }

    def sign(self) -> dict[str, Any]:
        return proofs.sign(self.document, self.key, self.method, created=datetime.now(UTC))

    def bulk(self) -> str:
        self.number += 1
        unsigned = self.batch.build(self.number)
        return self.template.sign_text(unsigned, self.key, self.method, created=self.batch.now)

    def verify(self) -> None:
        report = verify.verify(self.signed, fetch=None, now=datetime.now(UTC))
        if report.outcome != "valid":
            raise RuntimeError(report.to_json())


#: What is compared: (ours, what of the other side's or of the bare limit).
PAIRS = (
    ("sign", "vc sign"),
    ("bulk", "vc sign"),
    ("verify", "vc verify"),
    ("sign", "bare sign"),
    ("bulk", "bare sign"),
    ("verify", "bare verify"),
)


def measure(seconds: float) -> dict[str, Any]:
    """Alternate slices for about this long; medians by operation, and of the paired ratios."""
    ours = Ours()
    node = Node()
    figures: dict[str, list[Rate]] = {}

    def slice_of(name: str) -> Rate:
        if name.startswith("vc "):
            return node.rate(name.removeprefix("vc "), SLICE)
        return run(ours.work[name], SLICE)

    try:
        node.ask("load", credential=ours.document, seed=SEED.hex())
        names = ["vc sign", "sign", "bulk", "bare sign", "vc verify", "verify", "bare verify"]
        for name in names:  # all warm before anything counts
            slice_of(name)
        for number in range(max(1, round(seconds / (len(names) * SLICE)))):
            for name in reversed(names) if number % 2 else names:
                figures.setdefault(name, []).append(slice_of(name))
        answer = node.ask("check", credential=json.loads(ours.bulk()))
        if not answer["verified"]:
            raise RuntimeError(answer)
    finally:
        node.close()
    return {
        "bytes": len(json.dumps(ours.signed, ensure_ascii=False).encode()),
        "rounds": len(figures["sign"]),
        "per_second": {
            name: round(median(rate.clock for rate in found), 1) for name, found in figures.items()
        },
        "ratios": {
            f"{mine} / {other}": [
                round(median(a[way] / b[way] for a, b in pairs), 2) for way in (0, 1)
            ]
            for mine, other in PAIRS
            for pairs in [list(zip(figures[mine], figures[other], strict=True))]
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=40, help="how long, about (default 40)")
    parser.add_argument("--json", action="store_true", help="figures only, as JSON")
    options = parser.parse_args()
    found = measure(options.seconds)
    if options.json:
        print(json.dumps(found))
        return
    rates, ratios = found["per_second"], found["ratios"]
    print(f"eddsa-rdfc-2022, {found['bytes']} bytes, {found['rounds']} paired rounds of {SLICE} s,")
    print(f"one core, Python {platform.python_version()}; bare Ed25519 of `cryptography`:")
    print(f"{rates['bare sign']:,.0f} signatures, {rates['bare verify']:,.0f} verifications\n")
    print("| per second | ours | @digitalbazaar/vc | × | × by processor time | of bare Ed25519 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, kind in (("sign", "sign"), ("bulk", "sign"), ("verify", "verify")):
        clock, processor = ratios[f"{name} / vc {kind}"]
        _, share = ratios[f"{name} / bare {kind}"]
        print(
            f"| {name} | {rates[name]:,.0f} | {rates['vc ' + kind]:,.0f} "
            f"| {clock} | {processor} | {share} |"
        )


if __name__ == "__main__":
    main()
