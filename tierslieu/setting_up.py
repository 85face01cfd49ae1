"""Setting up a new place: what is asked, and a file of settings with strong secrets."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click

from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.settings import PREFIX, RESTORING, BadSetting, env_file_of, gather, read_settings

#: What is asked, in order: option, variable, question.
QUESTIONS = (
    ("name", "PLACE_NAME", "The name of the place"),
    ("url", "BASE_URL", "Its public address (https://…)"),
    ("contact", "CONTACT", "The address people write to"),
    ("smtp", "SMTP_URL", "The mail server (smtp://user:password@host:587; empty: none yet)"),
)
WHO_RUNS_IT = "The address of who runs it"


#: Where the data of a place lies: what the environment says of it when the file of settings is
#: written goes into the file, or the units, which read only that, would serve an empty place.
WHEREABOUTS = ("DATABASE_URL", "FILES")


def find_whereabouts() -> dict[str, str]:
    """What the environment says of where the data lies, by variable."""
    names = tuple(PREFIX + name for name in WHEREABOUTS)
    return {k: text for k, text in os.environ.items() if k.startswith(names)}


def check_whereabouts(instance: Path) -> None:
    """Told of before anything is asked or written. Raises :class:`BadSetting`."""
    given = {PREFIX + "INSTANCE": str(instance), PREFIX + "SECRET_KEY": "x" * 48}
    read_settings({**given, PREFIX + "KEY_PASSPHRASE": "x" * 48, **find_whereabouts()})


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


def is_terminal() -> bool:
    """Whether somebody can answer."""
    return sys.stdin.isatty()


def is_new() -> bool:
    """Whether nothing is there, and nothing was said but where it will lie: opened so, a place
    would have neither name nor address, and its keys would lie in the clear."""
    instance = Path(os.environ.get(PREFIX + "INSTANCE") or "instance")
    there = ("tierslieu.env", "tierslieu.sqlite", "keys", RESTORING)
    told = {k for k in os.environ if k.startswith(PREFIX)} - find_whereabouts().keys()
    return told <= {PREFIX + "INSTANCE"} and not any((instance / name).exists() for name in there)


def ask(given: Mapping[str, str | None], admin: str | None, env_file: Path | None) -> str | None:
    """Write the file of settings from the options, or from the answers, unless a former run did;
    who runs the place, if that was said."""
    instance = Path(os.environ.get(PREFIX + "INSTANCE") or "instance").resolve()
    path = (env_file or _written() or instance / "tierslieu.env").resolve()
    says = any(given.values())
    if path.exists() or not (says or env_file or is_new()):
        _compare(instance, path, given)
        if env_file:
            _name_file(path)
        return _check(instance, "CONTACT", admin) if admin else None
    is_asking = not says and not admin and is_new()
    missing = [f"--{name}" for name in ("name", "url", "contact") if not given[name]]
    if not is_asking and (missing or not admin):
        wanted = missing + ([] if admin else ["--admin"])
        raise click.UsageError(f"missing: {', '.join(wanted)}")
    try:
        check_whereabouts(instance)
    except BadSetting as error:
        raise click.UsageError(str(error)) from None
    answers = {
        variable: _ask(instance, question, variable, is_needed=option != "smtp")
        if is_asking
        else _check(instance, variable, given[option] or "")
        for option, variable, question in QUESTIONS
    }
    # An address too, and told of before anything is made.
    admin = (
        ask_for_administrator(instance) if is_asking else _check(instance, "CONTACT", admin or "")
    )
    values = make_values(instance, answers)
    write_file(path, values)
    click.echo(f"The settings are in {path}, for its owner alone. Keep a copy elsewhere.")
    if env_file:
        _name_file(path)
    return admin


def _written() -> Path | None:
    try:
        return env_file_of()
    except BadSetting as error:
        raise click.UsageError(str(error)) from None


def _compare(instance: Path, path: Path, given: Mapping[str, str | None]) -> None:
    """The same command again goes on where it was cut short; another would not be heeded."""
    written = gather({PREFIX + "ENV_FILE": str(path)}) if any(given.values()) else {}
    for option, variable, _ in QUESTIONS:
        said = given[option]
        if said and written.get(PREFIX + variable) != _check(instance, variable, said):
            raise click.ClickException(
                f"{path} is there already, and says otherwise than --{option}: change it by hand, "
                "or remove it. Without --name, --url, --contact and --smtp, tierslieu init goes on "
                "with what it says"
            )


def _name_file(path: Path) -> None:
    os.environ[PREFIX + "ENV_FILE"] = str(path)
    click.echo(f"Set {PREFIX}ENV_FILE={path} for the other commands.")


def ask_for_administrator(instance: Path) -> str:
    """The address of who runs the place, as it was answered."""
    return _ask(instance, WHO_RUNS_IT, "CONTACT")


def _ask(instance: Path, question: str, variable: str, *, is_needed: bool = True) -> str:
    default = None if is_needed and is_terminal() else ""
    try:
        return str(
            click.prompt(
                question,
                default=default,
                show_default=False,
                value_proc=partial(_check, instance, variable, is_line=not is_terminal()),
            )
        )
    except click.Abort:
        if is_terminal():
            raise
        raise click.UsageError(
            "nobody answers: say --name, --url, --contact, --admin (and --smtp), or set the "
            "settings of docs/settings.md in the environment; nothing was made"
        ) from None


def _check(instance: Path, variable: str, text: str, *, is_line: bool = False) -> str:
    try:
        return check_answer(variable, text.strip(), instance)
    except BadSetting as error:
        if is_line:  # the next line answers another question
            raise click.ClickException(f"{error}; nothing was made") from None
        raise click.BadParameter(str(error)) from None
