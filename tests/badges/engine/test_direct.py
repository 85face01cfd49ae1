"""A document says the same whether it is read directly or by the library."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from badges.engine import active, contexts, credentials, direct, documents, jsonld
from badges.engine.active import realm
from badges.engine.errors import EngineError
from badges.engine.rdfc import canonicalize_quads
from tests.support.mutations import mutate

from .test_mutations import STOCK

V2 = credentials.CREDENTIALS_CONTEXT
BADGES = credentials.BADGES_CONTEXT
KNOWN = contexts.shipped()
SAMPLE = 250
PROOF_SAMPLE = 20_000


def is_inline(document: dict[str, Any]) -> bool:
    """Whether a context is written inside; raises for what is refused before either way."""
    return jsonld.check_document(documents.check_tree(document), KNOWN)


def by_library(document: dict[str, Any]) -> str:
    """The canonical text by the library's expansion, or the code of its refusal."""
    try:
        return canonicalize_quads(jsonld._expand(document, jsonld._options(KNOWN, shared=True)))
    except EngineError as error:
        return error.code


def directly(document: dict[str, Any]) -> str | None:
    """The canonical text by the direct way; None when it declines."""
    quads = direct.read(document, realm(jsonld._options(KNOWN, shared=True)))
    if quads is None:
        return None
    try:
        return canonicalize_quads(quads)
    except EngineError as error:
        return error.code


def compare(document: dict[str, Any]) -> str:
    """Asserts that both ways agree; tells which way the document went."""
    try:
        if is_inline(document):
            return "inline"
    except EngineError:
        return "refused"
    before = copy.deepcopy(document)
    found = directly(document)
    assert document == before
    if found is None:
        return "library"
    assert found == by_library(document), json.dumps(document, ensure_ascii=False)
    return "direct"


# -- documents of the world ----------------------------------------------------------------------


def published(data: Path) -> Iterator[dict[str, Any]]:
    """Every document among the published vectors."""
    for path in sorted((data / "vectors").rglob("*.json")):
        stack = [json.loads(path.read_text(encoding="utf-8"))]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                if "@context" in value:
                    yield value
                stack.extend(value.values())
            elif isinstance(value, list):
                stack.extend(value)


def test_published_documents_say_the_same_read_directly(data: Path) -> None:
    ways = Counter(compare(document) for document in published(data))
    assert ways["direct"] >= 3, ways


def test_what_we_sign_is_read_directly(house: Any, list_url: str) -> None:
    status = [credentials.StatusEntry(list_url, 7), credentials.StatusEntry(list_url, 8)]
    documents_of_ours = [
        house.badge(status=status, narrative='Deux\nlignes, « é » "\\ 🎓', valid_until=None),
        house.signed(),
        house.publish_list(),
        {"@context": [V2, BADGES], "type": "DataIntegrityProof", "proofPurpose": "assertionMethod"},
    ]
    assert [compare(document) for document in documents_of_ours] == ["direct"] * 4


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", {"@value": "Python", "@language": "fr-FR"}),
        ("name", ["un", ["deux", None, ["trois"]], "un"]),
        ("description", None),
        ("evidence", {}),
        ("evidence", [{"id": "https://x.example/"}, "https://y.example/", "urn:uuid:1"]),
        ("evidence", [[{"type": "Evidence", "name": 3}], 4, True, 1.5]),
        ("evidence", {"@context": V2, "type": ["Evidence", "Image"], "caption": "x"}),
        ("validUntil", 12),
        ("validUntil", ["2026-01-01T00:00:00Z", False]),
        ("proof", {"type": "DataIntegrityProof", "proofPurpose": "authentication"}),
        ("proof", [{}, {"id": "urn:x:y"}, {"type": "DataIntegrityProof", "nonce": "a"}]),
        ("type", "VerifiableCredential"),
    ],
    ids=str,
)
def test_ordinary_variants_are_read_directly_and_say_the_same(
    house: Any, member: str, value: Any
) -> None:
    assert compare(house.badge() | {member: value}) == "direct"


V1 = "https://www.w3.org/2018/credentials/v1"


def first_edition(**members: Any) -> dict[str, Any]:
    """A credential of Verifiable Credentials 1.1, whose types bring prefixes along."""
    return {
        "@context": [V1],
        "id": "https://x.example/1",
        "type": ["VerifiableCredential"],
        "issuer": "did:key:z6Mk",
        "issuanceDate": "2026-01-01T00:00:00Z",
        **members,
    }


