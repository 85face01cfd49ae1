"""``make lint`` finds a secret that was committed, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (make_key(), "a private key"),
        ("token = 'tl_" + "Ab3_" * 10 + "'", "an access key of a place"),
        ("smtp://lieu:" + "correcthorse" + "@mail.lieu.fr:587", "a password in an address"),
        ("TIERSLIEU_SECRET_KEY=" + "q7" * 20, "a setting with its secret"),
        ("AGE-SECRET-" + "KEY-1" + "QPZRY9X8GF" * 5 + "Q7", "a key of age"),
    ],
    ids=["key", "token", "address", "setting", "age"],
)
def test_a_secret_in_a_file_is_found_and_not_repeated(tmp_path: Path, text: str, what: str) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "notes.md").write_text(f"a line\n{text}\n", "utf-8")
    done = look(tmp_path)
    assert done.returncode == 1
    assert done.stdout == f"notes.md:2: looks like {what}\n"


def test_the_house_keeps_none() -> None:
    done = look(ROOT)
    assert (done.returncode, done.stdout) == (0, "no secret is kept in git\n")
