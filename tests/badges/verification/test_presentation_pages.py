"""Several badges shown together, as the public check tells it: who answers for whom."""

from __future__ import annotations

from typing import Any

import pytest
from flask import json
from sqlalchemy.orm import Session

from badges.engine import credentials, keys, presentations, proofs
from tests.support.badges import NOW, make_award, open_badges
from tests.support.client import LookingClient
from tests.support.factories import Factory


@pytest.fixture
def holder() -> keys.SigningKey:
    return keys.SigningKey.generate()


def method_of(key: keys.SigningKey) -> str:
    return keys.verification_method(keys.did_key(key.multibase), key.multibase)


def self_named(name: str, holder: str | None = None) -> dict[str, Any]:
    """A badge of an issuer whom no web site knows, and who says to be ``name``."""
    key = keys.SigningKey.generate()
    unsigned = credentials.build_credential(
        credentials.Issuer(keys.did_key(key.multibase), name),
        credentials.Achievement("https://x.example/b/1", "Doctorat", "d", "c"),
        credentials.Award(
            "https://x.example/c/1",
            None if holder else credentials.Recipient.from_email("ada@example.org"),
            NOW,
            subject_id=holder,
        ),
    )
    return proofs.sign(unsigned, key, method_of(key), created=NOW)


def show(badges: list[Any], key: keys.SigningKey) -> str:
    whole = presentations.build(badges, holder=keys.did_key(key.multibase))
    return json.dumps(presentations.sign(whole, key, method_of(key), created=NOW))


NOBODY = "aucun site n’en répond"


def test_of_each_badge_of_several_it_is_said_who_answers_for_its_issuer(
    db: Session, client: LookingClient, make: Factory, holder: keys.SigningKey
) -> None:
    ours = make_award(db, make.user(), make.user("facilitator"), open_badges(db))
    foreign = self_named("Rectorat de Paris")
    alone = client.post("/verifier", data={"text": json.dumps(foreign)}).get_data(as_text=True)
    assert NOBODY in alone
    several = client.post(
        "/verifier", data={"text": show([foreign, json.loads(ours.credential)], holder)}
    ).get_data(as_text=True)
    assert several.count(NOBODY) == 1
    assert several.count("L’émetteur est bien ce lieu, où vous êtes.") == 1


def test_a_forged_badge_among_several_is_answered_for_by_nobody(
    client: LookingClient, holder: keys.SigningKey
) -> None:
    forged = self_named("Rectorat de Paris")
    forged["issuer"]["name"] = "Académie de Paris"
    page = client.post("/verifier", data={"text": show([forged], holder)}).get_data(as_text=True)
    assert "Ce que le fichier prétend" in page
    assert NOBODY not in page


def test_a_stranger_who_shows_somebody_else_s_badge_is_told_in_words_and_in_json(
    client: LookingClient, holder: keys.SigningKey
) -> None:
    badge, eve = self_named("X", keys.did_key(holder.multibase)), keys.SigningKey.generate()
    said = "Rien ne montre que qui présente"
    page = client.post("/verifier", data={"text": show([badge], eve)}).get_data(as_text=True)
    assert f"{said} cet ensemble détient la clé de l’un de ses badges." in page
    assert f"{said} détient la clé de ce badge" in page
    answer = client.post("/verify", json={"credential": show([badge], eve)}).json
    assert answer["outcome"] == "incomplete"
    told = answer["credentials"][0]["checks"][-1]
    assert (told["name"], told["outcome"]) == ("holder", "unknown")
    assert "rien ne montre que qui présente l’ensemble la détient" in told["message"]
    held = show([badge], holder)
    assert said not in client.post("/verifier", data={"text": held}).get_data(as_text=True)
    assert client.post("/verify", json={"credential": held}).json["outcome"] == "valid"
