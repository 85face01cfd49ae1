"""Badges of the old format on the page where anybody checks one."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from badges.engine import baking
from badges.verification import views
from tests.support.badge2 import PICTURE, Issuer2
from tests.support.client import LookingClient
from tierslieu import clock


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer2:
    """A stranger who issues 2.0; nothing else can be reached."""
    issuer = Issuer2(now=clock.now())
    monkeypatch.setattr(views, "_fetcher", lambda: issuer.fetch)
    return issuer


def look(client: LookingClient, **data: Any) -> str:
    answer = client.post("/verifier", data=data)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_a_picture_an_address_or_a_token_is_checked_and_shown_in_words(
    client: LookingClient, issuer: Issuer2
) -> None:
    picture = baking.bake_2(PICTURE, json.dumps(issuer.hosted()))
    for data in (
        {"file": (io.BytesIO(picture), "badge.png")},
        {"address": issuer.hosted_at},
        {"text": issuer.signed()},
        {"text": issuer.hosted_at},
    ):
        page = look(client, recipient="ada@example.org", **data)
        assert "authentique et en cours de validité" in page
        assert "Premiers pas" in page  # the class is not in the badge: it is shown all the same
        assert "Tiers-lieu de la science" in page


def test_a_withdrawn_badge_says_so_with_the_reason(client: LookingClient, issuer: Issuer2) -> None:
    text = json.dumps(issuer.hosted())
    issuer.withdraw("Erreur de personne")
    for data in ({"text": text}, {"address": issuer.hosted_at}):
        page = look(client, **data)
        assert "retiré" in page
        assert "Erreur de personne" in page
        assert "authentique" not in page  # nothing is left to prove that it was


def test_an_address_that_is_gone_without_a_word_is_refused_beside_its_field(
    client: LookingClient, issuer: Issuer2
) -> None:
    issuer.web[issuer.hosted_at] = (b"<html>",)
    answer = client.post("/verifier", data={"address": issuer.hosted_at})
    assert answer.status_code == 422
    assert "a été retiré" in answer.get_data(as_text=True)
