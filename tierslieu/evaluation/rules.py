"""What may be said of a study: its rates, its answers, and the package that leaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.evaluation.admitted import list_admitted, recall_said
from tierslieu.evaluation.anonymity import K, Participant, protect_people
from tierslieu.evaluation.answers import AnsweredSheet, GivenSheet, read_sheets
from tierslieu.evaluation.changes import read_package
from tierslieu.evaluation.disclosure import Hiding, ShownShare, ShownTable, protect_table
from tierslieu.evaluation.free_text.packing import text_tables
from tierslieu.evaluation.kept.queries import list_asked_by
from tierslieu.evaluation.models import PackageDownload, ResearchPackage
from tierslieu.evaluation.package import FILES, Contents, Package, lay_out
from tierslieu.evaluation.queries import (
    SLICE,
    count_people_by_fate,
    list_answered,
    list_consent_versions,
    list_downloads_of,
    list_hashes,
    list_invited_people,
    list_profiles,
    list_sheets,
    list_values,
)
from tierslieu.evaluation.responses import response_tables
from tierslieu.evaluation.tables import PID_VARIABLE, Table, Variable, offered_table
from tierslieu.house import House, ResearchTable
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.models import Audience, Gender
from tierslieu.surveys.instruments.following import map_variables
from tierslieu.surveys.instruments.items import ItemVariable, Questionnaire
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Instrument, Study, Wave
from tierslieu.surveys.pseudonyms import pseudonym, sheet_key
from tierslieu.surveys.queries import find_all_t0, find_instrument
from tierslieu.surveys.studies.queries import list_agreed_texts
from tierslieu.surveys.studies.words import whole_words

AUDIENCES = {
    Audience.TEACHER.value: "Enseigne",
    Audience.CAREER_CHANGER.value: "Se reconvertit vers l’enseignement",
    Audience.GRADUATE_OR_VAE.value: "Diplôme récent ou VAE",
    Audience.ANYBODY.value: "Tout public",
}
GENDERS = {
    Gender.WOMAN.value: "Femme",
    Gender.MAN.value: "Homme",
    Gender.SELF_DESCRIBED.value: "Se décrit autrement",
}
AGE_BANDS = ("15-24", "15-34", "25-34", "35-44", "35-54", "45-54", "55+")


@dataclass(frozen=True)
class WaveRates:
    """Who was asked in a wave and what they did; each person counts once."""

    wave: Wave
    table: ShownTable  # answered, declined, silent

    @property
    def invited(self) -> int | None:
        """How many people were asked; None when too few to say."""
        return self.table.total

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why counts are hidden, each reason once."""
        return self.table.reasons

    @property
    def answered(self) -> ShownShare:
        """Those who answered at least once, of those asked."""
        return ShownShare(self.table.cells[0], self.table.total, self.table.why[0])


def wave_rates(db: Session, wave: Wave) -> WaveRates:
    """The response rate of a wave, small numbers hidden."""
    return WaveRates(wave, protect_table(count_people_by_fate(db, wave.id)))


def write_rates(rates: WaveRates) -> dict[str, Any]:
    """The rates of a wave as JSON: as they may be shown, and nothing else of them."""
    table = rates.table
    return {"total": table.total, "cells": table.cells, "why": [why.value for why in table.why]}


def read_rates(wave: Wave, told: Mapping[str, Any]) -> WaveRates:
    """The rates that were written."""
    why = tuple(Hiding(one) for one in told["why"])
    return WaveRates(wave, ShownTable(told["total"], tuple(told["cells"]), why))


@dataclass(frozen=True)
class Distribution:
    """The answers to one variable: its options and «no answer», each person once, the last
    answer."""

    item: ItemVariable
    labels: tuple[str, ...]
    table: ShownTable

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why cells are hidden, each reason once."""
        return self.table.reasons


def _list_given(
    db: Session,
    waves: Sequence[Wave],
    key: bytes,
    pids: Mapping[UUID, str],
    t0: Mapping[UUID, datetime],
    span: tuple[datetime, datetime] | None = None,
) -> list[GivenSheet]:
    """The sheets these people handed in, in these waves (in [since, until), if ``span`` says so).
    Only the study's key finds whose a sheet is."""
    owners = {
        sheet_key(key, one.invitation_id): one
        for one in list_answered(db, [w.id for w in waves], list(pids))
        if span is None or span[0] <= one.at < span[1]
    }
    given = []
    for sheet in list_sheets(db, sorted(owners)):
        owner = owners[sheet.sheet_key]
        given.append(GivenSheet(sheet, pids[owner.user_id], owner.at, t0[owner.user_id]))
    return given


