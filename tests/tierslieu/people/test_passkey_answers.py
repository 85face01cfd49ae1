"""What a device answers: bent, late, repeated or of somebody else, it opens nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.authenticator import DOOR, LIST, UP, UV, Device, add, enter, read_options
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import with_password
from tierslieu import clock
from tierslieu.logbook.models import LogEntry
from tierslieu.people.models import Passkey, User
from tierslieu.people.passkeys.ceremonies import LASTS, read_challenge
from tierslieu.people.passkeys.party import find_party

ZOE = "zoe@example.org"


@pytest.fixture
def zoe(make: Factory) -> User:
    return with_password(make, email=ZOE)


def _is_in(client: LookingClient) -> bool:
    return client.get("/compte").status_code == 200


def _passkeys(db: Session) -> list[Passkey]:
    db.rollback()
    return list(db.scalars(select(Passkey).order_by(Passkey.added_at)))


def _acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(LogEntry.act)))


@pytest.fixture
def device(client: LookingClient, zoe: User) -> Device:
    """Zoé's, added; she is signed out."""
    made = Device()
    client.sign_in(zoe)
    assert add(client, made).location == LIST
    client.post("/deconnexion")
    return made


BENT: dict[str, Callable[[Device], None]] = {
    "another origin": lambda device: setattr(device, "origin", "http://localhost:8001"),
    "another host's hash": lambda device: setattr(device, "rp_id", "example.org"),
    "nobody was recognised": lambda device: setattr(device, "flags", UP),
    "nobody was there": lambda device: setattr(device, "flags", UV),
    "another key": lambda device: setattr(device, "key", Device().key),
    "another person": lambda device: setattr(device, "handle", bytes(16)),
    "no person": lambda device: setattr(device, "handle", None),
    "an unknown number": lambda device: setattr(device, "credential_id", bytes(32)),
}


@pytest.mark.both_databases
@pytest.mark.parametrize("how", BENT)
def test_an_answer_that_was_bent_opens_nothing(
    db: Session, client: LookingClient, device: Device, how: str
) -> None:
    BENT[how](device)
    answer = enter(client, device)
    assert answer.status_code == 422
    assert "pas été reconnue" in answer.text
    assert not _is_in(client)
    assert _passkeys(db)[0].last_used_at is None


def test_a_signature_of_another_moment_opens_nothing(client: LookingClient, device: Device) -> None:
    options = read_options(client.get("/login").text)
    flipped = device.sign(options, bend=lambda it: it[:-1] + bytes([it[-1] ^ 1]))
    assert client.post(DOOR, data={"answer": flipped}).status_code == 422
    other: Any = client.application.test_client()
    elsewhere = device.sign(read_options(other.get("/login").text))
    assert client.post(DOOR, data={"answer": elsewhere}).status_code == 422
    assert not _is_in(client)


@pytest.mark.both_databases
def test_a_challenge_serves_once_even_with_the_cookie_of_before(
    db: Session, client: LookingClient, device: Device
) -> None:
    answer = device.sign(read_options(client.get("/login").text))
    with client.session_transaction() as session:
        before = dict(session)
    assert client.post(DOOR, data={"answer": answer}).status_code == 302
    client.post("/deconnexion")
    with client.session_transaction() as session:
        session.clear()
        session.update(before)
    passkey = _passkeys(db)[0]
    passkey.sign_count = 0  # as where devices do not count
    db.commit()
    again = client.post(DOOR, data={"answer": answer})
    assert again.status_code == 422
    assert "a expiré" in again.text
    assert not _is_in(client)


def test_a_challenge_is_over_after_five_minutes(
    client: LookingClient, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = device.sign(read_options(client.get("/login").text))
    later = clock.now() + LASTS
    monkeypatch.setattr(clock, "now", lambda: later)
    said = client.post(DOOR, data={"answer": answer})
    assert said.status_code == 422
    assert "a expiré" in said.text


@pytest.mark.both_databases
def test_a_counter_that_goes_back_is_refused_and_written_down(
    db: Session, client: LookingClient, device: Device
) -> None:
    device.count = 40
    assert enter(client, device).status_code == 302
    client.post("/deconnexion")
    for count in (20, 40 - 1, -1):
        device.count = count
        refused = enter(client, device)
        assert refused.status_code == 422
        assert "copiée" in refused.text
    assert not _is_in(client)
    assert _acts(db).count("passkey_refused") == 3
    assert _passkeys(db)[0].sign_count == 41


@pytest.mark.parametrize("how", ["another origin", "another host's hash", "nobody was recognised"])
def test_a_passkey_that_was_bent_when_it_was_made_is_not_kept(
    db: Session, client: LookingClient, zoe: User, how: str
) -> None:
    client.sign_in(zoe)
    device = Device()
    BENT[how](device)
    assert add(client, device).status_code == 422
    assert _passkeys(db) == []


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://lieu.example.org:443", "https://lieu.example.org"),
        ("https://été.example.org:8443", "https://xn--t-9fab.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://lieu.example.org", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_the_place_is_its_own_address_and_never_the_one_a_request_claims(
    app: Flask, client: LookingClient, base_url: str, origin: str | None, monkeypatch: Any
) -> None:
    changed = replace(app.config["TIERSLIEU"], base_url=base_url)
    party = find_party(changed, "Le lieu")
    assert (party.origin if party else None) == origin
    monkeypatch.setitem(app.config, "TIERSLIEU", changed)
    page = client.get("/login").text
    assert ("data-options" in page) == (origin is not None)
    if party is not None:
        assert read_options(page)["rpId"] == party.id


@given(
    answer=st.one_of(
        st.text(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["id", "rawId", "type", "response", "clientDataJSON", "signature"]
                    ),
                    inner,
                )
            ),
            max_leaves=12,
        ).map(json.dumps),
    )
)
def test_no_text_a_stranger_sends_is_more_than_refused(answer: str) -> None:
    assert read_challenge(answer) is None


@pytest.mark.both_databases
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whichever_bit_of_an_answer_is_turned_it_opens_nothing(
    db: Session, client: LookingClient, device: Device, data: st.DataObject
) -> None:
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

    answer = json.loads(device.sign(read_options(client.get("/login").text)))
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    raw = bytearray(base64url_to_bytes(answer["response"][part]))
    place = data.draw(st.integers(0, 10_000)) % (len(raw) * 8)
    raw[place // 8] ^= 1 << place % 8
    answer["response"][part] = bytes_to_base64url(bytes(raw))
    assert client.post(DOOR, data={"answer": json.dumps(answer)}).status_code == 422
    assert not _is_in(client)
