"""Setting up a new place: what is asked, and a file of settings with strong secrets."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.settings import PREFIX, BadSetting, read_settings

#: What is asked, in order: option, variable, question.
QUESTIONS = (
    ("name", "PLACE_NAME", "The name of the place"),
    ("url", "BASE_URL", "Its public address (https://…)"),
    ("contact", "CONTACT", "The address people write to"),
    ("smtp", "SMTP_URL", "The mail server (smtp://user:password@host:587; empty: none yet)"),
)


#: Where the data of a place lies: what the environment says of it when the file of settings is
#: written goes into the file, or the units, which read only that, would serve an empty place.
WHEREABOUTS = ("DATABASE_URL", "FILES")


def find_whereabouts() -> dict[str, str]:
    """What the environment says of where the data lies, by variable."""
    names = tuple(PREFIX + name for name in WHEREABOUTS)
    return {k: text for k, text in os.environ.items() if k.startswith(names)}


def check_answer(variable: str, text: str, instance: Path) -> str:
    """The answer, if the settings take it. Raises :class:`BadSetting`."""
    given = {PREFIX + "INSTANCE": str(instance), PREFIX + "SECRET_KEY": "x" * 48}
    read_settings({**given, PREFIX + variable: text})
    if not text and variable != "SMTP_URL":
        raise BadSetting("something must be answered")
    return check_address(text) if variable == "CONTACT" else text


def check_address(text: str) -> str:
    """An e-mail address as it is kept, before anything is written: an account is made for it, or
    people answer to it. Raises :class:`BadSetting`."""
    try:
        return normalise_email(text)
    except BadAddress:
        raise BadSetting(
            f"{text!r} is no e-mail address that every mail server takes (no accent before the @)"
        ) from None


def make_values(instance: Path, answers: Mapping[str, str]) -> dict[str, str]:
    """The settings of a new place, by variable: the answers, and secrets made here."""
    values = {
        "INSTANCE": str(instance),
        **{name: text for name, text in answers.items() if text},
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KEY_PASSPHRASE": secrets.token_urlsafe(32),
        "BACKUP_DIR": str(instance / "backups"),
        "BACKUP_PASSPHRASE": secrets.token_urlsafe(32),
    }
    if answers["BASE_URL"].startswith("https://"):
        values["PROXIES"] = "1"
    return {PREFIX + name: text for name, text in values.items()} | find_whereabouts()


def make_backup_folder(values: Mapping[str, str]) -> None:
    """Where the backups of these settings go, closed to others: nobody makes it for the nightly
    one, since a missing folder may be a disk that is not plugged in."""
    Path(values[PREFIX + "BACKUP_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)


def write_file(path: Path, values: Mapping[str, str]) -> None:
    """Write the file of settings, whole or not at all, for its owner alone. Raises
    FileExistsError: nothing is written over."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = ["# Settings of the place: docs/settings.md. The environment wins over this file.\n"]
    lines.append(
        "# Without the passphrases neither badge keys nor backups open: keep a copy elsewhere.\n"
    )
    lines.append("# BACKUP_DIR is best on another disk.\n")
    for name, text in values.items():
        told = text.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'{name}="{told}"\n')
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a renaming, it fails where there is a file
    finally:
        draft.unlink()
