"""The place is gone: its badges are verified from the archive alone, by tools nobody here wrote."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from badges import commands
from badges.awards import archiving, keys, rules
from badges.awards.models import Award
from badges.engine import status
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.settings import Settings

HERE = Path(__file__).parent
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").is_dir(),
    reason="Node.js or the packages of tests/interop are missing: run make test",
)


@dataclass
class Archive:
    """A folder, and the awards that were made before it."""

    folder: Path
    shared: Award
    private: Award
    revoked: Award


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    return replace(
        make_settings("archive"), instance=tmp_path / "place", base_url="https://lieu.example"
    )


@pytest.fixture
def archive(db: Session, make: Factory, settings: Settings, tmp_path: Path) -> Archive:
    keys.open_keys(db, settings, NOW)
    db.commit()
    team = make.user("facilitator")
    made = []
    for name in ("Ada «\u202fÉtoile\u202f» 🎓", "Privée", "Retirée"):
        award = make_award(db, make.user(name=name), team, keys.load_signer(db, settings))
        if name != "Privée":
            assert award.user_id is not None
            rules.share(db, award.id, award.user_id, now=NOW)
        made.append(award)
    rules.revoke(db, made[2].id, reason="Erreur", now=NOW, actor_id=None)
    db.commit()
    folder = tmp_path / "archive"
    archiving.write(folder, archiving.gather(db, settings, NOW))
    return Archive(folder, *made)


def test_the_archive_holds_what_is_shared_and_nothing_else(archive: Archive) -> None:
    names = {str(path.relative_to(archive.folder)) for path in archive.folder.rglob("*")}
    assert f"credentials/{archive.shared.id}.json" in names
    assert f"credentials/{archive.revoked.id}.json" in names
    everything = b"".join(p.read_bytes() for p in archive.folder.rglob("*") if p.is_file())
    assert str(archive.private.id).encode() not in everything
    assert b"PRIVATE KEY" not in everything
    assert b"example.org" not in everything, "no address of anybody"


def test_the_manifest_names_every_file_and_key(archive: Archive) -> None:
    manifest = json.loads((archive.folder / "manifest.json").read_text("utf-8"))
    files = {
        str(path.relative_to(archive.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in archive.folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest["sha256"] == files
    assert {key["kind"] for key in manifest["keys"]} == set(keys.KINDS)
    assert manifest["issuer"] == "did:web:lieu.example"


def test_the_folder_answers_what_the_place_answered(archive: Archive) -> None:
    asked = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return (archive.folder / address.removeprefix("https://lieu.example/")).read_bytes()

    later = NOW + timedelta(days=3652)
    for suffix in ("json", "rs256.jwt", "es256.jwt"):
        found = (archive.folder / f"credentials/{archive.shared.id}.{suffix}").read_bytes()
        report = verify(found, fetch=fetch, now=NOW + timedelta(days=1))
        assert report.outcome == "valid", [(c.name, c.code) for c in report.checks]
        old = verify(found, fetch=fetch, now=later)
        assert old.check("dates").code == "expired", "ten years on, this one is over"
        assert old.check("proof").outcome == old.check("status").outcome == "passed"
        gone = (archive.folder / f"credentials/{archive.revoked.id}.{suffix}").read_bytes()
        assert verify(gone, fetch=fetch, now=NOW).check("status").code == "revoked"
    assert asked


@pytest.mark.node
@needs_node
def test_somebody_elses_verifier_accepts_the_archive_with_the_server_gone(
    archive: Archive,
) -> None:
    def ask(award: Award, change: Callable[[str], str] = str) -> dict[str, Any]:
        file = archive.folder / f"credentials/{award.id}.json"
        file.write_text(change(file.read_text("utf-8")), "utf-8")
        done = subprocess.run(
            ["node", "archive.mjs", str(archive.folder), file.name, NOW.isoformat()],
            cwd=HERE,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    good = ask(archive.shared)
    assert good["verified"], good
    assert good["revoked"] is False
    assert ask(archive.revoked)["revoked"] is True
    changed = ask(archive.shared, lambda text: text.replace("Étoile", "Étoiles"))
    assert not changed["verified"]


def test_the_guide_followed_to_the_letter_verifies_a_token(
    archive: Archive, tmp_path: Path
) -> None:
    guide = (archive.folder / "README.md").read_text("utf-8")
    recipe = re.search(r"```sh\n# sh badge-check\n(.*?)```", guide, re.DOTALL)
    assert recipe is not None
    manifest = json.loads((archive.folder / "manifest.json").read_text("utf-8"))
    (pem,) = (key["pem"] for key in manifest["keys"] if key["kind"] == "RSA")
    work = tmp_path / "work"
    work.mkdir()
    (work / "KEY.pem").write_text(pem)
    token = (archive.folder / f"credentials/{archive.shared.id}.rs256.jwt").read_text("ascii")
    forged = token[:-20] + ("A" if token[-20] != "A" else "B") + token[-19:]
    for text, verified in ((token, True), (forged, False)):
        (work / "badge.jwt").write_text(text)
        done = subprocess.run(
            ["sh", "-c", recipe[1]],
            cwd=work,
            env={"T": "badge.jwt", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ("Verified OK" in done.stdout) is verified, done
    assert "Étoile" in done.stdout, "the badge is read on the way"


def test_the_bits_are_read_as_the_guide_says(archive: Archive) -> None:
    import base64
    import gzip

    listing = json.loads((archive.folder / "status/1").read_text("utf-8"))
    text = listing["credentialSubject"]["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    index = archive.revoked.status_index
    assert bits[index // 8] >> (7 - index % 8) & 1
    assert sum(byte.bit_count() for byte in bits) == 1
    assert len(bits) * 8 == status.MIN_ENTRIES


def test_an_archive_is_written_from_a_terminal_into_an_empty_folder_only(
    db: Session, app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "open_app", lambda: app)
    monkeypatch.setitem(app.config, "TIERSLIEU", settings)
    folder = tmp_path / "a"
    run = CliRunner().invoke
    nothing = run(commands.badges, ["archive", str(folder)])
    assert nothing.exit_code == 1
    assert "has not opened" in nothing.output
    keys.open_keys(db, settings, NOW)
    db.commit()
    done = run(commands.badges, ["archive", str(folder)])
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"\d+ files in .*\n", done.output)
    again = run(commands.badges, ["archive", str(folder)])
    assert again.exit_code == 1
    assert "not empty" in again.output


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("à garder")
    with pytest.raises(Refused):
        archiving.write(tmp_path, iter([archiving.Document("x", b"")]))
    assert (tmp_path / "x").read_text() == "à garder"
