"""Signing for a program: as the place, with a bit of its own, remembered without the contents."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from badges.awards.models import Award, StatusList
from badges.awards.offers import check_bits as check_award_bits
from badges.awards.queries import FIRST_EXCHANGE_LIST
from badges.engine import credentials
from badges.engine.status import decode_list, read_bit
from badges.exchange import rules
from badges.exchange.models import IssuedCredential
from badges.exchange.offers import OFFERS, check_bits
from badges.exchange.queries import list_issued
from tests.support.badges import make_award
from tests.support.client import LookingClient
from tests.support.exchange import Program, credential
from tests.support.factories import Factory
from tests.support.tokens import bearing
from tierslieu.house import PersonalData
from tierslieu.tokens.rules import erase_tokens

pytestmark = pytest.mark.both_databases
ID = "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"


@pytest.fixture
def program(client: LookingClient, make: Factory, db: Session) -> Program:
    return Program(client, make, db)


def published_bit(client: LookingClient, entry: dict[str, str]) -> bool:
    """What anybody reads in the published list."""
    path = entry["statusListCredential"].removeprefix("http://localhost")
    listing = json.loads(client.get(path, headers={"Accept": "application/json"}).data)
    bits = decode_list(listing["credentialSubject"]["encodedList"])
    return read_bit(bits, int(entry["statusListIndex"]))


def test_the_place_signs_as_itself_with_a_bit_of_its_own(
    program: Program, client: LookingClient, db: Session
) -> None:
    signed = program.issued(credential(id=ID, validFrom="2026-01-01T00:00:00+01:00"))
    assert signed["issuer"] == program.signer.did
    assert signed["validFrom"] == "2026-01-01T00:00:00+01:00"  # kept as written
    assert isinstance(signed["proof"], dict)
    entry = signed["credentialStatus"]
    assert entry["type"] == "BitstringStatusListEntry"
    assert entry["statusListCredential"] == f"http://localhost/status/{FIRST_EXCHANGE_LIST}"
    assert not published_bit(client, entry)
    db.rollback()
    (kept,) = list_issued(db)
    assert (kept.credential_id, kept.status_index) == (ID, int(entry["statusListIndex"]))
    assert kept.issued_by_id == program.owner.id
    assert program.verify(signed).get_json() == {"verified": True}


def test_of_what_was_signed_nothing_is_kept_but_its_bit(program: Program, db: Session) -> None:
    program.issued(credential(id=ID, description="Un secret de Samira"))
    rows = [db.execute(text(f'SELECT * FROM "{t}"')).all() for t in ("issued_credential",)]
    assert "Samira" not in str(rows)


def test_every_credential_has_another_bit_and_no_award_has_it(
    program: Program, make: Factory, db: Session
) -> None:
    award = make_award(db, make.user(), program.owner, program.signer)
    bits = [program.issued(credential())["credentialStatus"] for _ in range(8)]
    assert len({entry["id"] for entry in bits}) == 8
    assert award.status_list_id < FIRST_EXCHANGE_LIST
    db.rollback()
    other = make_award(db, make.user(), program.owner, program.signer)
    assert other.status_list_id == award.status_list_id  # their list goes on being filled


def test_a_taken_bit_is_drawn_again(
    program: Program, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter([7, 7, 8])
    monkeypatch.setattr(rules.secrets, "randbelow", lambda size: next(draws))
    found = [program.issued(credential())["credentialStatus"]["statusListIndex"] for _ in "ab"]
    assert found == ["7", "8"]


def test_half_full_the_next_list_begins(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "count_in_list", lambda db, list_id: 65_536)
    first = program.issued(credential())["credentialStatus"]["statusListCredential"]
    second = program.issued(credential())["credentialStatus"]["statusListCredential"]
    lists = [f"http://localhost/status/{FIRST_EXCHANGE_LIST + n}" for n in (1, 2)]
    assert [first, second] == lists


def test_without_status_when_asked(program: Program, db: Session) -> None:
    signed = program.issued(credential(id=ID), credentialStatus=False)
    assert "credentialStatus" not in signed
    assert program.verify(signed).get_json() == {"verified": True}
    answer = program.revoke(ID)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_status")


def test_its_own_statuses_are_kept_beside_ours(program: Program) -> None:
    own = {"type": "https://example.org/#Status", "id": "did:example:status"}
    signed = program.issued(credential(credentialStatus=own))
    assert signed["credentialStatus"][0] == own
    assert signed["credentialStatus"][1]["type"] == "BitstringStatusListEntry"


def test_one_name_is_used_once(program: Program) -> None:
    program.issued(credential(id=ID))
    for again in (program.issue(credential(id=ID)), program.issue(credential(), credentialId=ID)):
        assert (again.status_code, again.get_json()["code"]) == (409, "already_issued")


@pytest.mark.parametrize(
    ("changes", "options", "code"),
    [
        ({"issuer": "did:example:somebody"}, {}, "issuer_not_ours"),
        ({"issuer": {"id": "https://example.org/"}}, {}, "issuer_not_ours"),
        ({"id": "http://localhost/credentials/9b2c"}, {}, "id_reserved"),
        ({"id": "HTTP://x@LOCALHOST:80/status/1"}, {}, "id_reserved"),
        ({"type": ["VerifiableCredential", "BitstringStatusListCredential"]}, {}, "type_reserved"),
        (
            {
                "type": [
                    "VerifiableCredential",
                    "https://www.w3.org/ns/credentials/status#BitstringStatusListCredential",
                ]
            },
            {},
            "type_reserved",
        ),
        (
            {"credentialSubject": {"type": "BitstringStatusList", "encodedList": "u"}},
            {},
            "type_reserved",
        ),
        (
            {
                "credentialStatus": {
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": "revocation",
                    "statusListIndex": "4",
                    "statusListCredential": "http://localhost/status/1",
                }
            },
            {},
            "status_reserved",
        ),
        ({"id": ID}, {"credentialId": "another"}, "credential_id_differs"),
        ({}, {"credentialId": ""}, "credential_id_invalid"),
        ({}, {"credentialId": "x" * 501}, "credential_id_invalid"),
        ({}, {"credentialId": "a\nb"}, "credential_id_invalid"),
        ({}, {"mandatoryPointers": ["/issuer"]}, "option_unsupported"),
        ({}, {"challenge": "x"}, "unknown_field"),
        ({}, {"credentialStatus": "no"}, "malformed_body"),
    ],
)
def test_what_the_place_alone_may_say_is_refused(
    program: Program, db: Session, changes: dict[str, Any], options: dict[str, Any], code: str
) -> None:
    answer = program.issue(credential(**changes), **options)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    db.rollback()
    assert not list_issued(db)
    assert not db.scalars(select(StatusList).where(StatusList.id >= FIRST_EXCHANGE_LIST)).all()


def open_badge(achievement_id: str) -> dict[str, Any]:
    achievement = {
        "id": achievement_id,
        "type": ["Achievement"],
        "name": "Python",
        "description": "Sait programmer",
        "criteria": {"narrative": "A programmé"},
    }
    return credential(
        **{
            "@context": [credentials.CREDENTIALS_CONTEXT, credentials.BADGES_CONTEXT],
            "id": ID,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": "did:example:ada",
                "type": ["AchievementSubject"],
                "achievement": achievement,
            },
        }
    )


def test_an_open_badge_names_the_place_and_lists_its_proofs(program: Program) -> None:
    signed = program.issued(open_badge("https://example.org/badges/python"))
    assert signed["issuer"]["id"] == program.signer.did
    assert signed["issuer"]["name"] == "Tiers-lieu d’essai"
    assert isinstance(signed["proof"], list)
    assert program.verify(signed).get_json() == {"verified": True}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost.", "LOCALHOST", "localhost:80", "LocalHost.:80", "ada@localhost."],
)
def test_a_badge_of_the_place_goes_through_its_criteria_however_its_host_is_written(
    program: Program, host: str
) -> None:
    answer = program.issue(open_badge(f"http://{host}/badges/python"))
    assert (answer.status_code, answer.get_json()["code"]) == (400, "badge_needs_award")


@pytest.mark.parametrize(
    ("about", "status"),
    [
        ("http://localhost/badges/python", 400),
        ("http://localhost./credentials/58172aac-d8ba-11ed-83dd-0b3aef56cc33", 400),
        ("https://example.org/badges/python", 201),
    ],
)
def test_the_place_does_not_endorse_its_own_badges_for_a_program(
    program: Program, about: str, status: int
) -> None:
    endorsement = open_badge("https://example.org/badges/python")
    endorsement["type"] = ["VerifiableCredential", "EndorsementCredential"]
    endorsement["name"] = "Soutien"
    endorsement["credentialSubject"] = {
        "id": about,
        "type": ["EndorsementSubject"],
        "endorsementComment": "Un badge qui tient ses promesses.",
    }
    answer = program.issue(endorsement)
    assert answer.status_code == status, answer.get_json()
    assert status == 201 or answer.get_json()["code"] == "endorses_ours"


# Withdrawing


def test_a_withdrawal_is_seen_at_once_by_everybody(
    program: Program, client: LookingClient, db: Session
) -> None:
    signed, other = program.issued(credential(id=ID)), program.issued(credential())
    answer = program.revoke(ID)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "credentialId": ID,
        "credentialStatus": signed["credentialStatus"],
        "status": True,
    }
    assert published_bit(client, signed["credentialStatus"])
    verified = program.verify(signed).get_json()
    assert not verified["verified"]
    assert [problem["code"] for problem in verified["problemDetails"]] == ["revoked"]
    assert program.verify(other).get_json() == {"verified": True}
    assert program.revoke(ID).status_code == 200  # again: nothing changes
    back = program.revoke(ID, status=False)
    assert (back.status_code, back.get_json()["code"]) == (409, "revocation_is_final")


def test_a_credential_without_a_name_is_withdrawn_by_its_entry(program: Program) -> None:
    signed = program.issued(credential())
    assert program.revoke(signed["credentialStatus"]["id"]).status_code == 200
    assert not program.verify(signed).get_json()["verified"]


def test_withdrawing_names_the_right_entry_or_nothing_happens(
    program: Program, client: LookingClient
) -> None:
    entry = program.issued(credential(id=ID))["credentialStatus"]
    tries = [
        (program.revoke("urn:uuid:unknown"), 404, "not_found"),
        (program.revoke(ID, statusPurpose="suspension"), 400, "purpose_unknown"),
        (program.revoke(ID, type="StatusList2021Entry"), 400, "status_type_unknown"),
        (program.revoke(ID, statusListIndex="5000000"), 400, "status_mismatch"),
        (program.revoke(ID, more="x"), 400, "unknown_field"),
    ]
    for answer, status, code in tries:
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert not published_bit(client, entry)
    assert program.revoke(ID, status=False).get_json()["status"] is False
    right = {name: entry[name] for name in ("statusListIndex", "statusListCredential", "id")}
    assert program.revoke(ID, **right).get_json()["status"] is True


def test_the_audit_looks_at_every_bit(program: Program, make: Factory, db: Session) -> None:
    make_award(db, make.user(), program.owner, program.signer)
    program.issued(credential(id=ID))
    program.issued(credential())
    program.revoke(ID)
    db.rollback()
    assert (check_bits(db).checked, check_bits(db).broken) == (2, [])
    assert not check_award_bits(db).broken
    listing = db.get_one(StatusList, FIRST_EXCHANGE_LIST)
    listing.bits = bytes(len(listing.bits))
    db.flush()
    assert len(check_bits(db).broken) == 1
    listing.bits = b"\xff" * len(listing.bits)
    db.flush()
    assert any("set for nobody" in line for line in check_bits(db).broken)
    assert not check_award_bits(db).broken


def test_who_had_it_signed_is_forgotten_with_the_account_and_the_bit_stays(
    program: Program, db: Session, client: LookingClient
) -> None:
    signed = program.issued(credential(id=ID))
    program.revoke(ID)
    db.rollback()
    offer = next(o for o in OFFERS if isinstance(o, PersonalData))
    assert [one["credential_id"] for one in offer.export(db, program.owner.id)] == [ID]
    erase_tokens(db, program.owner.id)
    offer.erase(db, program.owner.id)
    db.commit()
    (kept,) = db.scalars(select(IssuedCredential)).all()
    assert (kept.issued_by_id, kept.revoked_by_id, kept.token_id) == (None, None, None)
    assert published_bit(client, signed["credentialStatus"])


# At once


@pytest.mark.parametrize("name", [ID, None])
def test_programs_that_sign_at_once_get_one_name_and_bits_apart(
    app: Flask, program: Program, db: Session, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    """All draw the same bit, and all have signed before anyone writes: the race is certain."""
    count = 3
    db.rollback()
    signed, really_sign, really_draw = (
        threading.Barrier(count),
        rules._sign,
        rules.secrets.randbelow,
    )
    first = threading.local()

    def sign_then_wait(*args: Any) -> Any:
        document = really_sign(*args)
        if not hasattr(first, "over"):
            first.over = True
            signed.wait(timeout=30)
        return document

    def draw(size: int) -> int:
        return 7 if not hasattr(first, "over") else int(really_draw(size))

    monkeypatch.setattr(rules, "_sign", sign_then_wait)
    monkeypatch.setattr(rules.secrets, "randbelow", draw)
    answers: list[Any] = []

    def ask() -> None:
        body = {"credential": credential(**({"id": name} if name else {}))}
        headers = bearing(program.secret)
        answers.append(
            app.test_client().post("/vc-api/credentials/issue", json=body, headers=headers)
        )

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == ([201, 409, 409] if name else [201, 201, 201])
    db.rollback()
    indexes = [one.status_index for one in list_issued(db)]
    assert len(indexes) == len(set(indexes)) == (1 if name else 3)
    assert not db.scalars(select(Award)).all()
