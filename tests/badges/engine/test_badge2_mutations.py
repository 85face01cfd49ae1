"""Open Badges 2.0 changed in every way: always a report, in time, and never `valid` unless it says
nothing that its issuer does not publish.
"""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from badges.engine import baking
from tests.support.badge2 import DRAWING, PICTURE, Issuer2
from tests.support.mutations import Stock, examine, garble, mutate

SAMPLE = 800
PROOF_SAMPLE = 10_000

_VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 10**30, [], {}, [[]], [None], [{}], ["x", {}]),
    *("", " ", "é", "_:b0", "https://x.example/", "http://lieu.example/", "data:,x", "urn:uuid:0"),
    *("2026-02-30", "2026-02-30T00:00:00Z", "1359217910", "9" * 400, "a" * 3_000, "\u202e", "\0"),
    *({"id": None}, {"id": "https://x.example/"}, {"id": {}}, {"type": "hosted"}, {"type": []}),
    *({"type": "SignedBadge"}, {"@value": "x"}, {"url": "https://x.example/"}, "HostedBadge"),
    *("-----BEGIN PUBLIC KEY-----", ["https://w3id.org/openbadges/v2"]),
]
_NAMES = [
    *("@context", "@id", "@type", "id", "type", "uid", "verify", "verification", "creator", "url"),
    *("badge", "issuer", "recipient", "identity", "hashed", "salt", "expires", "issuedOn", "image"),
    *("revoked", "revocationReason", "revocationList", "revokedAssertions", "publicKey", "owner"),
    *("publicKeyPem", "startsWith", "allowedOrigins", "endorsement", "claim", "criteria", "", "é"),
]


STOCK = Stock(_VALUES, _NAMES, 'aé\n\t"\\<>~7/#')


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every fact of a document: the member it stands under, and what it is."""
    if isinstance(value, dict):
        for member, inner in value.items():
            # What stands for an object and the object's own id are the same fact.
            yield from leaves(inner, name if member == "id" else member)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    elif value is not None:
        yield name, json.dumps(value)


CONTEXTS = ['"https://w3id.org/openbadges/v2"']
ALIASES = {("type", '"hosted"'), ("type", '"signed"')}


def in_contexts(value: Any) -> set[tuple[str, str]]:
    """What stands inside contexts."""
    if isinstance(value, list):
        return set().union(*map(in_contexts, value))
    if not isinstance(value, dict):
        return set()
    inner = set().union(*map(in_contexts, value.values()))
    return inner | {*leaves({"@context": value.get("@context")})}


def try_all(count: int, seed: int) -> Counter[str]:
    """Verify `count` changed badges; gives the outcomes and asserts what must hold."""
    rng = random.Random(seed)
    issuer = Issuer2()
    hosted = issuer.hosted()
    full = copy.deepcopy(hosted)
    full["badge"] = json.loads(issuer.web[issuer.class_at])
    full["badge"]["issuer"] = json.loads(issuer.web[issuer.profile_at])
    said = {*leaves(full), *leaves(hosted), ("verify", json.dumps("")), *ALIASES}
    text, token = json.dumps(hosted, ensure_ascii=False), issuer.signed()
    signed = issuer.verify(token).credential
    pictures = [
        baking.bake_2(PICTURE, text),
        baking.bake_2(DRAWING, text, address=issuer.hosted_at),
        baking.bake_2(DRAWING, token),
    ]
    files = [text.encode(), token.encode(), *pictures]
    web = dict(issuer.web)
    outcomes: Counter[str] = Counter()
    for number in range(count):
        issuer.web = dict(web)
        source: Any = rng.choice([hosted, full])
        kind = number % 4
        if kind == 1:
            source = garble(rng.choice(files), rng)
        elif kind == 2:
            # What was given is right; something that is published is strange.
            address = rng.choice(sorted(web))
            source = rng.choice([source, token])
            if rng.randrange(2) or not web[address].startswith(b"{"):
                issuer.web[address] = garble(web[address], rng)
            else:
                issuer.web[address] = json.dumps(
                    mutate(json.loads(web[address]), rng, STOCK)
                ).encode()
        else:
            source = mutate(source, rng, STOCK)
        found, _ = examine(partial(issuer.verify, recipient="ada@example.org"), source)
        if found.outcome == "valid" and kind != 2:
            assert found.credential is not None
            facts = [*leaves(found.credential)]
            words = {text for name, text in facts if name == "@context"}
            new = [fact for fact in facts if fact not in said and not _same_date(fact, said)]
            if found.check("contexts").outcome == "passed":
                assert words <= {*CONTEXTS}, source
            else:
                # A reader is told that its words may mean something else.
                new = [fact for fact in new if fact not in in_contexts(found.credential)]
            assert found.credential == signed or not new, (new, source)
            assert found.check("recipient").outcome == "passed", source
            assert found.check("dates").params["until"] == full["expires"], source
        outcomes[f"{kind} {found.outcome}"] += 1
    return outcomes


def _same_date(fact: tuple[str, str], said: set[tuple[str, str]]) -> bool:
    """A day's own notation may be written otherwise: `+00:00` for `Z`, a `T`-less day."""
    return fact[0] in ("issuedOn", "expires") and (fact[0], fact[1].upper()) in said


def test_changed_badges_always_get_a_report_in_time() -> None:
    outcomes = try_all(SAMPLE, seed=1)
    changed = sum(number for name, number in outcomes.items() if name[0] != "2")
    valid = sum(number for name, number in outcomes.items() if name in ("0 valid", "3 valid"))
    # Some changes say the same in other words, or say less: the test would be blind if none.
    assert 0 < valid < changed * 0.4, outcomes
    assert outcomes["1 valid"] < SAMPLE * 0.05, outcomes


@pytest.mark.proof
def test_many_more_changed_badges_always_get_a_report_in_time() -> None:
    assert sum(try_all(PROOF_SAMPLE, seed=2).values()) == PROOF_SAMPLE


def test_what_costs_most_still_takes_no_time() -> None:
    """As many values as a document may hold, where each is compared."""
    issuer = Issuer2()
    document = {**issuer.hosted(), "evidence": [{"id": f"urn:uuid:{n}"} for n in range(2_000)]}
    issuer.publish(document)
    issuer.change(issuer.profile_at, publicKey=[f"{issuer.key_at}{n}" for n in range(4_000)])
    issuer.change(issuer.list_at, revokedAssertions=[f"urn:uuid:{n}" for n in range(4_900)])
    policy = {"startsWith": [f"https://lieu.example/{n}" for n in range(4_000)]}
    issuer.change(issuer.profile_at, verification=policy)
    unnamed = issuer.signed(verification={"type": "SignedBadge"})
    for source in (document, json.dumps(document), issuer.signed(), unnamed):
        examine(partial(issuer.verify, recipient="ada@example.org"), source)
