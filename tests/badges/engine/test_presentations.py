"""Several badges in one presentation: made, signed by whoever shows them, verified one by one."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from badges.engine import credentials, keys, presentations, proofs
from badges.engine.errors import FetchFailed, FetchSpent

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def method_of(key: keys.SigningKey) -> str:
    return keys.verification_method(keys.did_key(key.multibase), key.multibase)


def make_badge(
    issuer: keys.SigningKey, number: int, holder: str | None = None, **more: Any
) -> dict[str, Any]:
    did = keys.did_key(issuer.multibase)
    unsigned = credentials.build_credential(
        credentials.Issuer(did, "Le lieu"),
        credentials.Achievement(f"https://lieu.example/badges/{number}", "Été", "d", "c"),
        credentials.Award(
            f"https://lieu.example/credentials/{number}",
            None if holder else credentials.Recipient.from_email("ada@example.org"),
            NOW,
            subject_id=holder,
        ),
    )
    return proofs.sign({**unsigned, **more}, issuer, method_of(issuer), created=NOW)


@pytest.fixture
def issuer() -> keys.SigningKey:
    return keys.SigningKey.generate()


@pytest.fixture
def holder() -> keys.SigningKey:
    return keys.SigningKey.generate()


def verify(document: Any, **more: Any) -> presentations.PresentationReport:
    return presentations.verify_presentation(document, fetch=None, now=NOW, **more)


def code(report: presentations.PresentationReport, name: str) -> tuple[str, str]:
    return next((c.outcome, c.code) for c in report.checks if c.name == name)


def test_a_holder_shows_two_badges_that_are_bound_to_their_key(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    did = keys.did_key(holder.multibase)
    badges = [make_badge(issuer, 1, did), make_badge(issuer, 2)]
    shown = presentations.sign(
        presentations.build(badges, holder=did, identifier="urn:uuid:1"),
        holder, method_of(holder), created=NOW, challenge="du jour", domain="employeur.example",
    )  # fmt: skip
    report = verify(json.dumps(shown), challenge="du jour", domain="employeur.example")
    assert report.outcome == "valid"
    assert [member.report.outcome for member in report.members] == ["valid", "valid"]
    assert [member.is_controlled for member in report.members] == [True, None]
    assert code(report, "issuer") == ("passed", "presentation_holder")


def test_a_signature_of_another_occasion_is_refused(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1)]), holder, method_of(holder), created=NOW,
        challenge="d’hier",
    )  # fmt: skip
    assert verify(shown).outcome == "valid"
    assert code(verify(shown, challenge="du jour"), "proof") == ("failed", "presentation_replayed")
    assert verify(shown, domain="x.example").outcome == "invalid"


def test_a_badge_added_or_left_out_after_signing_is_seen(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1), make_badge(issuer, 2)]),
        holder, method_of(holder), created=NOW,
    )  # fmt: skip
    fewer = {**shown, "verifiableCredential": shown["verifiableCredential"][:1]}
    report = verify(fewer)
    assert code(report, "proof") == ("failed", "signature_wrong")
    assert [member.report.outcome for member in report.members] == ["valid"]
    assert report.outcome == "invalid"


def test_one_forged_badge_makes_the_whole_invalid_and_is_named(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    forged = copy.deepcopy(make_badge(issuer, 2))
    forged["credentialSubject"]["achievement"]["name"] = "Docteur"
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1), forged]), holder, method_of(holder), created=NOW
    )
    report = verify(shown)
    assert [member.report.outcome for member in report.members] == ["valid", "invalid"]
    assert report.outcome == "invalid"


def test_nobody_presents_in_the_name_of_another(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    thief = keys.SigningKey.generate()
    did = keys.did_key(holder.multibase)
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1, did)], holder=did),
        thief, method_of(thief), created=NOW,
    )  # fmt: skip
    report = verify(shown)
    assert code(report, "issuer") == ("failed", "presentation_holder_mismatch")
    assert [member.is_controlled for member in report.members] == [False]


def test_a_proof_made_to_attest_a_badge_does_not_present_it(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    unsigned = presentations.build([make_badge(issuer, 1)])
    shown = proofs.sign(unsigned, holder, method_of(holder), created=NOW, suite="eddsa-jcs-2022")
    assert code(verify(shown), "proof") == ("failed", "proof_purpose")
    # Nor the other way round: a signature that shows is none that attests.
    badge = make_badge(issuer, 1)
    unsigned, _ = proofs.split(badge)
    wrong = presentations.sign(unsigned, issuer, method_of(issuer), created=NOW)
    report = verify(presentations.build([wrong])).members[0].report
    assert report.check("proof").code == "proof_purpose"


def test_an_unsigned_presentation_is_incomplete_whatever_it_holds(issuer: keys.SigningKey) -> None:
    report = verify(presentations.build([make_badge(issuer, 1)]))
    assert report.outcome == "incomplete"
    assert code(report, "proof") == ("unknown", "presentation_unsigned")
    assert report.members[0].report.outcome == "valid"


def test_several_keys_sign_one_presentation(issuer: keys.SigningKey) -> None:
    pair = [keys.SigningKey.generate() for _ in range(2)]
    shown = presentations.build(
        [make_badge(issuer, n, keys.did_key(key.multibase)) for n, key in enumerate(pair)]
    )
    for key in pair:
        shown = presentations.sign(shown, key, method_of(key), created=NOW)
    assert [member.is_controlled for member in verify(shown).members] == [True, True]
    del shown["proof"][1]
    report = verify(shown)
    assert [member.is_controlled for member in report.members] == [True, False]
    assert report.outcome == "incomplete", "the second badge is shown by another than its holder"


def test_a_badge_of_somebody_else_s_key_leaves_the_whole_incomplete(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    eve, did = keys.SigningKey.generate(), keys.did_key(holder.multibase)
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1, did)], holder=keys.did_key(eve.multibase)),
        eve, method_of(eve), created=NOW,
    )  # fmt: skip
    report = verify(shown)
    assert report.members[0].report.outcome == "valid"
    assert report.outcome == "incomplete"
    told = report.to_json()["credentials"][0]["checks"][-1]
    assert (told["name"], told["outcome"], told["code"]) == ("holder", "unknown", "holder_unshown")


def test_an_issuer_that_gathers_its_badges_is_said_to_be_no_holder(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    badges = [make_badge(issuer, 1, keys.did_key(holder.multibase)), make_badge(issuer, 2)]
    shown = presentations.sign(
        presentations.build(badges, holder=keys.did_key(issuer.multibase)),
        issuer, method_of(issuer), created=NOW,
    )  # fmt: skip
    report = verify(shown)
    assert report.outcome == "valid"
    assert [member.is_controlled for member in report.members] == [None, None]
    assert [m.holder.code for m in report.members] == ["holder_is_issuer", "holder_unbound"]


def test_a_key_signs_where_it_is_and_only_the_signature_travels(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    unsigned = presentations.build([make_badge(issuer, 1)])
    options = presentations.draft(unsigned, method_of(holder), created=NOW, challenge="c")
    signature = holder.sign(proofs.data_to_sign(unsigned, options))
    shown = proofs.attach(unsigned, options, signature)
    assert shown == presentations.sign(
        unsigned, holder, method_of(holder), created=NOW, challenge="c"
    )


def test_a_key_that_may_only_attest_presents_nothing(issuer: keys.SigningKey) -> None:
    key = keys.SigningKey.generate()
    did = "did:web:lieu.example"
    document = keys.did_document(did, [keys.PublishedKey(key.public())])
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1)], holder=did),
        key, keys.verification_method(did, key.name), created=NOW,
    )  # fmt: skip

    def answer(published: dict[str, Any]) -> presentations.PresentationReport:
        def fetch(address: str) -> bytes:
            if address == "https://lieu.example/.well-known/did.json":
                return json.dumps(published).encode()
            raise FetchFailed

        return presentations.verify_presentation(shown, fetch=fetch, now=NOW)

    assert answer(document).outcome == "valid"
    report = answer({**document, "authentication": []})
    assert code(report, "proof") == ("failed", "method_not_for_authentication")


@pytest.mark.parametrize(
    ("end", "code_of_it"), [("revoked", "key_revoked"), ("expires", "key_expired")]
)
def test_a_key_that_was_withdrawn_or_has_ended_presents_nothing(
    issuer: keys.SigningKey, end: str, code_of_it: str
) -> None:
    """Not even what it signed before: who presents does it now, and may sign anew."""
    key, did = keys.SigningKey.generate(), "did:web:lieu.example"
    document = keys.did_document(did, [keys.PublishedKey(key.public())])
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1)], holder=did),
        key, keys.verification_method(did, key.name), created=NOW - timedelta(days=9),
    )  # fmt: skip

    def answer(moment: datetime) -> presentations.PresentationReport:
        ended = copy.deepcopy(document)
        ended["verificationMethod"][0][end] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return presentations.verify_presentation(
            shown, fetch=lambda address: json.dumps(ended).encode(), now=NOW
        )

    assert answer(NOW + timedelta(days=1)).outcome == "valid"
    report = answer(NOW)
    assert report.outcome == "invalid"
    assert code(report, "proof") == ("failed", code_of_it)


def test_a_badge_that_names_many_addresses_leaves_the_others_theirs(
    issuer: keys.SigningKey,
) -> None:
    """Each badge has a share of its own, and an address that two name is gone to once."""
    asked: list[str] = []

    class Counting:
        def __init__(self, left: int = 0) -> None:
            self.left = left

        def share(self) -> Counting:
            return Counting(1)

        def __call__(self, address: str) -> bytes:
            if not self.left:
                raise FetchSpent("enough", address)
            self.left -= 1
            asked.append(address)
            raise FetchFailed("offline", address)

    def named(number: int, *lists: str) -> dict[str, Any]:
        entries = [
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": "7",
                "statusListCredential": f"https://ecole.example/{where}",
            }
            for purpose, where in zip(("revocation", "suspension"), lists, strict=False)
        ]
        return make_badge(issuer, number, credentialStatus=entries)

    shown = presentations.build([named(1, "a", "b"), named(2, "a", "b"), named(3, "a", "c")])
    presentations.verify_presentation(shown, fetch=Counting(), now=NOW)
    assert sorted(asked) == [f"https://ecole.example/{name}" for name in "abc"]


@pytest.mark.parametrize(
    "source",
    [b"", "{}", '{"type": "VerifiablePresentation"}', "a.b.c", b"\xff", "[]", {"type": []}],
)
def test_anything_else_gives_a_report_and_no_crash(source: Any) -> None:
    report = verify(source)
    assert report.outcome in ("invalid", "incomplete")
    assert report.members == ()


def test_too_many_badges_are_not_looked_at(issuer: keys.SigningKey) -> None:
    badge = make_badge(issuer, 1)
    report = verify(presentations.build([badge] * (presentations.MAX_MEMBERS + 1)))
    assert code(report, "shape") == ("unknown", "presentation_too_many")
    assert report.members == ()


def test_a_presentation_changed_anywhere_never_passes_and_never_crashes(
    issuer: keys.SigningKey, holder: keys.SigningKey
) -> None:
    """Half a thousand changes, each at one place of the document."""
    shown = presentations.sign(
        presentations.build([make_badge(issuer, 1), make_badge(issuer, 2)]),
        holder, method_of(holder), created=NOW,
    )  # fmt: skip
    rng = random.Random(26)
    for _ in range(500):
        changed = copy.deepcopy(shown)
        place: Any = changed
        while True:
            name = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
            inner = place[name]
            if not isinstance(inner, dict | list) or not inner or rng.random() < 0.2:
                break
            place = inner
        place[name] = rng.choice([None, "", "x", 0, [], {}, ["x"], {"id": "x"}, f"{inner}x"])
        report = verify(changed)
        assert report.outcome != "valid", (name, place[name])
        assert all(check.code != "internal_error" for check in report.checks)