@pytest.mark.parametrize(
    "members",
    [
        {"id": "cred:1"},
        {"issuer": "cred:1"},
        # A mere reference is read as its owner's types say; a node that says more is not.
        {"credentialSubject": {"id": "cred:1"}},
        {"credentialSubject": {"id": "cred:1", "type": "VerifiableCredential"}},
        {"evidence": [{"id": "cred:1"}, {"id": "cred:2", "type": ["VerifiablePresentation"]}]},
    ],
    ids=str,
)
def test_prefixes_reach_as_far_as_the_types_that_bring_them(members: dict[str, Any]) -> None:
    assert compare(first_edition(**members)) == "direct"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "_:b0"),
        ("id", "relative"),
        ("id", None),
        ("type", [None]),
        ("type", {"id": "x"}),
        ("type", ["VerifiableCredential", "Unknown"]),
        ("unknown", "x"),
        ("name", {"@value": 1}),
        ("name", {"@language": "fr"}),
        ("name", {"@value": "x", "@language": "not a tag"}),
        ("evidence", "_:b1"),
        ("evidence", "@type"),
        ("validFrom", 2**53 + 1),
        ("proof", "https://x.example/"),
        ("verifiableCredential", {"type": "VerifiableCredential"}),
        ("_sd", {"any": ["json"]}),
    ],
    ids=str,
)
def test_what_is_unusual_or_wrong_is_left_to_the_library(
    house: Any, member: str, value: Any
) -> None:
    assert directly(house.badge() | {member: value}) is None


# -- documents of chance -------------------------------------------------------------------------


def test_changed_badges_say_the_same_read_directly(house: Any, list_url: str) -> None:
    assert changed_badges(house, list_url, SAMPLE, seed=11)["direct"] > SAMPLE * 0.1


@pytest.mark.proof
def test_many_changed_badges_say_the_same_read_directly(house: Any, list_url: str) -> None:
    ways = changed_badges(house, list_url, PROOF_SAMPLE, seed=12)
    assert ways["direct"] > PROOF_SAMPLE * 0.1


def changed_badges(house: Any, list_url: str, count: int, seed: int) -> Counter[str]:
    """Compares `count` changed badges, endorsed, with statuses, proofs inside and all."""
    rng = random.Random(seed)
    endorsed = house.badge(status=[credentials.StatusEntry(list_url, 7)], narrative="Bravo.")
    endorsed["endorsement"] = [
        house.sign(
            {
                "@context": [V2, BADGES],
                "id": "https://partner.example/endorsements/1",
                "type": ["VerifiableCredential", "EndorsementCredential"],
                "name": {"@value": "Soutien", "@language": "fr"},
                "issuer": {"id": house.did, "type": ["Profile"], "name": "Université"},
                "validFrom": "2026-01-01T00:00:00Z",
                "credentialSubject": {
                    "id": "https://lieu.example/badges/python",
                    "type": ["EndorsementSubject"],
                    "endorsementComment": "Sérieux.",
                },
            }
        )
    ]
    sources = [house.signed(), endorsed, house.publish_list()]
    return Counter(compare(mutate(rng.choice(sources), rng, STOCK)) for _ in range(count))


def test_random_documents_of_every_context_say_the_same_read_directly() -> None:
    assert random_documents(SAMPLE, seed=21)["direct"] > SAMPLE * 0.4


@pytest.mark.proof
def test_many_random_documents_of_every_context_say_the_same_read_directly() -> None:
    assert random_documents(PROOF_SAMPLE, seed=22)["direct"] > PROOF_SAMPLE * 0.4


def random_documents(count: int, seed: int) -> Counter[str]:
    """Compares `count` documents drawn from the terms of the shipped contexts."""
    rng = random.Random(seed)
    return Counter(compare(Drawing(rng).document()) for _ in range(count))


Terms = dict[str, Any]
WRONG = ["x", "_:b0", "@id", "https://x.example/a b"]


