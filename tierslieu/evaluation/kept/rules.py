"""Asking for a package, building it outside of any transaction, keeping it, handing it over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.kept.queries import (
    find_asked,
    find_next,
    find_package,
    list_built,
    list_holding,
    list_living,
    list_with_others,
    list_with_withdrawn_texts,
)
from tierslieu.evaluation.models import PackageParticipant, PackageState, ResearchPackage
from tierslieu.evaluation.package import Package
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.store.shelf import Shelf
from tierslieu.surveys.models import Study
from tierslieu.surveys.studies.queries import participants_of

LEASE = timedelta(minutes=10)  # a worker that was killed at one keeps it so long
STALE_AFTER = timedelta(hours=1)  # a part nobody wrote to since: its worker was killed


def ask_package(
    db: Session, study_id: UUID, *, user_id: UUID | None, now: datetime
) -> ResearchPackage:
    """Ask for the package of those who consent when it is built; whoever asks meanwhile waits for
    the same one."""
    lock_for_writing(db)
    study = db.get(Study, study_id)
    if study is None:
        raise NotYours
    if study.opened_at is None:
        raise Refused(_("Cette étude n’est pas ouverte : il n’y a rien à préparer."), code="draft")
    asked = find_asked(db, study_id)
    if asked is not None:
        return asked
    package = ResearchPackage(study_id=study_id, asked_by_id=user_id, asked_at=now)
    try:
        with db.begin_nested():
            db.add(package)
    except IntegrityError:  # somebody asked at the same instant
        found = find_asked(db, study_id)
        assert found is not None
        return found
    note(
        db,
        Act.PACKAGE_ASKED,
        now=now,
        about={"study": str(study_id), "title": study.title},
        actor_id=user_id,
    )
    return package


def lease_package(db: Session, now: datetime) -> ResearchPackage | None:
    """The next one to build, for this worker alone; commit, then build."""
    lock_for_writing(db)
    found = find_next(db, now)
    if found is not None:
        found.leased_until = now + LEASE
        db.flush()
    return found


def package_file(sha256: str) -> str:
    """The name of the file of a package."""
    return f"{sha256}.zip"


def store_package(shelf: Shelf, package: Package) -> None:
    """Write its bytes, whole or not at all; those that are there already are the same."""
    if read_stored(shelf, package.sha256) is None:
        shelf.write(package_file(package.sha256), package.content)


def read_stored(shelf: Shelf, sha256: str) -> bytes | None:
    """The bytes of a package; None when its file is gone, or is not what was built any more."""
    try:
        content = shelf.read(package_file(sha256))
    except FileNotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _asked(db: Session, package_id: UUID) -> ResearchPackage | None:
    lock_for_writing(db)
    found = db.get(ResearchPackage, package_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.state is PackageState.ASKED else None


def record_built(db: Session, package_id: UUID, package: Package, *, now: datetime) -> None:
    """It is there, its bytes stored before, and it is written down whose data it holds. What
    another worker finished stays as it is."""
    found = _asked(db, package_id)
    if found is not None:
        found.state, found.decided_at, found.leased_until = PackageState.BUILT, now, None
        found.name, found.sha256 = package.name, package.sha256
        found.size, found.participants = len(package.content), package.participants
        for user_id in list_living(db, list(package.people)):
            said = asdict(package.people[user_id]) | {"pid": ""}  # what it says, not of which code
            db.add(PackageParticipant(package_id=package_id, user_id=user_id, said=said))
        db.flush()


def record_refused(db: Session, package_id: UUID, problem: str, *, now: datetime) -> None:
    """It could not be built, and why."""
    found = _asked(db, package_id)
    if found is not None:
        found.state, found.decided_at, found.leased_until = PackageState.REFUSED, now, None
        found.problem = problem
        db.flush()


def open_package(db: Session, shelf: Shelf, package_id: UUID) -> tuple[ResearchPackage, bytes]:
    """A package and its bytes, which are what was built.

    Raises :class:`NotYours`; :class:`Refused` ``package_refused`` (it says why), ``not_built``,
    ``participant_left``, ``package_lost`` (its file is gone, or was changed).
    """
    found = find_package(db, package_id)
    if found is None:
        raise NotYours
    if found.state is PackageState.REFUSED:
        raise Refused(found.problem, code="package_refused")
    if found.state is PackageState.ASKED:
        raise Refused(_("Ce paquet se prépare encore : revenez dans un instant."), code="not_built")
    if found.id in list_held_back(db, found.study, [found]):
        raise Refused(
            _(
                "Une personne dont ce paquet contient les données a repris son accord ou les a "
                "fait effacer, ou la coordination a repris le sien pour des réponses écrites : il "
                "ne sort plus. Préparez-en un autre."
            ),
            code="participant_left",
            status=410,
        )
    content = read_stored(shelf, found.sha256)
    if content is None:
        raise Refused(
            _(
                "Le fichier de ce paquet n’est plus là, ou n’est plus le même : il ne sort pas. "
                "Prévenez l’administration, et préparez-en un autre."
            ),
            code="package_lost",
            status=410,
        )
    return found, content


def list_held_back(db: Session, study: Study, packages: Sequence[ResearchPackage]) -> set[UUID]:
    """Those of these packages of a study that leave no more: somebody in them takes part no more,
    or is forgotten, or the coordination took back its agreement to free texts in them."""
    ids = [one.id for one in packages]
    left = list_with_others(db, ids, participants_of(db, study))
    left |= list_with_withdrawn_texts(db, ids)
    return {one.id for one in packages if one.forgotten_at is not None or one.id in left}


def forget_in_packages(
    db: Session, user_id: UUID, study_id: UUID | None = None, *, now: datetime
) -> None:
    """Somebody has their data erased: no package that holds any (of this study, or of all) leaves
    again, and its file is erased."""
    for package in list_holding(db, user_id, study_id):
        package.forgotten_at = package.forgotten_at or now
    db.flush()


def sweep_drafts(shelf: Shelf, now: datetime) -> int:
    """Erase what a killed worker left half written, for it holds what people answered; gives how
    many files."""
    count = 0
    for entry in list(shelf.entries(drafts=True)):
        if entry.is_draft and now - entry.changed_at > STALE_AFTER:
            shelf.delete(entry.name)
            count += 1
    return count


def erase_forgotten(db: Session, shelf: Shelf) -> int:
    """Erase the files that hold data of somebody who had theirs erased; gives how many."""
    gone: set[str] = set()
    kept: set[str] = set()
    for package in list_built(db):
        (kept if package.forgotten_at is None else gone).add(package.sha256)
    erased = 0
    for sha256 in gone - kept:
        name = package_file(sha256)
        if shelf.has(name):
            shelf.delete(name)
            erased += 1
    return erased
