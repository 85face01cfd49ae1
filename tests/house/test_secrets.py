"""``make lint`` finds a secret that was committed, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).parents[2]
# Made here, so that no file holds them.
BYTES = hashlib.sha256(b"a secret of the tests").digest()
HEX = BYTES.hex()
BASE64 = base64.urlsafe_b64encode(BYTES).decode().rstrip("=")
PASSWORD = "Blaue" + "Tinte7"


def look(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "find-secrets"), str(folder)],
        capture_output=True,
        text=True,
    )


def make_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        .decode()
    )


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder that git keeps."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


SECRETS = {
    "pem": (make_key(), "a private key"),
    "access": ("= 'tl_" + "Ab3_" * 10 + "'", "an access key of a place"),
    "address": ("smtp://lieu:" + "correcthorse" + "@mail.lieu.fr:587", "a password in an address"),
    "age": ("AGE-SECRET-" + "KEY-1" + "QPZRY9X8GF" * 5 + "Q7", "a key of age"),
    "cloud": ("AK" + "IA" + "Q7" * 8, "a cloud key"),
    "forge": ("gh" + "p_" + "Ab3" * 12, "a token of a forge"),
    "registry": ("np" + "m_" + "Ab3" * 12, "a token of a registry"),
    "messenger": ("xo" + "xb-" + "1234567890" * 2, "a token of a messenger"),
    "jwk": (
        json.dumps({"kty": "OKP", "crv": "Ed25519", "d": BASE64}),
        "the private part of a JWK",
    ),
    "jwk in a script": (f"{{kty: 'EC', d: '{BASE64}'}}", "the private part of a JWK"),
    "multibase": ('{"x": "z3' + f'u2{"Ab3cD4eF" * 6}"}}', "a private key in multibase"),
    "secretKeyMultibase": (f'"secretKeyMultibase": "z{HEX}"', "a secret with its value"),
    "privateKeyHex": (f'"privateKeyHex": "{HEX}"', "a key with its value"),
    "python": (f'PASSWORD = "{PASSWORD}"', "a password with its value"),
    "with signs": ('password="Blaue' + '!Tinte"', "a password with its value"),
    "typed": (f"PASSPHRASE: str = '{PASSWORD}'", "a passphrase with its value"),
    "settings": (f"SMTP_PASSWORD={PASSWORD}", "a password with its value"),
    "exported": (f"export LIEU_SECRET={PASSWORD}", "a secret with its value"),
    "yaml": (f"db_passwd: {PASSWORD}", "a passwd with its value"),
    "json": (json.dumps({"token": HEX[:20]}), "a token with its value"),
    "flask": (f'app.config["SECRET_KEY"] = "{PASSWORD}"', "a secret with its value"),
    "hex": (f"api_key = '{HEX}'", "a key with its value"),
    "base64": (f"signingKey: {BASE64}", "a key with its value"),
    "long": (f'password = "{PASSWORD}!{HEX[:24]}"', "a password with its value"),
    "setting": ("TIERSLIEU_SECRET_KEY=" + HEX, "a secret with its value"),
    "words": ("TIERSLIEU_KEY_PASSPHRASE=" + "calm-river" * 3, "a setting with its secret"),
}


@pytest.mark.parametrize(("text", "what"), SECRETS.values(), ids=SECRETS)
def test_a_secret_in_a_file_is_found_and_not_repeated(kept: Path, text: str, what: str) -> None:
    (kept / "notes.md").write_text(f"a line\n{text}\n", "utf-8")
    done = look(kept)
    assert (done.returncode, done.stdout) == (1, f"notes.md:2: looks like {what}\n")


def test_phrases_of_a_demonstration_names_and_expressions_are_none(kept: Path) -> None:
    (kept / "notes.py").write_text(
        'DEMO_PASSWORD = "tiers-lieu-demo"\nPASSWORD = "une phrase bien longue"\n'
        f'"publicKeyHex": "{HEX}"\nsha256 = "{HEX}"\nkey = "reminder:12-of-a-day"\n'
        "token = make_token1(12)\npassword=form.password\nsecret = secrets.token_bytes(32)\n"
        'PASSWORD = "${PASSWORD9}"\ntoken="<your token 1>"\nSECRET_KEY=\n',
        "utf-8",
    )
    done = look(kept)
    assert (done.returncode, done.stdout) == (0, "no secret is kept in git\n")


def test_a_secret_beside_test_data_is_found_as_anywhere(kept: Path) -> None:
    (kept / "tests" / "data").mkdir(parents=True)
    (kept / "tests" / "data" / "vector.json").write_text(json.dumps({"d": BASE64}), "utf-8")
    assert look(kept).stdout == "tests/data/vector.json:1: looks like the private part of a JWK\n"


@pytest.fixture
def excused(kept: Path) -> Path:
    """A folder where one secret, and no other, is excused by a piece of its line."""
    (kept / ".ci").mkdir()
    (kept / ".ci" / "known-secrets").write_text(
        '# of a server that is an example\nSMTP_PASSWORD="Blaue\n', "utf-8"
    )
    (kept / "one.env").write_text(f'SMTP_PASSWORD="{PASSWORD}"\n', "utf-8")
    return kept


def test_what_is_excused_by_its_line_is_no_fault_and_excuses_no_other_line(excused: Path) -> None:
    assert look(excused).returncode == 0
    with (excused / "one.env").open("a") as file:
        file.write(f'DB_PASSWORD="{PASSWORD}"\n')
    assert look(excused).stdout == "one.env:2: looks like a password with its value\n"


def test_an_excuse_that_excuses_nothing_any_more_is_reported(excused: Path) -> None:
    (excused / "one.env").write_text("SMTP_HOST=localhost\n", "utf-8")
    done = look(excused)
    assert (done.returncode, done.stdout) == (
        1,
        ".ci/known-secrets:2: excuses nothing any more\n",
    )


def test_an_excuse_says_why_and_is_long_enough_to_mean_one_thing(excused: Path) -> None:
    (excused / ".ci" / "known-secrets").write_text(
        'SMTP_PASSWORD="Blaue\n\n# a reason\nPASSWORD="\n', "utf-8"
    )
    assert look(excused).stdout.splitlines() == [
        "one.env:1: looks like a password with its value",
        ".ci/known-secrets:1: is excused without a reason",
        ".ci/known-secrets:4: is too short to excuse one thing only",
    ]


def test_the_house_keeps_none() -> None:
    done = look(ROOT)
    assert (done.returncode, done.stdout) == (0, "no secret is kept in git\n")