def _read_answers(
    db: Session, waves: Sequence[Wave], given: Sequence[GivenSheet]
) -> Iterator[AnsweredSheet]:
    """What stands in those sheets, read as it is gone through."""
    return read_sheets(waves, given, lambda keys: list_values(db, keys))


def last_answers(
    db: Session, wave: Wave, key: bytes, span: tuple[datetime, datetime] | None = None
) -> dict[str, Mapping[str, str]]:
    """What each person who consented to research answered in a wave, by pid: their last sheet (of
    [since, until), if ``span`` says so).

    The same people as in the package, and no others: a difference between the two would tell what
    the others answered.
    """
    t0 = find_all_t0(db, list_admitted(db, wave.study))
    found: dict[str, Mapping[str, str]] = {}
    people = sorted(t0)
    for start in range(0, len(people), SLICE):  # so that memory stays bounded
        pids = {
            user_id: pseudonym(key, wave.study_id, user_id)
            for user_id in people[start : start + SLICE]
        }
        last: dict[str, GivenSheet] = {}
        for one in _list_given(db, [wave], key, pids, t0, span):
            other = last.get(one.pid)
            if other is None or (other.at, str(other.sheet.id)) < (one.at, str(one.sheet.id)):
                last[one.pid] = one
        # What stands in the others is not read: there may be ten times as many.
        found |= {one.pid: one.values for one in _read_answers(db, [wave], list(last.values()))}
    return found


def distribute(
    questionnaire: Questionnaire, answers: Sequence[Mapping[str, str]]
) -> list[Distribution]:
    """How many people chose each option of each scale and choice; one of ``answers`` a person."""
    found = []
    for item in questionnaire.variables():
        if not item.options:
            continue
        counted = Counter(values.get(item.name, "") for values in answers)
        counts = [counted.pop(str(option.value), 0) for option in item.options]
        counts.append(sum(counted.values()))
        labels = (*(option.label for option in item.options), str(_("Sans réponse")))
        found.append(Distribution(item, labels, protect_table(counts)))
    return found


def wave_distributions(db: Session, wave: Wave, key: bytes) -> list[Distribution]:
    """How the people who consented to research answered each scale and choice of a wave."""
    questionnaire = read_questionnaire(wave.instrument.content)
    return distribute(questionnaire, list(last_answers(db, wave, key).values()))


def cohort_of(t0: datetime) -> str:
    """The school year, September to August, of a person's day 0: ``2026-2027``."""
    local = clock.to_local(t0)
    first = local.year if local.month >= 9 else local.year - 1
    return f"{first}-{first + 1}"


def _participants_table(
    db: Session,
    pids: Mapping[UUID, str],
    t0: Mapping[UUID, datetime],
    said: Mapping[UUID, Participant],
) -> tuple[Table, dict[UUID, Participant]]:
    """The table, and what it says of each person, of whom ``said`` tells what was said before."""
    profiles = list_profiles(db, list(pids))
    people = []
    for user_id, pid in pids.items():
        profile = profiles.get(user_id)
        people.append(
            Participant(
                pid,
                cohort_of(t0[user_id]),
                profile.audience.value if profile else "",
                profile.gender.value if profile and profile.gender else "",
                profile.age_band.value if profile and profile.age_band else "",
            )
        )
    before = {pid: said[user_id] for user_id, pid in pids.items() if user_id in said}
    told = dict(zip(pids, protect_people(people, before), strict=True))
    protected = sorted(told.values(), key=lambda person: person.pid)
    cohorts = sorted({person.cohort for person in protected} - {""})
    variables = (
        PID_VARIABLE,
        Variable(
            "cohort",
            "string",
            "Cohorte : année scolaire du jour 0",
            categories={year: year for year in cohorts} or None,
        ),
        Variable("audience", "string", "Public", categories=AUDIENCES),
        Variable("gender", "string", "Genre, s’il a été dit", categories=GENDERS),
        Variable(
            "age_band",
            "string",
            "Tranche d’âge, élargie au besoin",
            categories={band: f"{band} ans".replace("+ ans", " ans et plus") for band in AGE_BANDS},
        ),
    )
    rows = tuple((p.pid, p.cohort, p.audience, p.gender, p.age_band) for p in protected)
    return Table("participants", "Personnes", variables, rows, ("pid",)), told