class Drawing:
    """A random document: terms that are defined where they stand, mostly, and any sort of value."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.left = rng.choice([3, 8, 25])  # nodes

    def document(self) -> dict[str, Any]:
        stack = self.contexts()
        return {"@context": stack, **self.node(self.terms(stack), {}, 0)}

    def contexts(self) -> list[str]:
        rng = self.rng
        if rng.random() < 0.6:
            return [V2, *rng.sample(sorted(KNOWN), rng.choice([0, 1, 1, 2]))]
        return rng.sample(sorted(KNOWN), rng.choice([1, 1, 1, 2, 3]))

    def terms(self, stack: list[str]) -> Terms:
        found: Terms = {}
        for address in stack:
            found |= defined(KNOWN[address]["@context"])
        return found

    def node(self, base: Terms, extra: Terms, depth: int) -> dict[str, Any]:
        """`base` holds wherever a node stands; `extra` is what this node's owner gives it."""
        rng = self.rng
        self.left -= 1
        known = base | extra
        members: dict[str, Any] = {}
        if rng.random() < 0.08 and depth:
            members["@context"] = self.contexts()[: rng.choice([1, 2])]
            known = known | self.terms(members["@context"])
            base = base | self.terms(members["@context"])
        classes = [name for name in known if name[:1].isupper()]
        types = rng.sample(classes, min(len(classes), rng.choice([0, 1, 1, 1, 2, 3])))
        if types:
            name = "@type" if rng.random() < 0.01 else "type"
            members[name] = types[0] if len(types) == 1 and rng.random() < 0.5 else types
        for kind in types:
            known = known | defined(scope(known[kind]))
        if rng.random() < 0.6:
            members["id"] = self.address()
        plain = [name for name in known if name not in ("id", "type")]
        for name in rng.sample(plain, min(len(plain), rng.choice([0, 1, 2, 4, 7]))):
            members[name] = self.value(base, known[name], depth)
        if rng.random() < 0.02:
            members[rng.choice(["unknown", "name", "proof", "validFrom", "tag"])] = "x"
        return members

    def value(self, base: Terms, definition: Any, depth: int) -> Any:
        rng = self.rng
        if rng.random() < 0.25:
            return [self.one(base, definition, depth) for _ in range(rng.choice([0, 1, 2, 3]))]
        return self.one(base, definition, depth)

    def one(self, base: Terms, definition: Any, depth: int) -> Any:
        rng = self.rng
        kind = definition.get("@type") if isinstance(definition, dict) else None
        inner = scope(definition)
        wants_node = kind == "@id" or inner is not None
        if self.left > 0 and depth < 8 and rng.random() < (0.6 if wants_node else 0.1):
            return self.node(base, defined(inner), depth + 1)
        if kind == "@vocab" and rng.random() < 0.7 and inner:
            return rng.choice(sorted(defined(inner)))
        if kind == "@id" and rng.random() < 0.9:
            return self.address()
        return rng.choice(
            [
                *('texte « é »\n"\\\t🎓', "x", "", "https://x.example/", "2026-01-01T00:00:00Z"),
                *(1, -7, 0, 1.5, 3.0, True, False, None, 10**20),
                *({"@value": "mot", "@language": "FR"}, {}, [], ["a", ["b"]], [None]),
                *({"id": self.address()}, {"id": self.address(), "type": "Image"}),
            ]
        )

    def address(self) -> str:
        return self.rng.choice(
            [
                *("https://x.example/é?a=1#b", "http://x.example/", "did:key:z6MkX", "urn:uuid:1"),
                *("https://x.example/1", "https://x.example/2", "data:image/png;base64,AA=="),
                *("mailto:a@x.example", "cred:thing", "sec:thing", "schema:name", "xsd:string"),
                *(WRONG if self.rng.random() < 0.02 else []),
            ]
        )


def defined(context: Any) -> Terms:
    """The terms that a context defines at its top."""
    found: Terms = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            found |= {name: value for name, value in part.items() if not name.startswith("@")}
    return found


def scope(definition: Any) -> Any:
    """The context scoped to a term."""
    return definition.get("@context") if isinstance(definition, dict) else None


# -- what is kept ---------------------------------------------------------------------------------


def test_states_are_forgotten_before_strangers_fill_the_memory() -> None:
    rng = random.Random(31)
    most = 0
    for _ in range(400):
        stack = rng.sample(sorted(KNOWN), 4)
        known = realm(jsonld._options(KNOWN, shared=True))
        direct.read({"@context": stack, "type": ["VerifiableCredential"]}, known)
        most = max(most, len(known._states) + len(known._written))
    assert most < active.MAX_STATES + 20


def test_lists_of_types_are_not_remembered_for_ever() -> None:
    known = realm(jsonld._options(KNOWN, shared=True))
    classes = [name for name in defined(KNOWN[BADGES]["@context"]) if name[:1].isupper()]
    rng = random.Random(32)
    for _ in range(300):
        kinds = rng.sample(classes, rng.choice([2, 3, 6]))
        direct.read({"@context": [V2, BADGES], "type": kinds}, known)
    state = known.start.written([V2, BADGES])
    assert len(state._kinds) <= active.MAX_KINDS
    assert all(len(names) <= active.MAX_KIND_LENGTH for names in state._kinds)


def test_what_is_told_in_bulk_is_what_is_told_value_by_value(house: Any) -> None:
    rng = random.Random(41)
    ordinary = 0
    for _ in range(1_500):
        document = mutate(house.signed(), rng, STOCK)
        if documents._is_ordinary(document):
            documents._examine(document)  # does not raise
        if jsonld._is_ordinary(document, KNOWN):
            ordinary += 1
            assert jsonld._examine(document, KNOWN) is False
    assert ordinary > 300
