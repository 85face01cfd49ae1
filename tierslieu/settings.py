"""Settings: the environment with the prefix ``TIERSLIEU_``, read once, checked at the door.

Every variable stands in ``docs/settings.md``; a test says so.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

PREFIX = "TIERSLIEU_"
RESTORING = "restoring.json"  # lies in the data folder while a restore is at work
VARIABLES = {
    "INSTANCE": "the data folder: database, keys, uploads",
    "ENV_FILE": "a file of settings; default: tierslieu.env in the data folder, if there is one",
    "FILES": "keys, uploads and packages, if several hosts share them; default: the data folder",
    "DATABASE_URL": "SQLite (default, in the instance folder) or PostgreSQL",
    "BASE_URL": "public address; with https the issuer becomes a did:web",
    "SECRET_KEY": "signs sessions and links; made and kept in the instance folder if absent",
    "SMTP_URL": "mail server, smtp[s]://user:password@host:port; required outside a demonstration",
    "MAIL_FROM": "the address mails come from",
    "CONTACT": "the address people write to: at the foot of pages and mails, and for replies",
    "KEY_PASSPHRASE": "encrypts the signing keys at rest",
    "BACKUP_DIR": "where the nightly backups are kept; none are made without it",
    "BACKUP_PASSPHRASE": "seals the backups; keep it elsewhere too: without it they open nowhere",
    "BACKUP_DAILY": "how many nightly backups are kept",
    "BACKUP_WEEKLY": "how many weeks keep their last backup",
    "BACKUP_MONTHLY": "how many months keep their last backup",
    "PLACE_NAME": "the name of the place, on pages, mails and badges",
    "DEMO": "1 makes this a demonstration place: demonstration accounts, mails to a page",
    "WORKERS": "number of web processes",
    "THREADS": "threads in each web process",
    "ATTENDANCE_YEARS": "how long rolls, sheets and signatures keep their names",
    "APPOINTMENTS_EACH": "how many appointments to come a person may have at once",
    "LOG": "how the log is written: plain or json",
    "SLOW_QUERY_MS": "statements that take so many milliseconds are logged; 0: none",
    "PROXIES": "how many proxies of yours stand before the place",
    "METRICS_TOKEN": "opens /metrics to who bears it; without it there is no such page",
    "AID_HIDES_AT": "how many people's reports hide a message of mutual aid until the team looks",
}


class BadSetting(ValueError):
    """A variable is missing or wrong; the message names it and says the mend."""


@dataclass(frozen=True)
class Settings:
    """What one instance of the place is told from outside."""

    instance: Path
    database_url: str
    base_url: str = "http://localhost:8000"
    secret_key: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    contact: str = ""
    key_passphrase: str = field(default="", repr=False)
    backup_dir: Path | None = None
    backup_passphrase: str = field(default="", repr=False)
    backup_daily: int = 7
    backup_weekly: int = 5
    backup_monthly: int = 12
    place_name: str = "tiers-lieu"
    demo: bool = False
    workers: int = 2
    threads: int = 4
    attendance_years: int = 3
    appointments_each: int = 2
    aid_hides_at: int = 3
    log: str = "plain"
    slow_query_ms: int = 0
    metrics_token: str = field(default="", repr=False)
    proxies: int = 0
    shared_files: Path | None = None

    @property
    def files(self) -> Path:
        """Where keys, uploads, packages and papers lie: what every host must see alike."""
        return self.shared_files or self.instance

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: decides on cookies, HSTS and who the issuer is."""
        return self.base_url.startswith("https://")

    @property
    def keys_folder(self) -> Path:
        """Private keys of badges and studies; never in the database."""
        return self.files / "keys"

    @property
    def packages_folder(self) -> Path:
        """Research packages that were built; never served directly."""
        return self.files / "packages"

    @property
    def papers_folder(self) -> Path:
        """Certificates drawn in number, until they are fetched."""
        return self.files / "papers"

    @property
    def uploads_folder(self) -> Path:
        """Files people hand in; never served directly."""
        return self.files / "uploads"


