"""What is signed is what is read: undefined, relative and renamed things are refused."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from pyld import jsonld

from badges.engine import contexts
from badges.engine.canonical import canonicalize
from badges.engine.documents import MAX_DEPTH, jcs
from badges.engine.errors import EngineError, MalformedError, UnsupportedError
from badges.engine.jsonld import UnknownContextError, to_quads
from badges.engine.rdfc import canonicalize_quads
from tests.support.engine import Change
from tests.support.signing import pyld_canonicalize

V2 = "https://www.w3.org/ns/credentials/v2"
STATUS = {
    "id": "https://lieu.example/status/1#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://lieu.example/status/1",
}


def reason(document: dict[str, Any]) -> str:
    with pytest.raises(EngineError) as caught:
        canonicalize(document)
    return caught.value.code


def test_a_badge_has_the_canonical_text_that_the_reference_library_gives(house: Any) -> None:
    badge = house.badge()
    assert canonicalize(badge) == pyld_canonicalize(badge)
    assert canonicalize(badge).count("_:c14n4 ") > 0  # criteria, identity, alignments, …


def test_the_order_of_members_does_not_matter_and_that_of_values_neither(house: Any) -> None:
    badge = house.badge()
    turned = dict(reversed(badge.items()))
    turned["type"] = list(reversed(badge["type"]))
    assert canonicalize(turned) == canonicalize(badge)


def test_random_graphs_have_the_canonical_text_that_the_reference_library_gives() -> None:
    rng = random.Random(20260302)
    for _ in range(150):
        nodes = [f"_:n{number}" for number in range(rng.randint(2, 5))]
        graph = []
        for node in nodes:
            # No node points at itself: pyld 3.3 counts such a statement twice in its first hash
            # and differs from the standard. tests/interop compares those with rdf-canonize.
            others = [other for other in nodes if other != node]
            values = [
                rng.choice([{"@id": rng.choice(others)}, {"@value": rng.choice("ab")}])
                for _ in range(rng.randint(1, 3))
            ]
            graph.append({"@id": node, f"https://x.example/{rng.randint(0, 1)}": values})
        dataset = jsonld.to_rdf(graph, {"base": None})
        quads = [
            (triple["subject"]["value"], f"<{triple['predicate']['value']}>", term(triple), "")
            for triple in dataset["@default"]
        ]
        assert canonicalize_quads(quads) == jsonld.normalize(
            graph, {"algorithm": "URDNA2015", "format": "application/n-quads", "base": None}
        )


def term(triple: dict[str, Any]) -> str:
    found = triple["object"]
    return f'"{found["value"]}"' if found["type"] == "literal" else str(found["value"])


def test_a_context_that_is_not_shipped_is_a_named_error_and_is_never_fetched(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("somebody opened a socket")

    monkeypatch.setattr("socket.socket.connect", refuse)
    badge = house.badge()
    badge["@context"].append("https://elsewhere.example/context.json")
    with pytest.raises(UnknownContextError) as caught:
        canonicalize(badge)
    assert caught.value.params == {"address": "https://elsewhere.example/context.json"}


def test_an_undefined_member_is_refused(house: Any) -> None:
    badge = house.badge()
    badge["credentialSubject"]["achievement"]["colour"] = "bleu"
    assert reason(badge) == "term_undefined"


def test_a_member_of_the_top_without_meaning_is_refused(house: Any) -> None:
    assert reason(house.badge() | {"points": "12"}) == "term_undefined"


def test_an_undefined_type_is_refused(house: Any, changed: Change) -> None:
    badge = changed(house.badge(), ["VerifiableCredential", "GoldBadge"], "type")
    assert reason(badge) == "type_undefined"


@pytest.mark.parametrize("identifier", ["badges/python", "/badges/python", "", "#python"])
def test_a_relative_identifier_is_refused_and_gets_no_invented_base(
    house: Any, changed: Change, identifier: str
) -> None:
    badge = changed(house.badge(), identifier, "credentialSubject", "achievement", "id")
    assert reason(badge) == "iri_relative"


def test_an_address_cannot_smuggle_a_statement(house: Any, changed: Change) -> None:
    forged = 'https://x.example/> <https://x.example/p> "vrai'
    assert reason(changed(house.badge(), forged, "id")) == "iri_relative"
    assert reason(changed(house.badge(), "https://x.example/\n", "id")) == "iri_relative"


@pytest.mark.parametrize("text", ["cloche \x07", "\x00", "efface\x7f", "retour \x08", "\x0c"])
def test_control_characters_are_refused(house: Any, changed: Change, text: str) -> None:
    assert reason(changed(house.badge(), text, "name")) == "control_character"


def test_new_lines_and_tabs_are_escaped_as_the_standard_says(house: Any, changed: Change) -> None:
    badge = changed(house.badge(), 'a\tb\nc\rd"e\\f « é » 🎓', "name")
    assert r'"a\tb\nc\rd\"e\\f « é » 🎓"' in canonicalize(badge)
    assert canonicalize(badge) == pyld_canonicalize(badge)


def test_a_text_with_a_direction_is_refused(house: Any, changed: Change) -> None:
    text = {"@value": "نص", "@language": "ar", "@direction": "rtl"}
    assert reason(changed(house.badge(), text, "name")) in {
        "direction_unsupported",
        "member_not_a_term",
    }


def test_a_text_with_a_language_is_signed(house: Any, changed: Change) -> None:
    badge = changed(house.badge(), {"@value": "Python", "@language": "fr"}, "name")
    assert '"Python"@fr' in canonicalize(badge)


@pytest.mark.parametrize(
    "forged",
    [
        {"https://www.w3.org/2018/credentials#credentialStatus": STATUS},
        {"@nest": {"credentialStatus": STATUS}},
        {"@included": [STATUS]},
        {"@graph": [STATUS]},
        {"@reverse": {"credentialStatus": STATUS}},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_a_member_cannot_hide_behind_another_spelling_with_the_same_meaning(
    house: Any, forged: dict[str, Any]
) -> None:
    # The statements stay the same, so the signature would still fit a badge whose status
    # nobody sees any more.
    signed = house.sign(house.badge() | {"credentialStatus": STATUS})
    del signed["credentialStatus"]
    report = house.verify(signed | forged)
    assert report.check("proof").outcome != "passed"
    assert report.outcome == "invalid"


def test_the_renaming_attack_is_real_without_our_guard(house: Any) -> None:
    honest = house.badge() | {"credentialStatus": STATUS}
    forged = house.badge() | {"https://www.w3.org/2018/credentials#credentialStatus": STATUS}
    assert pyld_canonicalize(honest) == pyld_canonicalize(forged)


@pytest.mark.parametrize(
    "inline",
    [
        {"until": "https://www.w3.org/2018/credentials#validUntil"},
        {"until": {"@id": "https://www.w3.org/2018/credentials#validUntil"}},
        {"until": {"@id": "cred:validUntil"}},
        {"validUntil": "https://x.example/other"},
        {"kind": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"},
        {"@vocab": "https://x.example/"},
        {"@base": "https://x.example/"},
        {"@import": "https://x.example/"},
        {"x": None},
        {"x": {"@id": "https://x.example/x", "@context": {"y": "https://x.example/y"}}},
        {"x": {"@reverse": "https://x.example/x"}},
    ],
    ids=str,
)
def test_an_inline_context_that_could_rename_things_is_declined(
    house: Any, inline: dict[str, Any]
) -> None:
    badge = house.badge()
    badge["@context"].append(inline)
    assert reason(badge) == "context_inline_unsafe"


def test_an_inline_context_that_only_adds_a_word_is_accepted(house: Any) -> None:
    badge = house.badge() | {"workshop": "Robots"}
    badge["@context"].append({"workshop": "https://x.example/vocabulary#workshop"})
    assert '<https://x.example/vocabulary#workshop> "Robots"' in canonicalize(badge)
    assert canonicalize(badge) == pyld_canonicalize(badge)


def test_no_shipped_context_gives_a_second_name_to_what_the_verifier_reads() -> None:
    read = {
        *("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate"),
        *("credentialStatus", "credentialSubject", "achievement", "identifier", "identityHash"),
        *("statusPurpose", "statusListIndex", "statusListCredential", "encodedList", "salt"),
    }
    names: dict[str, set[str]] = {}
    for document in contexts.shipped().values():
        for name, iri in contexts.definitions(document["@context"]):
            names.setdefault(iri, set()).add(name)
    for iri, found in names.items():
        if found & read:
            # A class and a property of one address: the class is refused as a member's name.
            assert len(found - contexts.classes_like_members()) == 1, (iri, found)


def test_a_protected_term_cannot_be_redefined_by_another_shipped_context(house: Any) -> None:
    badge = house.badge()
    badge["@context"].append("https://www.w3.org/2018/credentials/v1")
    assert reason(badge) == "jsonld_invalid"


def test_a_document_nested_too_deep_is_refused_before_anything_else(house: Any) -> None:
    deep: Any = "x"
    for _ in range(MAX_DEPTH):
        deep = {"evidence": [deep]}
    assert reason(house.badge() | {"evidence": deep}) == "too_deep"


def test_numbers_are_written_as_every_verifier_writes_them(house: Any) -> None:
    def lines(hours: Any) -> str:
        badge = house.badge()
        badge["credentialSubject"]["achievement"]["creditsAvailable"] = hours
        return canonicalize(badge)

    assert '"12"^^<https://www.w3.org/2001/XMLSchema#float>' in lines(12)
    assert lines(12.0) == lines(12)
    assert '"1.5E0"^^<https://www.w3.org/2001/XMLSchema#float>' in lines(1.5)
    badge = house.badge()
    badge["credentialSubject"]["achievement"]["creditsAvailable"] = 0.1
    assert canonicalize(badge) == pyld_canonicalize(badge)


def test_the_arrays_of_one_member_and_the_member_alone_are_the_same_statements(
    house: Any,
) -> None:
    badge = house.badge()
    single = badge | {"evidence": badge["evidence"][0]}
    assert canonicalize(single) == canonicalize(badge)


def test_the_document_is_not_changed_by_being_canonicalised(house: Any) -> None:
    badge = house.badge()
    canonicalize(badge)
    assert badge == house.badge()


def test_an_endorsement_inside_keeps_its_own_contexts_and_proof(house: Any) -> None:
    endorsement = house.sign(
        {
            "@context": [V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": "https://partner.example/endorsements/1",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Soutien",
            "issuer": {"id": house.did, "type": ["Profile"], "name": "Université"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": "https://lieu.example/badges/python",
                "type": ["EndorsementSubject"],
                "endorsementComment": "Sérieux.",
            },
        }
    )
    badge = house.badge() | {"endorsement": [endorsement]}
    assert canonicalize(badge) == pyld_canonicalize(badge)
    assert house.verify(house.sign(badge)).outcome == "valid"


def test_two_threads_canonicalise_at_once(house: Any) -> None:
    badge, expected = house.badge(), canonicalize(house.badge())
    found: list[bool] = []

    def work() -> None:
        found.extend(canonicalize(badge) == expected for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40


def test_jcs_sorts_as_utf16_and_refuses_numbers_that_readers_write_differently() -> None:
    assert jcs({"\ufb33": 1, "😀": 2, "a": [True, None, "é\n\x07"]}) == (
        '{"a":[true,null,"é\\n\\u0007"],"😀":2,"\ufb33":1}'
    )
    for number in (1.5, 2**53):
        with pytest.raises(UnsupportedError):
            jcs([number])


def test_a_document_of_many_types_and_contexts_is_declined_before_it_costs_time(
    house: Any,
) -> None:
    badge = house.badge()
    badge["@context"] += [badge["@context"][1]] * 30
    assert reason(badge) == "too_many_contexts"
    many = house.badge()
    many["evidence"] = [{"type": ["Evidence", "Image", "Profile"]}] * 200
    assert reason(many) == "too_many_contexts"


def test_signing_refuses_what_it_cannot_sign_whole(house: Any) -> None:
    with pytest.raises(MalformedError):
        house.sign(house.badge() | {"colour": "bleu"})


def test_quads_name_the_graph_of_an_embedded_proof(house: Any) -> None:
    graphs = {quad[3] for quad in to_quads(house.signed())}
    assert len(graphs) == 2


def test_a_whole_number_that_readers_would_round_is_not_signed(house: Any) -> None:
    badge = house.badge()
    badge["credentialSubject"]["achievement"]["creditsAvailable"] = 2**53 + 1
    assert reason(badge) == "number_unsupported"
