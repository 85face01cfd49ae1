"""The keys that sign: made once, guarded, encrypted when there is a passphrase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import keys, publishing
from badges.awards.models import IssuerIdentity, SigningKey, StatusList
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award
from tests.support.factories import Factory
from tierslieu.settings import Settings

pytestmark = pytest.mark.both_databases


@pytest.fixture
def place(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    return replace(make_settings("keys"), instance=tmp_path)


def badge_file(settings: Settings) -> Path:
    """The file of the key that signs badges."""
    (found,) = settings.keys.folder.glob("badges-z6Mk*")
    return found


def test_the_first_opening_makes_a_key_that_only_its_owner_reads(
    db: Session, place: Settings
) -> None:
    identity = keys.open_keys(db, place, NOW)
    db.commit()
    assert identity.did.startswith("did:key:z6Mk")
    files = list(place.keys.folder.iterdir())
    assert len(files) == len(keys.KINDS)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert place.keys.folder.stat().st_mode & 0o077 == 0
    assert keys.find_trouble(db, place) is None
    assert db.get(StatusList, 1) is not None


def test_a_second_opening_changes_nothing(db: Session, place: Settings) -> None:
    keys.open_keys(db, place, NOW)
    db.commit()
    before = badge_file(place).read_bytes()
    keys.open_keys(db, replace(place, base_url="https://lieu.example"), NOW)
    db.commit()
    assert badge_file(place).read_bytes() == before
    assert len(db.scalars(select(SigningKey)).all()) == len(keys.KINDS)
    assert db.get_one(IssuerIdentity, 1).base_url == "http://localhost", "frozen"


def test_a_place_under_https_is_a_did_web_whose_document_lists_the_key(
    db: Session, place: Settings
) -> None:
    web = replace(place, base_url="https://lieu.example")
    identity = keys.open_keys(db, web, NOW)
    db.commit()
    assert identity.did == "did:web:lieu.example"
    document = publishing.did_document(db)
    assert document is not None
    signer = keys.load_signer(db, web)
    methods = {keys.load_signer(db, web, kind).method for kind in keys.KINDS}
    assert set(document["assertionMethod"]) == methods
    assert document["assertionMethod"][0] == signer.method
    assert document["verificationMethod"][0]["publicKeyMultibase"] == signer.key.multibase
    assert keys.find_moved_address(db, web) is None
    moved = keys.find_moved_address(db, replace(web, base_url="https://ailleurs.example"))
    assert moved is not None
    assert "did:web:lieu.example" in moved


def test_an_award_of_a_did_web_verifies_without_leaving_the_house(
    db: Session, make: Factory, place: Settings
) -> None:
    web = replace(place, base_url="https://lieu.example")
    keys.open_keys(db, web, NOW)
    db.commit()
    award = make_award(db, make.user(), make.user("facilitator"), keys.load_signer(db, web))
    assert '"did:web:lieu.example"' in award.credential
    report = publishing.check_award(db, web, award, NOW)
    assert report.outcome == "valid", [(check.name, check.code) for check in report.checks]
    elsewhere = verify(award.credential, fetch=None, now=NOW)
    assert elsewhere.outcome == "incomplete", "offline, nobody can know a did:web's keys"


def test_a_passphrase_encrypts_the_key_and_is_needed_to_sign(db: Session, place: Settings) -> None:
    secret = replace(place, key_passphrase="cheval correct pile agrafe")
    keys.open_keys(db, secret, NOW)
    db.commit()
    assert b"ENCRYPTED" in badge_file(secret).read_bytes()
    assert keys.load_signer(db, secret).key.multibase in badge_file(secret).name
    for wrong in ("", "autre chose"):
        with pytest.raises(keys.KeyUnreadable, match="KEY_PASSPHRASE"):
            keys.load_signer(db, replace(place, key_passphrase=wrong))
    assert "KEY_PASSPHRASE" in str(keys.find_trouble(db, place))


def test_a_passphrase_set_later_encrypts_the_key_there_is(db: Session, place: Settings) -> None:
    keys.open_keys(db, place, NOW)
    db.commit()
    multibase = keys.load_signer(db, place).key.multibase
    secret = replace(place, key_passphrase="cheval correct")
    assert "not encrypted" in str(keys.find_trouble(db, secret))
    keys.open_keys(db, secret, NOW)
    db.commit()
    assert b"ENCRYPTED" in badge_file(secret).read_bytes()
    assert badge_file(secret).stat().st_mode & 0o777 == 0o600
    assert keys.load_signer(db, secret).key.multibase == multibase
    assert keys.find_trouble(db, secret) is None


def test_a_place_opened_before_there_were_tokens_gets_their_keys(
    db: Session, place: Settings
) -> None:
    keys.open_keys(db, place, NOW, ("Ed25519",))
    db.commit()
    before = badge_file(place).read_bytes()
    assert "RSA" in str(keys.find_trouble(db, place)) or "P-256" in str(
        keys.find_trouble(db, place)
    )
    keys.open_keys(db, place, NOW)
    db.commit()
    assert keys.find_trouble(db, place) is None
    assert badge_file(place).read_bytes() == before


def test_a_new_passphrase_is_put_on_every_key(db: Session, place: Settings) -> None:
    old, new = (replace(place, key_passphrase=words) for words in ("un deux trois", "quatre cinq"))
    keys.open_keys(db, old, NOW)
    db.commit()
    with pytest.raises(keys.KeyUnreadable):
        keys.encrypt_keys(db, place, new)
    assert keys.find_trouble(db, old) is None, "nothing was written"
    assert keys.encrypt_keys(db, old, new) == len(keys.KINDS)
    assert keys.find_trouble(db, new) is None
    assert "KEY_PASSPHRASE" in str(keys.find_trouble(db, old))


def test_a_weak_set_up_is_said_in_a_sentence(db: Session, place: Settings) -> None:
    keys.open_keys(db, place, NOW)
    db.commit()
    assert keys.find_weakness(db, place) is None
    short = replace(place, key_passphrase="azerty")
    assert "shorter than 16" in str(keys.find_weakness(db, short))
    (next(place.keys.folder.glob("badges-zDn*"))).chmod(0o640)
    assert "chmod 600" in str(keys.find_weakness(db, place))


def test_trouble_with_a_key_is_said_in_a_sentence(db: Session, place: Settings) -> None:
    assert "tierslieu init" in str(keys.find_trouble(db, place))
    keys.open_keys(db, place, NOW)
    db.commit()
    file = badge_file(place)
    file.chmod(0o644)
    assert "chmod 600" in str(keys.find_trouble(db, place))
    file.chmod(0o600)
    place.keys.folder.chmod(0o755)
    assert "chmod 700" in str(keys.find_trouble(db, place))
    place.keys.folder.chmod(0o700)
    file.write_text("rien")
    assert "does not hold" in str(keys.find_trouble(db, place))
    file.unlink()
    assert "cannot be read" in str(keys.find_trouble(db, place))
    with pytest.raises(keys.KeyUnreadable):
        keys.load_signer(db, place)
