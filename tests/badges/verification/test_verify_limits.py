"""The public check, whatever it is given and however often."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.verification import turns, views
from tests.support.badges import make_award, open_badges
from tests.support.client import LookingClient
from tests.support.factories import Factory

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _nobody_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name leads anywhere in these tests."""

    def refuse(host: str, port: int) -> list[str]:
        raise OSError("no network")

    monkeypatch.setattr("badges.verification.fetching.resolve_host", refuse)
    really = views.Fetcher
    monkeypatch.setattr(views, "Fetcher", lambda own, **more: really(own, resolve=refuse, **more))


@pytest.fixture
def award(db: Session, make: Factory) -> Award:
    ada = make.user(name="Ada Lovelace", email="ada@example.org")
    return make_award(db, ada, make.user("facilitator"), open_badges(db))


def ask(client: LookingClient, **data: Any) -> Any:
    answer = client.post("/verify", data=data, headers=JSON)
    assert answer.mimetype == "application/json"
    return answer.json


def test_a_stranger_s_words_are_shown_as_words(client: LookingClient, award: Award) -> None:
    document = json.loads(award.credential)
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    achievement = document["credentialSubject"]["achievement"]
    achievement["name"] = achievement["description"] = nasty
    achievement["criteria"]["narrative"] = nasty
    achievement["image"] = {"id": "javascript:alert(3)", "type": "Image"}
    document["issuer"]["name"] = nasty
    page = client.post("/verifier", data={"text": json.dumps(document)}).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
    seen = Attributes()
    seen.feed(page)
    # The field that keeps the document for a comparison holds it whole; nothing else has it.
    assert {name for name, value in seen.found if "javascript:" in value} == {"value"}
    assert not [value for _name, value in seen.found if value.startswith("javascript:")]


class Attributes(HTMLParser):
    """Every attribute with its value, as a browser understands it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(name, "".join((value or "").split()).lower()) for name, value in attrs]


@pytest.mark.parametrize(
    "document",
    [
        {"credentialSubject": 3, "issuer": [], "validFrom": {"a": []}},
        {
            "credentialSubject": [{"achievement": [None, {"name": {"fr": 3}}]}],
            "issuer": [0],
        },
        {"credentialSubject": {"identifier": "x", "achievement": {"alignment": ["x", {}]}}},
        {"validFrom": "9999-99-99", "issuer": {"id": {"a": 1}}},
        {"type": "OpenBadgeCredential", "@context": 5, "proof": 7, "credentialStatus": "x"},
    ],
)
def test_a_document_of_any_shape_gets_an_answer(
    client: LookingClient, document: dict[str, Any]
) -> None:
    given = json.dumps(document)
    assert ask(client, text=given)["outcome"] != "valid"
    assert client.post("/verifier", data={"text": given}).status_code in (200, 422)


def test_beyond_two_checks_outside_one_is_asked_to_come_back(
    client: LookingClient, award: Award
) -> None:
    away, out = "https://lent.example/b", [turns.Turn() for _ in range(turns.AT_ONCE)]
    for turn in out:
        turn.take()
    try:
        told = client.post("/verify", json={"credential": "x"})
        assert told.status_code == 200, "what needs no other site is answered"
        assert client.post("/verify", data={"text": award.credential}).status_code == 200
        page = client.post("/verifier", data={"address": away})
        assert page.status_code == 503
        assert int(page.headers["Retry-After"]) > 0
        assert "réessayez dans quelques secondes" in page.get_data(as_text=True)
        told = client.post("/verify", data={"address": away}, headers=JSON)
        assert (told.status_code, told.json["outcome"]) == (503, "incomplete")
    finally:
        for turn in out:
            turn.end()
    for _ in range(turns.AT_ONCE + 1):
        assert client.post("/verify", data={"address": away}, headers=JSON).status_code == 200
