"""Other people's verifiers of Open Badges 2.0, both ways: 1EdTech's own validator (`openbadges`,
in a process and a folder of its own) and `openbadgeslib`; the latter reads our tokens of 3.0 too.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from openbadgeslib.baking import bake_png, bake_svg
from openbadgeslib.ob2 import OB2Signer, OB2Verifier
from openbadgeslib.ob2.models import (
    Assertion,
    BadgeClass,
    CryptographicKey,
    IdentityObject,
    Profile,
    RevocationList,
    Verification,
)
from openbadgeslib.ob2.verifier import OB2VerificationError
from openbadgeslib.ob3 import OB3Verifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from badges import commands
from badges.engine import badge2_issuing, baking, keys, vcjwt
from badges.engine.badge2_issuing import Revoked
from tests.support.badge2 import DRAWING, PICTURE, SIGNED_ID, SITE, Issuer2, rsa_key, step

#: They know no other moment than the present one.
NOW = datetime.now(UTC).replace(microsecond=0)

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def issuer() -> Issuer2:
    return Issuer2(now=NOW)


@pytest.fixture
def ask(ask_validator: Ask) -> Ask:
    """1EdTech's validator: `ask(issuer, text_or_picture, email)`."""
    return ask_validator


def forms(issuer: Issuer2) -> dict[str, str | bytes]:
    """Everything of ours that goes out."""
    hosted, token = json.dumps(issuer.hosted(), ensure_ascii=False), issuer.signed()
    return {
        "hosted, text": hosted,
        "hosted, address": issuer.hosted_at,
        "hosted, png": baking.bake_2(PICTURE, hosted),
        "hosted, svg": baking.bake_2(DRAWING, hosted, address=issuer.hosted_at),
        "signed, token": token,
        "signed, png": baking.bake_2(PICTURE, token),
        "signed, svg": baking.bake_2(DRAWING, token),
    }


FORMS = [
    *("hosted, text", "hosted, address", "hosted, png", "hosted, svg"),
    *("signed, token", "signed, png", "signed, svg"),
]


def said(report: dict[str, Any]) -> str:
    return " ".join(str(message["result"]) for message in report["messages"])


# -- 1EdTech's validator ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_the_validator_of_1edtech_accepts_ours_without_a_word(
    ask: Ask, issuer: Issuer2, form: str
) -> None:
    report = ask(issuer, forms(issuer)[form], email="ada@example.org")
    assert report["valid"] is True, report
    assert report["messages"] == []  # not even a warning
    assert report["openBadgesVersion"] == "2.0"


def test_the_validator_of_1edtech_accepts_every_letter(ask: Ask) -> None:
    for text in ("L’été, « déjà » : 🎓", 'Guillemets "droits" & <balise> \\', "العربية 中文"):
        issuer = Issuer2(now=NOW)
        for at in (issuer.class_at, issuer.profile_at):
            issuer.change(at, name=text, description=text)
        hosted = issuer.publish(issuer.hosted(), narrative=text)
        assert ask(issuer, json.dumps(hosted))["messages"] == []
        assert ask(issuer, issuer.signed(narrative=text))["messages"] == []


def test_the_validator_of_1edtech_refuses_a_letter_changed_and_somebody_else(
    ask: Ask, issuer: Issuer2
) -> None:
    header, _, signature = issuer.signed().split(".")
    changed = issuer.signed(narrative="A tenu mal.").split(".")[1]
    report = ask(issuer, f"{header}.{changed}.{signature}")
    assert report["valid"] is False
    assert "Signature" in said(report)
    for source in (issuer.signed(), issuer.hosted_at):
        report = ask(issuer, source, email="eve@example.org")
        assert report["valid"] is False
        assert "did not match" in said(report)


def test_the_validator_of_1edtech_refuses_what_was_withdrawn(ask: Ask, issuer: Issuer2) -> None:
    issuer.revoke([Revoked(SIGNED_ID, "Erreur de personne")])
    report = ask(issuer, issuer.signed())
    assert report["valid"] is False
    assert "has been revoked" in said(report)
    assert "Erreur de personne" in said(report)
    issuer.withdraw("Erreur de personne")
    assert ask(issuer, issuer.hosted_at)["valid"] is False


