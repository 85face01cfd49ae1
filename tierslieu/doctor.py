"""What ``tierslieu doctor`` looks at: each thing unsafe or missing by name, with its mend."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.backup.words import WORDS as BACKUP_WORDS
from tierslieu.clockwork import WorkerBeat
from tierslieu.db import POOL_OVERFLOW, db, is_sqlite
from tierslieu.home.health import look_at
from tierslieu.house import Check, House
from tierslieu.place.queries import read_place
from tierslieu.settings import Settings, env_file_of
from tierslieu.store.looking import find_weaknesses
from tierslieu.store.shelf import StoreAway

OLDEST_POSTGRESQL = 15  # the oldest its makers still mend
SHORTEST_SECRET = 32  # characters
RESTORE = "stop the place and restore its last good backup (docs/backup.md)"
MENDS = {
    "migrations": "stop the place and run tierslieu upgrade",
    "worker": "start tierslieu serve, or tierslieu worker",
    "disk": "make room, or move TIERSLIEU_INSTANCE",
    "files": "see that the store answers, and what TIERSLIEU_FILES and its companions say",
    "clock_leap": (
        "set it right; if it is right (the place was closed), an administrator says so under "
        "Administration > Tâches, or run tierslieu retention --clock-is-right"
    ),
    "clock": "have every machine keep time (systemd-timesyncd, chrony)",
}


@dataclass
class Finding:
    """What is wrong, and what cannot be known from here; by name, each a sentence."""

    wrong: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def examine(app: Flask) -> Finding:
    """Look at everything. The database must answer (OperationalError otherwise)."""
    settings: Settings = app.config["TIERSLIEU"]
    found = Finding()
    for name, said in look_at(app, clock.now(), lambda name: None).items():
        found.wrong[name] = f"{said}: {MENDS[name]}" if name in MENDS else said
    if settings.bucket is not None and "files" not in found.wrong:
        found.wrong |= find_weaknesses(settings.bucket)
    if "migrations" not in found.wrong:
        with app.app_context():
            _ask_features(app, db.session(), found)
            if is_sqlite(db.session()):
                _look_at_pages(db.session(), found)
            else:
                _look_at_server(db.session(), settings, found)
    if not settings.demo:
        _look_at_settings(settings, found, _contact(app, settings, found))
        _look_at_files(settings, found)
        found.unknown["backups"] = (
            "this program cannot know whether the backups are also on another disk, nor whether "
            "their passphrase is kept elsewhere: see docs/backup.md"
        )
    return found


def _ask_features(app: Flask, session: Session, found: Finding) -> None:
    house: House = app.extensions["tierslieu.house"]
    for check in house.all(Check):
        try:
            said = None if check.is_vital else check.ask(session, clock.now())
        except StoreAway:  # said once, of the files
            said = None
        if said:
            found.wrong[check.name] = said
        session.rollback()
    if session.get(WorkerBeat, "worker") is None and "worker" in found.wrong:
        # Right after init there is none yet, and nothing is wrong with that; nor a backup.
        del found.wrong["worker"]
        if found.wrong.get("backups") == BACKUP_WORDS["none"][0]:
            del found.wrong["backups"]
        found.unknown["worker"] = f"no worker has begun yet: {MENDS['worker']}"


def _look_at_pages(session: Session, found: Finding) -> None:
    """What a disk or a copy made by other means broke may not be read for months."""
    said = session.scalar(text("PRAGMA quick_check(1)"))
    if said != "ok":
        found.wrong["database"] = f"the file of the database is damaged ({said}): {RESTORE}"


def _look_at_server(session: Session, settings: Settings, found: Finding) -> None:
    number = int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    if number < OLDEST_POSTGRESQL:
        found.wrong["postgresql"] = (
            f"PostgreSQL {number} is mended by nobody: move to {OLDEST_POSTGRESQL} or later"
        )
    there = int(session.scalar(text("SHOW max_connections")) or 0)
    each = settings.threads + 1 + POOL_OVERFLOW
    needed = (settings.workers + 1) * each
    if needed > there - 3:  # three are kept for who mends the server
        found.wrong["connections"] = (
            f"this host may open {needed} connections and PostgreSQL takes {there}: raise "
            "max_connections, or lower TIERSLIEU_WORKERS or TIERSLIEU_THREADS"
        )
    else:
        found.unknown["connections"] = (
            f"PostgreSQL takes {there} connections, and each host like this one may open {needed}: "
            "count your hosts"
        )


def _contact(app: Flask, settings: Settings, found: Finding) -> str:
    """Whom people write to: as the administration says, or else the settings."""
    if "migrations" in found.wrong:
        return settings.contact
    with app.app_context():
        return read_place(db.session(), settings).contact


def _look_at_settings(settings: Settings, found: Finding, contact: str) -> None:
    wrong = found.wrong
    if not settings.is_https:
        wrong["base_url"] = (
            "TIERSLIEU_BASE_URL is not https: passwords travel in the clear and badges will not "
            "carry a did:web; put a proxy with TLS before it (docs/deploy)"
        )
    elif not settings.proxies:
        wrong["proxies"] = (
            "the place is served as https, so behind a proxy, and TIERSLIEU_PROXIES is 0: "
            "everybody seems to come from the proxy; set it to the number of your proxies"
        )
    if not contact:
        wrong["contact"] = (
            "TIERSLIEU_CONTACT is not set: people have nobody to write to, and the accessibility "
            "statement lacks the contact that the law asks for; set it, or under "
            "Administration > Le lieu, to an address that is read"
        )
    if not settings.smtp_url:
        wrong["smtp"] = "TIERSLIEU_SMTP_URL is not set: no mail leaves; set your mail server"
    if not settings.key_passphrase and not ("badge_keys" in wrong and _are_sealed(settings)):
        wrong["keys"] = (
            "TIERSLIEU_KEY_PASSPHRASE is not set: keys lie in the clear; set one and run "
            "tierslieu init"
        )
    secret = settings.secret_key
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 10:
        wrong["secret_key"] = (
            f"TIERSLIEU_SECRET_KEY is short or easy to guess: take {SHORTEST_SECRET} characters "
            "of chance (python3 -c 'import secrets; print(secrets.token_urlsafe(48))')"
        )


def _are_sealed(settings: Settings) -> bool:
    """Whether keys lie under a passphrase that is gone from the settings: that is said already, and
    another would open none of them."""
    shelf = settings.keys
    names = [entry.name for entry in shelf.entries()]
    return any(n.startswith("badges-") and b"ENCRYPTED" in shelf.read(n) for n in names)


def _look_at_files(settings: Settings, found: Finding) -> None:
    secrets = [settings.instance / "secret_key", env_file_of()]
    for path in secrets:
        if path is not None and path.exists() and path.stat().st_mode & 0o077:
            found.wrong["secrets"] = f"{path} can be read by others: run chmod 600 on it"
    for folder in settings.folders:
        if (stray := _find_stray(folder, settings.backup_dir)) is not None:
            found.wrong["owner"] = (
                f"{stray} belongs to another account than {folder}, so that the place may not read "
                f"it: run chown -R --reference={folder} {folder}, and commands as its owner"
            )
        if _may_others_enter(folder):
            found.wrong["data"] = f"{folder} can be entered by others: run chmod o-rwx on it"


def _find_stray(folder: Path, backups: Path | None) -> Path | None:
    """A file whose owner is not that of the folder, as a command run by root leaves it; what lies
    with the backups is read by hand alone."""
    if not folder.exists():
        return None
    owner = folder.stat().st_uid
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(place, name) != backups]
        for name in (*folders, *files):
            with suppress(OSError):  # gone meanwhile
                if (path := Path(place, name)).lstat().st_uid != owner:
                    return path
    return None


def _may_others_enter(folder: Path) -> bool:
    return folder.exists() and bool(folder.stat().st_mode & 0o007)
