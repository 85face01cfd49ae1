"""Of whom the rules speak now. Gathered from the house: what they say is kept nowhere; in a large
place the names of whom they spoke of are, for a day (``listing.py``).

Nobody is weighed: who has waited longest comes first, and that is all the order there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.attention import Among, AttentionFinding, AttentionRule
from tierslieu.clock import to_local
from tierslieu.house import House
from tierslieu.support.attention.models import PLACE, AttentionPause, AttentionSetting
from tierslieu.support.attention.queries import (
    list_followed,
    list_latest_settings,
    list_living_pauses,
)


@dataclass(frozen=True)
class Standing:
    """A rule as it is set now; ``setting`` None: as the house proposes it."""

    rule: AttentionRule
    is_on: bool
    figures: Mapping[str, int]
    setting: AttentionSetting | None

    @property
    def sentence(self) -> str:
        """The rule in words."""
        return str(self.rule.describe(self.figures))


@dataclass(frozen=True)
class Spoken:
    """What the rules say of one person, the oldest fact first, and what keeps them quiet."""

    user_id: UUID
    findings: Sequence[AttentionFinding]
    pause: AttentionPause | None

    @property
    def since(self) -> datetime:
        """The oldest of the facts."""
        return self.findings[0].at


def read_settings(
    db: Session, house: House
) -> tuple[bool, AttentionSetting | None, list[Standing]]:
    """Whether this place asks after people, who said so, and every rule as it is set."""
    settings = {one.code: one for one in list_latest_settings(db)}
    place = settings.get(PLACE)
    standing = []
    for rule in house.all(AttentionRule):
        setting = settings.get(rule.code)
        told = setting.figures if setting is not None else {}
        # A figure that a newer rule has and the setting not is as the house proposes it.
        figures = {one.name: int(told.get(one.name, one.default)) for one in rule.figures}
        standing.append(Standing(rule, setting is None or setting.is_on, figures, setting))
    return place is None or place.is_on, place, standing


def listen(db: Session, house: House, now: datetime, among: Among = None) -> dict[UUID, Spoken]:
    """What every rule that is on says now, by person; of those alone if some are given. Nothing
    where the place asks after nobody."""
    is_on, _place, standing = read_settings(db, house)
    findings: dict[UUID, list[AttentionFinding]] = defaultdict(list)
    for one in standing if is_on else ():
        if one.is_on:
            for finding in one.rule.find(db, one.figures, now, among):
                findings[finding.user_id].append(finding)
    pauses: dict[UUID, list[AttentionPause]] = defaultdict(list)
    if findings:
        for pause in list_living_pauses(db, among):
            pauses[pause.about_id].append(pause)
    return {
        person_id: Spoken(
            person_id,
            sorted(found, key=lambda one: (one.at, one.sentence)),
            quieted_by(pauses[person_id], found, now),
        )
        for person_id, found in findings.items()
    }


def quieted_by(
    pauses: Sequence[AttentionPause], findings: Sequence[AttentionFinding], now: datetime
) -> AttentionPause | None:
    """What keeps the rules quiet about somebody, the furthest day first; None: nothing does."""
    today = to_local(now).date()
    newest = max(one.at for one in findings)
    dated = [one for one in pauses if one.until is not None and today < one.until]
    if dated:
        return max(dated, key=lambda one: (one.until or today, one.made_at))
    return next((one for one in pauses if one.until is None and newest <= one.made_at), None)


def list_spoken(
    db: Session, house: House, reader_id: UUID, now: datetime
) -> tuple[list[Spoken], list[Spoken]]:
    """Whom this reader may ask after now, and those whom a pause keeps quiet; who has waited
    longest first, then by name."""
    spoken = listen(db, house, now)
    people = list_followed(db, list(spoken), reader_id)
    found = [spoken[person.id] for person in people]
    found.sort(key=lambda one: one.since)
    return [o for o in found if o.pause is None], [o for o in found if o.pause is not None]