def test_the_validator_of_1edtech_overlooks_a_list_of_one_which_is_why_ours_are_longer(
    ask: Ask, issuer: Issuer2
) -> None:
    issuer.change(issuer.list_at, revokedAssertions=[{"id": SIGNED_ID, "revocationReason": "x"}])
    assert "has been revoked" not in said(ask(issuer, issuer.signed()))


def test_the_validator_of_1edtech_refuses_what_we_refuse(ask: Ask, issuer: Issuer2) -> None:
    """A forger's site, key and profile; over."""
    forger, at = rsa_key("forger"), "https://ailleurs.example/key"
    issuer.publish(badge2_issuing.build_key(at, owner=issuer.profile_at, key=forger.public()))
    forged = issuer.signed(forger, verification={"type": "SignedBadge", "creator": at})
    elsewhere = issuer.publish({**issuer.hosted(), "id": "https://ailleurs.example/1"})
    over = issuer.signed(expires="2020-01-01T00:00:00Z", issuedOn="2019-01-01T00:00:00Z")
    for source in (forged, json.dumps(elsewhere), over):
        assert ask(issuer, source)["valid"] is False
        assert issuer.verify(source).outcome == "invalid"


@pytest.mark.parametrize("picture", [PICTURE, DRAWING], ids=["png", "svg"])
@pytest.mark.parametrize("kind", ["hosted", "signed"])
def test_they_read_what_the_command_line_bakes(
    ask: Ask, issuer: Issuer2, tmp_path: Path, picture: bytes, kind: str
) -> None:
    text = json.dumps(issuer.hosted(), ensure_ascii=False) if kind == "hosted" else issuer.signed()
    paths = [tmp_path / name for name in ("image", "badge", "cuit")]
    paths[0].write_bytes(picture)
    paths[1].write_text(text, "utf-8")
    done = CliRunner().invoke(commands.badges, ["bake", *map(str, paths)])
    assert done.exit_code == 0, done.output
    baked = paths[2].read_bytes()
    report = ask(issuer, baked, email="ada@example.org")
    assert report["valid"] is True, report
    assert report["messages"] == []
    if (picture, kind) != (DRAWING, "hosted"):  # of which it reads the address alone
        assert verify_theirs(issuer, baked).narrative == "A tenu bon."


# -- openbadgeslib ---------------------------------------------------------------------------------


def theirs(issuer: Issuer2) -> OB2Verifier:
    return OB2Verifier(download=issuer.fetch)


def verify_theirs(issuer: Issuer2, source: str | bytes) -> Assertion:
    """As its command line would: by what the file is."""
    verifier = theirs(issuer)
    if isinstance(source, bytes):
        png = source.startswith(b"\x89PNG")
        extract = verifier.extract_token_from_png if png else verifier.extract_token_from_svg
        source = extract(source)
    if source.startswith("{"):
        return verifier.verify_hosted(
            source, expected_recipient="ada@example.org", check_revocation=True
        )
    return verifier.verify(source, expected_recipient="ada@example.org", check_revocation=True)


# It takes no addresses, and of a drawing it reads the address in `verify` and not the text.
@pytest.mark.parametrize("form", sorted({*FORMS} - {"hosted, address", "hosted, svg"}))
def test_openbadgeslib_accepts_ours(issuer: Issuer2, form: str) -> None:
    assert verify_theirs(issuer, forms(issuer)[form]).narrative == "A tenu bon."


def test_openbadgeslib_refuses_ours_changed_or_withdrawn(issuer: Issuer2) -> None:
    header, _, signature = issuer.signed().split(".")
    changed = issuer.signed(narrative="A tenu mal.").split(".")[1]
    with pytest.raises(OB2VerificationError, match="signature"):
        verify_theirs(issuer, f"{header}.{changed}.{signature}")
    altered = {**issuer.hosted(), "issuedOn": "2020-01-01T00:00:00Z"}
    with pytest.raises(OB2VerificationError, match="does not match"):
        verify_theirs(issuer, json.dumps(altered))
    issuer.revoke([Revoked(SIGNED_ID, "Erreur")])
    with pytest.raises(OB2VerificationError, match="revoked: Erreur"):
        verify_theirs(issuer, issuer.signed())
    issuer.withdraw("Erreur")
    with pytest.raises(OB2VerificationError, match="Could not fetch"):
        verify_theirs(issuer, json.dumps(issuer.hosted()))


