"""Every night: what is past its term is forgotten, accounts nobody uses are closed after a mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.admin.unused import close_unused, list_unused, warn_unused
from tierslieu.house import House, Job
from tierslieu.house_kept import Retention
from tierslieu.settings import Settings

NIGHTLY = "retention"
UNUSED = "unused_accounts"


def _house() -> House:
    house: House = current_app.extensions["tierslieu.house"]
    return house


def sweep(db: Session, rules: Iterable[Retention], now: datetime) -> dict[str, int]:
    """Forget what is past its term, rule by rule, a slice a transaction; how many of each.

    Killed, it has done whole slices, and goes on from there the next time.
    """
    done = {}
    for rule in rules:
        done[rule.name] = 0
        while count := rule.sweep(db, now):
            db.commit()
            done[rule.name] += count
        db.commit()  # a last look may have let go of locks alone
    return done


def _run(db: Session, now: datetime) -> int:
    nightly = [rule for rule in _house().all(Retention) if rule.job == NIGHTLY]
    return sum(sweep(db, nightly, now).values())


def _close(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    if settings.demo:
        return 0  # its people never come
    found = list_unused(db, _house(), now)
    db.rollback()  # a whole place was read: nobody waits for that
    count = warn_unused(db, found, now)
    db.commit()
    return count + sum(sweep(db, RULES, now).values())


def _close_one(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    return 0 if settings.demo else close_unused(db, _house(), now)


RULES = (
    Retention(
        UNUSED,
        label=_("Comptes que personne n’utilise"),
        term=_("trois ans après le dernier signe, et trente jours après un mail qui l’annonce"),
        sweep=_close_one,
        job=UNUSED,
    ),
)
JOBS = (
    Job(NIGHTLY, timedelta(days=1), _run, lease=timedelta(hours=2)),
    Job(UNUSED, timedelta(days=1), _close, lease=timedelta(hours=2)),
)
