"""Settings: the environment with the prefix ``TIERSLIEU_``, read once, checked at the door.

Every variable stands in ``docs/settings.md``; a test says so.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from tierslieu.database_address import BadDatabaseAddress, read_database_address
from tierslieu.store.addresses import BadAddress, is_bucket, read_bucket
from tierslieu.store.buckets import Bucket, BucketShelf
from tierslieu.store.folders import FolderShelf
from tierslieu.store.sealing import SealedShelf
from tierslieu.store.shelf import Shelf

PREFIX = "TIERSLIEU_"
RESTORING = "restoring.json"  # lies in the data folder while a restore is at work
VARIABLES = {
    "INSTANCE": "the data folder: database, keys, uploads",
    "ENV_FILE": "a file of settings; default: tierslieu.env in the data folder, if there is one",
    "FILES": "keys, uploads, packages and papers, if several hosts share them: a folder, or "
    "s3://bucket/path; default: the data folder",
    "FILES_ENDPOINT": "the address of the store of that bucket; default: Amazon's",
    "FILES_REGION": "the region of that bucket",
    "FILES_KEY_ID": "who this place is at the store; default: what AWS_ACCESS_KEY_ID says",
    "FILES_SECRET": "the secret of FILES_KEY_ID",
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
    "SENTRY_DSN": "a Sentry that is told of failures, by class and place alone; none without it",
    "LEAKED_PASSWORDS": "a list of passwords that leaked, none of which is taken: an address or a "
    "folder of its ranges; none without it",
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
    sentry_dsn: str = field(default="", repr=False)
    leaked_passwords: str = ""
    proxies: int = 0
    shared_files: Path | None = None
    bucket: Bucket | None = None  # instead of shared_files

    @property
    def folders(self) -> set[Path]:
        """The folders of this machine that hold data of the place."""
        return {self.instance} | ({self.shared_files} if self.shared_files else set())

    @property
    def files_at(self) -> str:
        """Where the files of the place lie, to tell one place from another; no secret."""
        if self.bucket is not None:
            return f"{self.bucket.endpoint} {self.bucket.name} {self.bucket.prefix}"
        return str((self.shared_files or self.instance).resolve())

    def _shelf(self, kind: str) -> Shelf:
        """What every host must see alike."""
        if self.bucket is not None:
            return BucketShelf(self.bucket, kind)
        return FolderShelf((self.shared_files or self.instance) / kind)

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: decides on cookies, HSTS and who the issuer is."""
        return self.base_url.startswith("https://")

    @property
    def keys(self) -> Shelf:
        """Private keys of badges and studies; never in the database, nor in the clear in a
        bucket."""
        shelf = self._shelf("keys")
        return shelf if self.bucket is None else SealedShelf(shelf, self.key_passphrase)

    @property
    def packages(self) -> Shelf:
        """Research packages that were built; never served directly."""
        return self._shelf("packages")

    @property
    def papers(self) -> Shelf:
        """Certificates drawn in number, until they are fetched."""
        return self._shelf("papers")

    @property
    def uploads(self) -> Shelf:
        """Files people hand in; never served directly."""
        return self._shelf("uploads")


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
    if is_bucket(text):
        return None
    if text and not Path(text).is_dir():
        raise BadSetting(f"{PREFIX}FILES: there is no folder {text}: is it mounted?")
    return Path(text).resolve() if text else None


def _bucket(values: Mapping[str, str]) -> Bucket | None:
    """The bucket that holds the files; with it the keys must have a passphrase, for they lie with
    somebody else."""
    try:
        bucket = read_bucket(values, PREFIX)
    except BadAddress as error:
        raise BadSetting(str(error)) from None
    if bucket is not None and not values.get(PREFIX + "KEY_PASSPHRASE"):
        raise BadSetting(
            f"{PREFIX}FILES is a bucket, where keys lie encrypted: set {PREFIX}KEY_PASSPHRASE"
        )
    return bucket


def _log_kind(kind: str) -> str:
    if kind not in ("plain", "json"):
        raise BadSetting(f"{PREFIX}LOG must be plain or json, not {kind!r}")
    return kind


def _metrics_token(token: str) -> str:
    if token and (len(token) < 24 or not token.isascii() or not token.isprintable()):
        # The value is not repeated: it is a secret.
        raise BadSetting(f"{PREFIX}METRICS_TOKEN must be at least 24 letters and digits")
    return token


def _sentry(dsn: str) -> str:
    try:
        parts = urlsplit(dsn)
        is_near = parts.hostname in ("localhost", "127.0.0.1", "::1")
        is_sound = parts.scheme == "https" or (parts.scheme == "http" and is_near)
        project = parts.path.rpartition("/")[2]
        is_whole = parts.username and parts.hostname and parts.port != 0 and project.isdecimal()
    except ValueError:  # no host, no port
        is_sound = is_whole = False
    if dsn and not (is_sound and is_whole):
        # The value is not repeated: its key lets one write there.
        raise BadSetting(f"{PREFIX}SENTRY_DSN must be an address as https://KEY@HOST/NUMBER")
    if dsn and find_spec("sentry_sdk") is None:
        raise BadSetting(
            f"{PREFIX}SENTRY_DSN needs a library more: pip install 'tierslieu[sentry]'"
        )
    return dsn


def _leaked_passwords(at: str) -> str:
    """An address to put the beginning of a range behind, or a folder that is there."""
    if at.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        return at.rstrip("/") + "/"
    if at and not Path(at).is_dir():
        raise BadSetting(
            f"{PREFIX}LEAKED_PASSWORDS must be an address as https://HOST/range, or a folder that "
            f"is there, not {at!r}"
        )
    return str(Path(at).resolve()) if at else ""


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


def _kept_secret(instance: Path, *, is_restoring: bool) -> str:
    """The secret of this instance, made at the first run and readable by its owner alone."""
    path = instance / "secret_key"
    has_place = any(instance.glob("keys/badges-*")) or (instance / "tierslieu.sqlite").exists()
    if has_place and not path.exists() and not is_restoring:
        raise BadSetting(
            f"{PREFIX}SECRET_KEY is not set and there is no file {path}, though a place is here: "
            "under another secret no password is right. Put it back as tierslieu.env or a backup "
            "(secret_key) has it; if it is lost, write 48 characters of chance into that file, and "
            "everybody asks for a new password by mail"
        )
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
    secret = secrets.token_urlsafe(48)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
    except OSError:  # a full disk: nothing cut short stays, which the next beginning would refuse
        path.unlink()
        raise
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
    try:
        url = read_database_address(
            get("DATABASE_URL", f"sqlite:///{instance / 'tierslieu.sqlite'}")
        )
    except BadDatabaseAddress as error:
        raise BadSetting(f"{PREFIX}DATABASE_URL {error}") from None
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
        secret_key=get("SECRET_KEY") or _kept_secret(instance, is_restoring=is_restoring),
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
        sentry_dsn=_sentry(get("SENTRY_DSN")),
        leaked_passwords=_leaked_passwords(get("LEAKED_PASSWORDS")),
        proxies=_number(values, "PROXIES", 0, least=0, most=8),
        shared_files=_shared_folder(get("FILES")),
        bucket=_bucket(values),
    )