@pytest.fixture
def stranger() -> Issuer2:
    """An issuer whose documents were all made by openbadgeslib."""
    issuer = Issuer2(now=NOW)
    issuer.web.clear()
    profile = Profile(
        issuer.profile_at,
        "Ailleurs",
        url=f"{SITE}/",
        email="a@lieu.example",
        public_key=[issuer.key_at],
        revocation_list=issuer.list_at,
    )
    picture, criteria = f"{SITE}/p.png", f"{SITE}/criteres"
    for document in (
        profile,
        CryptographicKey(issuer.key_at, issuer.profile_at, issuer.key.public().pem),
        BadgeClass(issuer.class_at, "Python", "Écrire", picture, criteria, issuer.profile_at),
        RevocationList(issuer.list_at, issuer.profile_at, []),
    ):
        issuer.publish(document.to_dict())
    return issuer


def their_assertion(stranger: Issuer2, kind: str, **facts: Any) -> Assertion:
    return Assertion(
        id=SIGNED_ID if kind == "SignedBadge" else stranger.hosted_at,
        recipient=IdentityObject.create("ada@example.org", "leur sel"),
        badge=stranger.class_at,
        verification=Verification(kind, stranger.key_at),
        issued_on=NOW - timedelta(days=1),
        expires=NOW + timedelta(days=9),
        narrative="Bravo",
        **facts,
    )


@pytest.mark.parametrize("kind", ["SignedBadge", "HostedBadge"])
def test_we_accept_what_openbadgeslib_makes_and_refuse_it_changed_or_withdrawn(
    stranger: Issuer2, kind: str
) -> None:
    assertion = their_assertion(stranger, kind)
    stranger.publish(assertion.to_dict())
    token = OB2Signer(stranger.key.to_pem()).sign(assertion)
    sources: list[Any] = [token, bake_png(PICTURE, token), bake_svg(DRAWING, token)]
    if kind == "HostedBadge":
        sources.append(json.dumps(assertion.to_dict()))
    for source in sources:
        found = stranger.verify(source, recipient="ada@example.org")
        assert found.outcome == "valid", found.to_json()
    header, _, signature = token.split(".")
    assertion.narrative = "Bravo à toi"
    changed = OB2Signer(stranger.key.to_pem()).sign(assertion).split(".")[1]
    assert stranger.verify(f"{header}.{changed}.{signature}").outcome == "invalid"
    if kind == "SignedBadge":
        revoked = RevocationList(stranger.list_at, stranger.profile_at, [SIGNED_ID])
        stranger.publish(revoked.to_dict())
        assert step(stranger.verify(token), "status") == ("failed", "revoked")


@pytest.mark.parametrize("kind", ["RSA", "P-256"])
def test_openbadgeslib_accepts_our_tokens_of_3_0_and_refuses_them_changed(kind: str) -> None:
    key = rsa_key() if kind == "RSA" else keys.SigningKey(ec.generate_private_key(ec.SECP256R1()))
    did = keys.did_key(key.multibase)
    if kind == "RSA":
        did = "did:web:lieu.example"
    issuer = Issuer2(now=NOW)
    document = {**issuer.credential, "issuer": {**issuer.credential["issuer"], "id": did}}
    controller = keys.did_document(did, [keys.PublishedKey(key.public())])
    issuer.web[f"{SITE}/.well-known/did.json"] = json.dumps(controller).encode()
    token = vcjwt.sign_credential(
        document, key, kid=keys.verification_method(did, key.public().name)
    )
    verifier = OB3Verifier.for_issuer_did(did, download=issuer.fetch)
    credential = verifier.verify(token)
    assert credential.achievement.name == "Premiers pas"
    assert issuer.verify(token).outcome == "valid"
    payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    payload["credentialSubject"]["achievement"]["name"] = "Doctorat"
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    forged = re.sub(r"\..*\.", f".{body}.", token)
    with pytest.raises(OB3VerificationError, match="signature"):
        verifier.verify(forged)
    assert issuer.verify(forged).outcome == "invalid"
