"""Rules about the code itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(p for d in ("tierslieu", "courses", "badges") for p in (ROOT / d).rglob("*.py"))
TESTS = sorted(p for p in (ROOT / "tests").rglob("*.py") if "node_modules" not in p.parts)
MAY_COMMIT = {
    "views.py",
    "api.py",
    "jobs.py",
    "commands.py",
    "key_commands.py",
    "cli.py",
    "opening.py",
    "env.py",
    "sender.py",  # commits in slices, for no transaction may be open while a server is slow
}


def test_only_views_jobs_and_commands_commit() -> None:
    committing = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.name not in MAY_COMMIT
        and re.search(r"\b(db|session|session\(\))\.commit\(", path.read_text("utf-8"))
    ]
    assert not committing


def test_no_module_outgrows_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in [*MODULES, *TESTS]
        if (count := len(path.read_text("utf-8").splitlines())) > 400
        and "migrations" not in path.parts
    }
    assert not long


def test_nothing_but_the_clock_reads_the_time() -> None:
    reading = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in MODULES
        if path.name != "clock.py" and "migrations" not in path.parts
        for found in re.finditer(r"datetime\.(now|utcnow|today)\(|date\.today\(", path.read_text())
    ]
    assert not reading


def test_no_address_is_made_of_the_host_that_was_asked_for() -> None:
    """Whoever calls writes it as they like: what leaves the place begins as its settings say."""
    made = [
        str(path.relative_to(ROOT))
        for path in [*MODULES, *(ROOT / "templates").rglob("*.*")]
        if re.search(
            r"_external=[Tt]rue|request\.(url_root|base_url|url)\b", path.read_text("utf-8")
        )
    ]
    assert not made


def test_every_test_file_of_a_test_runs() -> None:
    """A file of tests without its ``test_`` prefix would never run."""
    lost = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if "node_modules" not in path.parts
        and not path.name.startswith("test_")
        and re.search(r"^def test_", path.read_text("utf-8"), re.M)
    ]
    assert not lost


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-test.lock",
        "requirements-docs.lock",
        "tests/interop/audit.lock",
    ],
)
def test_a_lock_file_carries_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "--hash=sha256:" in text
    assert not re.search(r"https?://|--find-links|--index-url", text)


def test_every_setting_is_documented() -> None:
    from tierslieu.settings import PREFIX, VARIABLES

    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert not [name for name in VARIABLES if f"`{PREFIX}{name}`" not in page]


def test_a_mistyped_setting_is_refused_by_name(tmp_path: Path) -> None:
    from tierslieu.settings import BadSetting, read_settings

    with pytest.raises(BadSetting, match="TIERSLIEU_SMPT_URL"):
        read_settings({"TIERSLIEU_INSTANCE": str(tmp_path), "TIERSLIEU_SMPT_URL": "smtp://x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "example.org"),
        ("BASE_URL", "https://example.org/lieu"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DEMO", "yes"),
        ("CONTACT", "the team"),
        ("WORKERS", "0"),
        ("WORKERS", "²"),
        ("BASE_URL", "http://example.org:port"),
        ("BASE_URL", "https://me@example.org"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "smtp://example.org:port"),
        ("MAIL_FROM", "Le lieu <lieu@example.org>"),
        ("PLACE_NAME", "Lieu\nBcc: all@example.org"),
        ("INSTANCE", "/proc/nowhere"),
        ("THREADS", "many"),
        ("PROXIES", "-1"),
    ],
)
def test_a_setting_out_of_shape_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    from tierslieu.settings import BadSetting, read_settings

    with pytest.raises(BadSetting, match=f"TIERSLIEU_{name}"):
        read_settings({"TIERSLIEU_INSTANCE": str(tmp_path), f"TIERSLIEU_{name}": value})