def _number(
    values: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int = 256
) -> int:
    text = values.get(PREFIX + name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise BadSetting(f"{PREFIX}{name} must be a number from {least} to {most}, not {text!r}")
    return int(text)


def _shared_folder(text: str) -> Path | None:
    """It must be there: made anew, it would hide that the shared disk is not mounted."""
    if text and not Path(text).is_dir():
        raise BadSetting(f"{PREFIX}FILES: there is no folder {text}: is it mounted?")
    return Path(text).resolve() if text else None


def _log_kind(kind: str) -> str:
    if kind not in ("plain", "json"):
        raise BadSetting(f"{PREFIX}LOG must be plain or json, not {kind!r}")
    return kind


def _metrics_token(token: str) -> str:
    if token and (len(token) < 24 or not token.isascii() or not token.isprintable()):
        # The value is not repeated: it is a secret.
        raise BadSetting(f"{PREFIX}METRICS_TOKEN must be at least 24 letters and digits")
    return token


def _port(parts: SplitResult) -> int | None:
    """The port of an address; -1 for one that is no port."""
    try:
        return parts.port
    except ValueError:
        return -1


def _mail_server(url: str) -> str:
    """Refused here rather than mail by mail: another address would be taken for localhost."""
    parts = urlsplit(url)
    if url and (
        parts.scheme not in ("smtp", "smtps") or not parts.hostname or _port(parts) in (-1, 0)
    ):
        # The value is not repeated: it may hold a password.
        raise BadSetting(f"{PREFIX}SMTP_URL must be like smtp://user:password@host:587")
    return url


def _one_line(name: str, text: str) -> str:
    if not text.isprintable():
        raise BadSetting(f"{PREFIX}{name} must be one line of text")
    return text


def _kept_secret(instance: Path) -> str:
    """The secret of this instance, made at the first run and readable by its owner alone."""
    path = instance / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_text("ascii").strip()
        if len(secret) < 32:
            raise BadSetting(
                f"{path} is empty or cut short: put it back from a backup, or remove it "
                "(everybody will have to sign in again)"
            ) from None
        return secret
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def env_file_of(values: Mapping[str, str] | None = None) -> Path | None:
    """The file of settings that the environment (or ``values``) leads to; None if there is none.

    Raises :class:`BadSetting` if it is named and missing.
    """
    values = os.environ if values is None else values
    named = values.get(PREFIX + "ENV_FILE", "")
    path = Path(named or Path(values.get(PREFIX + "INSTANCE") or "instance", "tierslieu.env"))
    if path.is_file():
        return path
    if named:
        raise BadSetting(f"{PREFIX}ENV_FILE: there is no file {path}")
    return None


def gather(values: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of the file of settings, and over them those of the environment."""
    values = os.environ if values is None else values
    path = env_file_of(values)
    if path is None:
        return dict(values)
    try:
        written = dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} cannot be read: {type(error).__name__}") from None
    empty = [name for name, text in written.items() if text is None]
    if empty:
        raise BadSetting(f"{path}: {', '.join(sorted(empty))} is followed by no value")
    return {**{k: v or "" for k, v in written.items()}, **values}


def read_settings(
    values: Mapping[str, str] | None = None, *, is_restoring: bool = False
) -> Settings:
    """Settings from the environment (or ``values``) and the file it leads to; makes the instance
    folder if absent.

    Raises :class:`BadSetting` for an unknown or ill-formed variable, and for a place that a restore
    was cut short in, unless it ``is_restoring``: nobody opens half a place.
    """
    values = gather(values)
    unknown = [k for k in values if k.startswith(PREFIX) and k[len(PREFIX) :] not in VARIABLES]
    if unknown:
        raise BadSetting(f"unknown setting {', '.join(sorted(unknown))}: see docs/settings.md")

    def get(name: str, default: str = "") -> str:
        return values.get(PREFIX + name) or default

    instance = Path(get("INSTANCE", "instance")).resolve()
    base_url = get("BASE_URL", "http://localhost:8000").rstrip("/")
    parts = urlsplit(base_url)
    rest = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or rest or _port(parts) == -1:
        raise BadSetting(
            f"{PREFIX}BASE_URL must be like https://example.org, without a path, not {base_url!r}"
        )
    url = get("DATABASE_URL", f"sqlite:///{instance / 'tierslieu.sqlite'}")
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite://", "postgresql+psycopg://")):
        raise BadSetting(f"{PREFIX}DATABASE_URL must begin with sqlite:// or postgresql://")
    demo = get("DEMO", "0")
    if demo not in ("0", "1"):
        raise BadSetting(f"{PREFIX}DEMO must be 0 or 1")
    contact = get("CONTACT", "equipe@example.org" if demo == "1" else "")
    if contact and (contact.count("@") != 1 or not contact.isprintable() or " " in contact):
        raise BadSetting(f"{PREFIX}CONTACT must be one e-mail address, not {contact!r}")
    mail_from = get("MAIL_FROM", f"no-reply@{parts.hostname}")
    if (
        mail_from.count("@") != 1
        or not mail_from.isascii()
        or not mail_from.isprintable()
        or set(mail_from) & set(' <>"')
    ):
        raise BadSetting(f"{PREFIX}MAIL_FROM must be one bare e-mail address, not {mail_from!r}")
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"{PREFIX}INSTANCE: {instance} cannot be made: {error.strerror}") from None
    if (instance / RESTORING).exists() and not is_restoring:
        raise BadSetting(
            f"a restore was cut short in {instance}: run tierslieu restore again, nothing opens "
            "before it is done"
        )
    return Settings(
        instance=instance,
        database_url=url,
        base_url=base_url,
        secret_key=get("SECRET_KEY") or _kept_secret(instance),
        smtp_url=_mail_server(get("SMTP_URL")),
        mail_from=mail_from,
        contact=contact,
        key_passphrase=get("KEY_PASSPHRASE"),
        backup_dir=Path(get("BACKUP_DIR")).resolve() if get("BACKUP_DIR") else None,
        backup_passphrase=get("BACKUP_PASSPHRASE"),
        backup_daily=_number(values, "BACKUP_DAILY", 7),
        backup_weekly=_number(values, "BACKUP_WEEKLY", 5),
        backup_monthly=_number(values, "BACKUP_MONTHLY", 12),
        place_name=_one_line("PLACE_NAME", get("PLACE_NAME", "tiers-lieu")),
        demo=demo == "1",
        workers=_number(values, "WORKERS", 2),
        threads=_number(values, "THREADS", 4),
        attendance_years=_number(values, "ATTENDANCE_YEARS", 3),
        appointments_each=_number(values, "APPOINTMENTS_EACH", 2),
        aid_hides_at=_number(values, "AID_HIDES_AT", 3),
        log=_log_kind(get("LOG", "plain")),
        slow_query_ms=_number(values, "SLOW_QUERY_MS", 0, least=0, most=600_000),
        metrics_token=_metrics_token(get("METRICS_TOKEN")),
        proxies=_number(values, "PROXIES", 0, least=0, most=8),
        shared_files=_shared_folder(get("FILES")),
    )
