"""Who else stands behind an Open Badge 2.0."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.badge2 import (
    EVIL,
    SITE,
    Issuer2,
    step,
)


def endorse(issuer: Issuer2, about: str, **changes: Any) -> str:
    """Publish an endorsement by a rectorat; gives its address."""
    at = "https://rectorat.example"
    profile = json.loads(issuer.web[issuer.profile_at])
    issuer.publish({**profile, "id": f"{at}/profil", "name": "Rectorat", "verification": None})
    endorsement = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Endorsement",
        "id": f"{at}/1",
        "issuer": f"{at}/profil",
        "claim": {"id": about, "endorsementComment": "Nous le reconnaissons."},
        "issuedOn": "2026-01-01T00:00:00Z",
        "verification": {"type": "HostedBadge"},
    }
    issuer.publish(endorsement | changes)
    return str((endorsement | changes)["id"])


def test_an_endorsement_of_the_class_is_told_when_its_author_publishes_it(issuer: Issuer2) -> None:
    issuer.change(issuer.class_at, endorsement=endorse(issuer, issuer.class_at))
    found = issuer.verify(issuer.hosted())
    assert step(found, "endorsements") == ("passed", "endorsements")
    assert found.check("endorsements").params == {"count": 1, "names": "Rectorat"}
    assert found.outcome == "valid"


CARRIED = ["the class names it", "the class holds it", "the badge holds it"]


def carry(issuer: Issuer2, how: str, **changes: Any) -> tuple[str, Any]:
    """Endorse the badge in one of the ways it can carry that; gives the endorsement's address, and
    the badge."""
    about = issuer.hosted_at if how == "the badge holds it" else issuer.class_at
    address = endorse(issuer, about, **changes)
    if how == "the class names it":
        issuer.change(issuer.class_at, endorsement=address)
        return address, issuer.hosted()
    written = json.loads(issuer.web[address])
    if how == "the class holds it":
        issuer.change(issuer.class_at, endorsement=[written])
        return address, issuer.hosted()
    return address, issuer.publish({**issuer.hosted(), "endorsement": [written]})


def gone(issuer: Issuer2, at: str) -> None:
    issuer.web[at] = (b'{"revoked": true}',)


def removed(issuer: Issuer2, at: str) -> None:
    del issuer.web[at]


def unreadable(issuer: Issuer2, at: str) -> None:
    issuer.web[at] = b"<html>"


def changed(**members: Any) -> Callable[[Issuer2, str], None]:
    return lambda issuer, at: issuer.change(at, **members)


PROFILE = "https://rectorat.example/profil"


def profile(**members: Any) -> Callable[[Issuer2, str], None]:
    return lambda issuer, at: issuer.change(PROFILE, **members)


#: What an endorser may do after others have had their badges, and what is then said of why.
LATER: dict[str, tuple[Callable[[Issuer2, str], None], tuple[str, str] | str]] = {
    "withdrawn": (gone, ("status", "revoked")),
    "marked as withdrawn": (changed(revoked=True), ("status", "revoked")),
    "no longer there": (removed, "fetch_failed"),
    "another page is there": (unreadable, "object_unreadable"),
    "another document is there": (changed(id=f"{EVIL}/1"), ("proof", "endorsement_invalid")),
    "no endorsement is there": (changed(type="Assertion"), ("proof", "endorsement_invalid")),
    "about something else now": (
        changed(claim={"id": f"{SITE}/autre"}),
        ("proof", "endorsement_elsewhere"),
    ),
    "about nothing now": (changed(claim=None), ("proof", "endorsement_elsewhere")),
    "signed now": (
        changed(verification={"type": "SignedBadge"}),
        ("proof", "suite_unsupported"),
    ),
    "over": (changed(expires="2026-02-01T00:00:00Z"), ("dates", "expired")),
    "over at no date": (changed(expires="bientôt"), ("dates", "date_invalid")),
    "of nobody": (changed(issuer=None), ("issuer", "issuer_missing")),
    "of somebody else": (changed(issuer=f"{EVIL}/profil"), "unsure"),
    "its author publishes elsewhere": (
        profile(verification={"startsWith": "https://rectorat.example/autres/"}),
        ("issuer", "hosted_out_of_scope"),
    ),
    "its author's page is gone": (lambda issuer, at: gone(issuer, PROFILE), "fetch_gone"),
    "its author's page is lost": (lambda issuer, at: removed(issuer, PROFILE), "fetch_failed"),
    "its author's page is another's": (profile(id=f"{EVIL}/p"), ("issuer", "controller_mismatch")),
}


@pytest.mark.parametrize("how", CARRIED)
@pytest.mark.parametrize("later", LATER)
def test_what_an_endorser_publishes_later_takes_nothing_from_the_badge(
    issuer: Issuer2, how: str, later: str
) -> None:
    address, badge = carry(issuer, how)
    assert step(issuer.verify(badge), "endorsements") == ("passed", "endorsements")
    do, why = LATER[later]
    do(issuer, address)
    found = issuer.verify(badge)
    assert found.outcome == "valid", found.to_json()
    check = found.check("endorsements")
    assert check.outcome == "unknown"
    if isinstance(why, tuple):
        assert check.code == "endorsement_unsure"
        said = (check.params["step"], check.params["reason"])
        # Where it is written out, that it differs from what is published may be noticed first.
        assert said == why or (how != CARRIED[0] and said == ("proof", "hosted_differs"))
    elif why != "unsure":
        assert check.code == why


@pytest.mark.parametrize("how", CARRIED[1:])
def test_a_comment_that_its_author_has_changed_is_no_longer_told(issuer: Issuer2, how: str) -> None:
    address, badge = carry(issuer, how)
    claim = json.loads(issuer.web[address])["claim"]
    issuer.change(address, claim={**claim, "endorsementComment": "Nous ne le reconnaissons plus."})
    found = issuer.verify(badge)
    assert step(found, "endorsements") == ("unknown", "endorsement_unsure")
    assert found.check("endorsements").params == {"step": "proof", "reason": "hosted_differs"}
    assert found.outcome == "valid"


@pytest.mark.parametrize("how", CARRIED[1:])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"claim": {"id": f"{SITE}/autre"}}, "endorsement_elsewhere"),
        ({"type": "Assertion"}, "endorsement_invalid"),
        ({"expires": "bientôt"}, "endorsement_wrong"),
    ],
)
def test_an_endorsement_that_belies_itself_in_the_badge_makes_it_invalid(
    issuer: Issuer2, how: str, changes: dict[str, Any], code: str
) -> None:
    address, badge = carry(issuer, how, **changes)
    for there in (issuer.web[address], None):
        if there is None:
            del issuer.web[address]
        found = issuer.verify(badge)
        assert step(found, "endorsements") == ("failed", code)
        assert found.outcome == "invalid"


@pytest.mark.parametrize("written", [7, {"type": "Endorsement"}, ""])
def test_an_endorsement_without_address_makes_the_badge_invalid(
    issuer: Issuer2, written: Any
) -> None:
    issuer.change(issuer.class_at, endorsement=[written])
    found = issuer.verify(issuer.hosted())
    assert step(found, "endorsements") == ("failed", "endorsement_invalid")


def test_an_endorsement_written_out_in_part_is_completed_by_what_is_published(
    issuer: Issuer2,
) -> None:
    address = endorse(issuer, issuer.class_at)
    issuer.change(issuer.class_at, endorsement={"id": address, "issuer": PROFILE})
    assert step(issuer.verify(issuer.hosted()), "endorsements") == ("passed", "endorsements")


def test_nobody_endorses_in_the_name_of_another_from_elsewhere(issuer: Issuer2) -> None:
    issuer.change(issuer.class_at, endorsement=endorse(issuer, issuer.class_at, id=f"{EVIL}/1"))
    found = issuer.verify(issuer.hosted())
    assert step(found, "endorsements") == ("unknown", "endorsement_unsure")
    assert found.check("endorsements").params == {
        "step": "issuer",
        "reason": "hosted_out_of_scope",
    }
