"""A key is replaced, or withdrawn because it leaked: what was signed before stays what it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges import key_commands
from badges.awards import checks, issuing, keys, publishing, rotation, rules
from badges.awards.models import Award, SigningKey, StatusList
from badges.awards.offers import check_bits, check_credentials
from tests.support.at_once import AT_ONCE, at_once
from tests.support.badges import NOW, make_award, settings_here
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.settings import Settings

ONE = ("Ed25519",)


@pytest.fixture
def web(db: Session, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    """A place under https, opened."""
    settings = replace(
        make_settings("rotation"), instance=tmp_path, base_url="https://lieu.example"
    )
    keys.open_keys(db, settings, NOW, ONE)
    db.commit()
    return settings


def award_one(db: Session, make: Factory, settings: Settings) -> Award:
    return make_award(db, make.user(), make.user("facilitator"), keys.load_signer(db, settings))


def outcome(db: Session, settings: Settings, award: Award) -> str:
    return publishing.check_award(db, settings, award, NOW + timedelta(hours=1)).outcome


@pytest.mark.both_databases
def test_a_new_key_signs_and_what_the_old_one_signed_stays_valid(
    db: Session, make: Factory, web: Settings
) -> None:
    older = award_one(db, make, web)
    before = keys.load_signer(db, web)
    rotation.rotate_key(db, web, "Ed25519", now=NOW)
    db.commit()
    after = keys.load_signer(db, web)
    assert after.key.name != before.key.name
    assert after.did == before.did
    newer = award_one(db, make, web)
    assert after.method in newer.credential
    assert outcome(db, web, older) == outcome(db, web, newer) == "valid"
    document = publishing.did_document(db)
    assert document is not None
    assert document["assertionMethod"] == [before.method, after.method]
    # Withdrawing an old badge is signed with the new key, and believed.
    rules.revoke(db, older.id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    assert outcome(db, web, older) == "invalid"


@pytest.mark.both_databases
def test_a_leaked_key_is_no_longer_believed_and_its_badges_are_signed_anew(
    db: Session, make: Factory, web: Settings
) -> None:
    award = award_one(db, make, web)
    stolen, file = keys.load_signer(db, web), award.credential
    since = NOW - timedelta(days=2)
    done = rotation.withdraw_key(
        db, web, stolen.key.name, since=since, reason="Sauvegarde perdue", now=NOW
    )
    db.commit()
    assert done.awards == 1
    assert done.successor is not None
    assert keys.load_signer(db, web).key.name != stolen.key.name
    document = publishing.did_document(db)
    assert document is not None
    assert document["verificationMethod"][0]["revoked"] == "2026-11-18T10:00:00Z"
    report = publishing.check_award(db, web, award, NOW)
    assert report.check("issuer").code == "key_revoked"
    # Whoever was shown the former file reads what they may ask for.
    assert "demandez à la personne son fichier" in checks.say(report.check("issuer"))
    while rotation.sign_again(db, web, now=NOW):
        db.commit()
    assert outcome(db, web, award) == "valid"
    before, after = json.loads(file), json.loads(award.credential)
    assert before.pop("proof") != after.pop("proof")
    assert before == after, "same address, facts and status"
    mails = db.scalars(select(OutboxMessage).where(OutboxMessage.template.like("%signed_again")))
    assert len(mails.all()) == 1
    assert check_bits(db).broken == []


@pytest.mark.both_databases
def test_a_key_that_several_replace_or_withdraw_at_once_has_one_successor(
    app: Flask, db: Session, web: Settings
) -> None:
    def now_signing() -> str:
        db.rollback()
        return keys.load_signer(db, web).key.name

    first = now_signing()
    outcomes = at_once(
        app,
        lambda session, number: rotation.replace_key(session, web, first, now=NOW),
    )
    assert sorted(outcomes) == ["already_replaced"] * (AT_ONCE - 1) + ["done"]
    second = now_signing()
    outcomes = at_once(
        app,
        lambda session, number: rotation.withdraw_key(
            session, web, second, since=NOW, reason="", now=NOW
        ),
    )
    assert sorted(outcomes) == ["already_revoked"] * (AT_ONCE - 1) + ["done"]
    db.rollback()
    assert len(db.scalars(select(SigningKey)).all()) == 3
    assert len(list(web.keys.entries())) == 3, "no key was made for nothing"


def test_signing_anew_goes_on_where_it_stopped(
    db: Session, make: Factory, web: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    awards = [award_one(db, make, web) for _ in range(3)]
    name = keys.load_signer(db, web).key.name
    rotation.withdraw_key(db, web, name, since=NOW, reason="", now=NOW)
    db.commit()
    monkeypatch.setattr(rotation, "SLICE", 2)
    assert rotation.sign_again(db, web, now=NOW) == 2
    db.rollback()  # killed before it was written
    assert rotation.sign_again(db, web, now=NOW) == 2
    db.commit()
    assert rotation.sign_again(db, web, now=NOW) == 1
    db.commit()
    assert rotation.sign_again(db, web, now=NOW) == 0
    assert {outcome(db, web, award) for award in awards} == {"valid"}


def test_a_place_that_is_its_key_begins_a_list_under_the_new_name(
    db: Session, make: Factory, app: Flask
) -> None:
    here = settings_here()
    keys.open_keys(db, here, NOW, ONE)
    db.commit()
    older = award_one(db, make, here)
    rotation.rotate_key(db, here, "Ed25519", now=NOW)
    db.commit()
    newer = award_one(db, make, here)
    assert newer.status_list_id != older.status_list_id
    assert json.loads(newer.credential)["issuer"]["id"] == keys.load_signer(db, here).did
    assert check_credentials(db).broken == []
    rules.revoke(db, older.id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    report = publishing.check_award(db, here, older, NOW)
    assert report.check("status").code == "revoked"
    listing = db.get_one(StatusList, older.status_list_id)
    assert issuing.set_bits(listing.bits) == [older.status_index]


def test_a_place_that_is_its_key_cannot_withdraw_it(db: Session, app: Flask) -> None:
    here = settings_here()
    keys.open_keys(db, here, NOW, ONE)
    db.commit()
    name = keys.load_signer(db, here).key.name
    with pytest.raises(Refused) as caught:
        rotation.withdraw_key(db, here, name, since=NOW, reason="", now=NOW)
    assert caught.value.code == "did_key"


def test_a_withdrawal_of_nothing_twice_or_tomorrow_is_refused(db: Session, web: Settings) -> None:
    name = keys.load_signer(db, web).key.name
    with pytest.raises(NotYours):
        rotation.withdraw_key(db, web, "autre", since=NOW, reason="", now=NOW)
    later = NOW + timedelta(days=1)
    with pytest.raises(Refused) as caught:
        rotation.withdraw_key(db, web, name, since=later, reason="", now=NOW)
    assert caught.value.code == "date_in_future"
    rotation.withdraw_key(db, web, name, since=NOW, reason="", now=NOW)
    db.commit()
    with pytest.raises(Refused) as again:
        rotation.withdraw_key(db, web, name, since=NOW, reason="", now=NOW)
    assert again.value.code == "already_revoked"
    assert len(db.scalars(select(SigningKey)).all()) == 2
    assert "withdrawn" in str(keys.find_weakness(db, web))


# From a terminal

Run = Callable[..., Result]


@pytest.fixture
def run(db: Session, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(key_commands, "open_app", lambda: app)
    return lambda *args, **more: CliRunner().invoke(key_commands.keys, [*map(str, args)], **more)


def test_keys_are_listed_and_replaced_from_a_terminal(db: Session, run: Run) -> None:
    assert run("list").exit_code == 1, "before the place has opened"
    keys.open_keys(db, settings_here(), NOW)
    db.commit()
    listed = json.loads(run("list", "--json").output)
    assert {fact["kind"] for fact in listed} == set(keys.KINDS)
    assert {fact["state"] for fact in listed} == {"signs"}
    done = run("rotate", "--kind", "P-256")
    assert done.exit_code == 0, done.output
    name = done.output.strip()
    states = {fact["name"]: fact["state"] for fact in json.loads(run("list", "--json").output)}
    assert states[name] == "signs"
    assert sorted(states.values()) == ["retired", "signs", "signs", "signs"]
    assert name in run("list").output
    assert run("rotate", "--kind", "DSA").exit_code == 2


def test_a_key_is_withdrawn_from_a_terminal_and_its_badges_signed_anew(
    db: Session,
    make: Factory,
    run: Run,
    app: Flask,
    web: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "TIERSLIEU", web)
    award = award_one(db, make, web)
    assert run("revoke", "autre").exit_code == 1
    done = run("revoke", keys.load_signer(db, web).key.name, "--since", "2026-11-01")
    assert done.exit_code == 0, done.output
    assert "signs now: z6Mk" in done.output
    assert "signed anew: 1" in done.output
    assert publishing.check_award(db, web, award, clock.now()).outcome == "valid"
    assert run("sign-again").output == "signed anew: 0\n"


def test_keys_are_encrypted_from_a_terminal(
    db: Session, run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.open_keys(db, settings_here(), NOW)
    db.commit()
    before = app.config["TIERSLIEU"]
    assert run("encrypt", input="\n").exit_code == 2, "no new passphrase was set"
    new = replace(before, key_passphrase="pile agrafe cheval")
    monkeypatch.setitem(app.config, "TIERSLIEU", new)
    done = run("encrypt", input="\n")
    assert (done.exit_code, done.output) == (0, "encrypted: 3\n")
    other = replace(before, key_passphrase="tout autre chose")
    monkeypatch.setitem(app.config, "TIERSLIEU", other)
    assert run("encrypt", input="faux\n").exit_code == 1