def gather_contents(db: Session, study: Study, key: bytes, house: House, place: str) -> Contents:
    """Everything of a study that may leave, of those whose yes to it stands now and who are
    admitted (:mod:`~tierslieu.evaluation.admitted`).

    Raises :class:`Refused` when fewer than five people consented: each would be recognisable.
    """
    user_ids = list_admitted(db, study)
    t0 = find_all_t0(db, user_ids)
    pids = {user_id: pseudonym(key, study.id, user_id) for user_id in user_ids if user_id in t0}
    if len(pids) < K:
        raise Refused(
            _(
                "Moins de %(count)d personnes ont accepté de prendre part à la recherche : "
                "le paquet les rendrait reconnaissables. Il pourra être préparé plus tard.",
                count=K,
            ),
            code="too_few_participants",
        )
    waves: Sequence[Wave] = study.waves
    wave_ids = [wave.id for wave in waves]
    ordered = sorted(pids.values())
    invited: dict[UUID, set[str]] = defaultdict(set)
    for wave_id, user_id in list_invited_people(db, wave_ids, list(pids)):
        invited[wave_id].add(pids[user_id])
    participants, told = _participants_table(db, pids, t0, recall_said(db, study))
    tables = [
        participants,
        *response_tables(
            waves, _read_answers(db, waves, _list_given(db, waves, key, pids, t0)), invited, ordered
        ),
    ]
    for offer in house.all(ResearchTable):
        rows = offer.rows(db, list(pids))
        table = offered_table(offer.name, offer.label, offer.columns, rows, pids, t0)
        if not table.says_nothing:
            tables.append(table)
    tables += text_tables(db, study, key, list(pids))
    instruments = {wave.instrument.id: wave.instrument for wave in waves}
    return Contents(
        study,
        place,
        tables,
        sorted(instruments.values(), key=lambda one: (one.slug, one.version)),
        _continued(db, list(instruments.values())),
        _consents(db, study, list(pids)),
        told,
    )


def _continued(db: Session, instruments: Sequence[Instrument]) -> dict[UUID, dict[str, str]]:
    """Of each questionnaire that follows a version: its variables, and those they go on."""
    found = {}
    for one in instruments:
        version = one.content.get("follows", {}).get("version")
        older = find_instrument(db, one.slug, version) if version else None
        if older is not None:
            found[one.id] = map_variables(one.content, older.content)
    return found


def _consents(db: Session, study: Study, user_ids: Sequence[UUID]) -> dict[str, str]:
    """The texts these people agreed to, by the name of their file."""
    if study.has_own_consent:
        agreed = list_agreed_texts(db, study.id)
        return {
            f"{study.slug}-v{one.version}.md": (
                f"{whole_words(one.body, allows_texts=one.allows_texts).strip()}\n"
            )
            for one in agreed
        }
    return {
        f"recherche-{version}.md": (FILES / f"consent-recherche-{version}.md").read_text("utf-8")
        for version in list_consent_versions(db, user_ids)
    }


def prepare_package(
    db: Session,
    study: Study,
    key: bytes,
    house: House,
    place: str,
    *,
    now: datetime,
    find_kept: Callable[[str], bytes | None] = lambda _sha256: None,
) -> Package:
    """The package of a study, versioned by year: ``2026.1``, then ``2026.2`` once it differs.

    While nothing has changed, it is the last one again, byte for byte. ``find_kept``: the bytes of
    one that was built, by its hash, to say what changed since.
    """
    contents = gather_contents(db, study, key, house, place)
    local = clock.to_local(now)
    year, midnight = local.year, local.replace(hour=0, minute=0, second=0, microsecond=0)
    new_year = clock.to_utc(midnight.replace(month=1, day=1))
    left = list(dict.fromkeys(list_hashes(db, study.id, new_year)))
    kept = [read_package(one) if (one := find_kept(sha)) else None for sha in left[-2:]]
    with lay_out(contents) as draft:
        if left:
            last = draft.as_proved(f"{year}.{len(left)}", kept[-2] if len(left) > 1 else None)
            if last.sha256 == left[-1]:  # it proved itself when it was built
                return last
        return draft.prove(f"{year}.{len(left) + 1}", kept[-1] if left else None)


def note_download(
    db: Session, package: ResearchPackage, *, user_id: UUID | None, now: datetime
) -> PackageDownload:
    """Write down that a package leaves: which, by whom (None: from the command line), when."""
    download = PackageDownload(
        study_id=package.study_id,
        user_id=user_id,
        at=now,
        participants=package.participants,
        sha256=package.sha256,
    )
    db.add(download)
    db.flush()
    about = {"study": str(package.study_id), "sha256": package.sha256}
    about["title"] = package.study.title
    note(db, Act.PACKAGE_TAKEN, now=now, about=about, actor_id=user_id)
    return download


def erase_downloader(db: Session, user_id: UUID) -> None:
    """Take this person's name off what they asked for and downloaded; that it left stays written
    down."""
    for download in list_downloads_of(db, user_id):
        download.user_id = None
    for package in list_asked_by(db, user_id):
        package.asked_by_id = None
    db.flush()
