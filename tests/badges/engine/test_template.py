"""A batch signed from a template is, byte for byte, the batch signed one by one."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.engine import credentials, keys, proofs
from badges.engine.canonical import canonicalize
from badges.engine.errors import EngineError
from badges.engine.template import MAX_ATTEMPTS, MAX_FORMS, Template
from tests.support.engine import NOW, House
from tests.support.signing import Batch, pyld_canonicalize

SAMPLE = 300
PROOF_SAMPLE = 10_000
BATCH = 50
MAX_GROWTH_KB = 6_000


def compact(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def compare_batches(house: House, count: int, seed: int) -> float:
    """Signs `count` awards from templates and by the reference; the share that was spliced."""
    rng = random.Random(seed)
    spliced = 0
    for _ in range(count // BATCH):
        batch, template = Batch(rng), Template()
        for _ in range(BATCH):
            unsigned = batch.award()
            before = copy.deepcopy(unsigned)
            expected = house.sign(unsigned, canonical=pyld_canonicalize)
            found = template.sign_text(unsigned, house.key, house.method, created=NOW)
            assert found == compact(expected)
            assert template.sign(unsigned, house.key, house.method, created=NOW) == expected
            assert unsigned == before
            spliced += template._spliced(unsigned) is not None
    return spliced / count


def test_a_batch_has_the_bytes_that_the_reference_library_gives(house: House) -> None:
    assert compare_batches(house, SAMPLE, seed=1) > 0.9


@pytest.mark.proof
def test_ten_thousand_awards_have_the_bytes_that_the_reference_library_gives(
    house: House,
) -> None:
    assert compare_batches(house, PROOF_SAMPLE, seed=2) > 0.9


def outcome(sign: Callable[[], Any]) -> Any:
    """What was signed, or how it was refused."""
    try:
        return sign()
    except EngineError as error:
        return type(error), error.code, error.params


def assert_same(house: House, template: Template, document: Any) -> None:
    """The template does with this document what signing it alone does."""
    alone = outcome(lambda: house.sign(document))
    together = outcome(lambda: template.sign(document, house.key, house.method, created=NOW))
    assert together == alone
    if isinstance(alone, dict):
        text = template.sign_text(document, house.key, house.method, created=NOW)
        assert text == compact(alone)
        assert list(together) == list(alone)


def trained(house: House) -> Template:
    """A template that has learnt what awards differ in."""
    template = Template()
    for number in range(1, 4):
        unsigned = award(house, number, f"Preuve {number}")
        template.sign(unsigned, house.key, house.method, created=NOW)
    assert len(template._forms) == 1
    assert len(template._forms[0].paths) >= 7
    return template


def award(house: House, number: int, text: str) -> dict[str, Any]:
    return house.badge(
        id=f"https://lieu.example/credentials/{number}",
        recipient=credentials.Recipient.from_email(f"a{number}@x.example", f"sel{text}{number}"),
        valid_from=NOW - timedelta(days=number),
        evidence=[credentials.Evidence(name=f"Carnet {number}", narrative=text)],
        status=[credentials.StatusEntry("https://lieu.example/status/1", number)],
    )


HOUSE = House(keys.SigningKey.from_seed(bytes(32)), "did:key:z6Mk")
TRAINED = trained(HOUSE)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.text(alphabet=st.characters(codec=None), max_size=40),
    st.text(alphabet=st.sampled_from('a:/#é <>"{}|\\^`\x00\x7f\ud800%\u00a0'), max_size=12),
)
def test_whatever_text_and_address_an_award_has_it_is_signed_or_refused_alike(
    text: str, address: str
) -> None:
    unsigned = award(HOUSE, 9, "x")
    unsigned["evidence"][0]["narrative"] = text
    unsigned["id"] = f"https://{address}"
    assert_same(HOUSE, TRAINED, unsigned)
    unsigned["id"] = address
    assert_same(HOUSE, TRAINED, unsigned)


def set_at(*path: Any) -> Callable[[dict[str, Any]], None]:
    """A change: the value (last) at a path."""

    def change(document: dict[str, Any]) -> None:
        target: Any = document
        for step in path[:-2]:
            target = target[step]
        target[path[-2]] = path[-1]

    return change


def reorder(document: dict[str, Any]) -> None:
    document["name"] = document.pop("name")


def reorder_inside(document: dict[str, Any]) -> None:
    document["issuer"]["id"] = document["issuer"].pop("id")


IDENTITY = ("credentialSubject", "identifier", 0)
CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "control character": set_at("evidence", 0, "narrative", "cloche \x07"),
    "delete": set_at("evidence", 0, "narrative", "\x7f"),
    "half a character": set_at(*IDENTITY, "salt", "\udc00"),
    "relative address": set_at("id", "credentials/1"),
    "blank node": set_at("id", "_:b0"),
    "illegal address": set_at("id", "https://lieu.example/ 1"),
    "another scheme": set_at("id", "urn:uuid:1"),
    "a scheme that a context names": set_at("id", "cred:1"),
    "same address as another": set_at("id", "https://lieu.example/badges/python"),
    "true is 1": set_at(*IDENTITY, "hashed", 1),
    "12 is 12.0": set_at("credentialSubject", "achievement", "creditsAvailable", 12.0),
    "a decimal": set_at("credentialSubject", "achievement", "creditsAvailable", Decimal(12)),
    "a number": set_at(*IDENTITY, "salt", 5),
    "nothing": set_at(*IDENTITY, "salt", None),
    "a tuple": set_at("type", ("VerifiableCredential", "OpenBadgeCredential")),
    "another type": set_at("type", 1, "AchievementCredential"),
    "another order of types": set_at("type", ["OpenBadgeCredential", "VerifiableCredential"]),
    "an unknown type": set_at("type", 1, "https://x.example/Type"),
    "another type inside": set_at("evidence", 0, "type", 0, "Image"),
    "another context": set_at("@context", 1, "https://w3id.org/security/v2"),
    "an unknown context": set_at("@context", 1, "https://x.example/"),
    "an unknown member": set_at("colour", "bleu"),
    "one more member": set_at("description", "Un badge."),
    "one more value": set_at("evidence", 0, "type", ["Evidence", "Image"]),
    "a text with a language": set_at("name", {"@value": "Python", "@language": "fr"}),
    "an order": reorder,
    "an order inside": reorder_inside,
    "a proof": set_at("proof", []),
    "another issuer": set_at("issuer", "id", "did:web:x.example"),
    "two alike": set_at("evidence", 0, "narrative", "Carnet 9"),
}


@pytest.mark.parametrize("kind", list(CHANGES))
def test_what_does_not_fit_the_template_goes_the_long_way_with_the_same_result(
    house: House, kind: str
) -> None:
    template = trained(house)
    unsigned = award(house, 9, "Preuve")
    CHANGES[kind](unsigned)
    for _ in range(3):
        assert_same(house, template, unsigned)
    # And nothing was learnt that spoils what comes after.
    for number in range(10, 13):
        assert_same(house, template, award(house, number, "é"))


def test_nought_and_minus_nought_are_written_as_they_are(house: House) -> None:
    template = Template()
    for hours in (0.0, 0.0, -0.0, 0.0):
        unsigned = award(house, 1, "x")
        unsigned["credentialSubject"]["achievement"]["creditsAvailable"] = hours
        text = template.sign_text(unsigned, house.key, house.method, created=NOW)
        assert text == compact(house.sign(unsigned))


@pytest.mark.parametrize("document", [None, [], "x", {}, {"@context": []}, {"id": "x"}], ids=str)
def test_what_is_no_credential_is_refused_as_ever(house: House, document: Any) -> None:
    template = Template()
    for _ in range(2):
        try:
            expected: Any = canonicalize(document)
        except EngineError as error:
            expected = error.code
        try:
            found: Any = template.canonicalize(document)
        except EngineError as error:
            found = error.code
        assert found == expected


def test_equal_evidence_makes_ties_that_are_broken_as_the_standard_says(house: House) -> None:
    template = Template()
    for texts in (("a", "b"), ("c", "d"), ("e", "e"), ("f", "f"), ("a", "b")):
        evidence = [credentials.Evidence(name=text) for text in texts]
        unsigned = house.badge(evidence=evidence)
        assert template.canonicalize(unsigned) == pyld_canonicalize(unsigned)
    assert len(template._forms) == 1


def test_awards_of_several_shapes_are_all_spliced(house: House) -> None:
    template = Template()
    spliced = 0
    for number in range(40):
        unsigned = award(house, number, f"Preuve {number}")
        if number % 2:
            del unsigned["evidence"]
        spliced += template._spliced(unsigned) is not None
        assert template.canonicalize(unsigned) == canonicalize(unsigned)
    assert spliced == 40
    assert len(template._forms) == 2
    assert template._attempts < 12


def test_where_every_document_is_another_the_template_gives_up_learning(house: House) -> None:
    template = Template()
    for number in range(MAX_ATTEMPTS + 20):
        unsigned = house.badge(achievement={"tags": [f"{n}" for n in range(number + 1)]})
        assert template.canonicalize(unsigned) == canonicalize(unsigned)
    assert len(template._forms) == MAX_FORMS
    assert template._attempts <= MAX_ATTEMPTS


def test_another_moment_another_key_address_and_another_context_make_another_proof(
    house: House,
) -> None:
    template = trained(house)
    moments: list[datetime] = [NOW, NOW + timedelta(seconds=1), NOW]
    for number, moment in enumerate(moments, start=20):
        unsigned = award(house, number, "Preuve")
        method = f"{house.method}{number}"
        expected = proofs.sign(unsigned, house.key, method, created=moment)
        assert template.sign(unsigned, house.key, method, created=moment) == expected
        unsigned["@context"].reverse()
        assert_same(house, template, unsigned)


def test_an_address_under_a_prefix_of_the_context_is_written_out_as_ever() -> None:
    template = Template()
    for address in ("https://x.example/1", "https://x.example/2", "cred:1", "https:1", "cred:2"):
        unsigned = {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "id": address,
            "type": ["VerifiableCredential"],
            "issuer": "did:key:z6Mk",
        }
        assert template.canonicalize(unsigned) == canonicalize(unsigned)


def test_a_context_written_inline_is_judged_for_each_document(house: House) -> None:
    template = Template()
    for address in ("https://x.example/A", "https://x.example/B"):
        unsigned = award(house, 1, "x")
        unsigned["@context"].append({"Gold": address})
        unsigned["type"].append("Gold")
        assert template.canonicalize(unsigned) == canonicalize(unsigned)
    unsigned["@context"][-1] = {"Gold": "https://schema.org/name"}
    with pytest.raises(EngineError) as caught:
        template.canonicalize(unsigned)
    assert caught.value.code == "context_inline_unsafe"


def test_a_moment_without_a_zone_is_refused_as_ever(house: House) -> None:
    template = trained(house)
    with pytest.raises(ValueError, match="time zone"):
        template.sign(
            award(house, 9, "x"), house.key, house.method, created=NOW.replace(tzinfo=None)
        )


MEMORY = """
import random, sys
from datetime import UTC, datetime
from badges.engine import credentials, keys, template

def resident():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

key = keys.SigningKey.from_seed(bytes(32))
did = keys.did_key(key.multibase)
method = keys.verification_method(did, key.multibase)
now = datetime(2026, 3, 2, tzinfo=UTC)
issuer = credentials.Issuer(did, "Lieu")
achievement = credentials.Achievement("https://x.example/1", "Badge", "Un badge.", "Venir.")
signer = template.Template()
for number in range(100_001):
    award = credentials.Award(
        id=f"urn:uuid:{number}",
        recipient=credentials.Recipient(f"sha256${number}", f"sel{number}"),
        valid_from=now,
        evidence=[credentials.Evidence(name="x"), credentials.Evidence(narrative=f"{number}")],
        status=[credentials.StatusEntry("https://x.example/status/1", number)],
    )
    unsigned = credentials.build_credential(issuer, achievement, award)
    assert signer._spliced(unsigned) or number > 3
    signer.sign_text(unsigned, key, method, created=now)
    if number == 10_000:
        before = resident()
print(resident() - before)
"""


@pytest.mark.proof
def test_memory_stays_flat_over_a_hundred_thousand_awards() -> None:
    found = subprocess.run(
        [sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True, timeout=600
    )
    assert int(found.stdout) < MAX_GROWTH_KB
