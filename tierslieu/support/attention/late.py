"""The rule for who is late on a plan, whatever keeps the plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from tierslieu.attention import Among, AttentionFinding, AttentionRule, RuleFigure
from tierslieu.clock import to_local, to_utc
from tierslieu.web.formats import long_day


class Late(Protocol):
    """Something of somebody's plan that was due and is not done."""

    @property
    def user_id(self) -> UUID:
        """Whose plan."""

    @property
    def what(self) -> str:
        """What was to be done, in their words."""

    @property
    def due(self) -> date:
        """By when."""


def late_rule(list_late: Callable[[Session, datetime, Among], Sequence[Late]]) -> AttentionRule:
    """The rule over what ``list_late(db, now, among)`` finds due and not done."""

    def find(
        db: Session, figures: Mapping[str, int], now: datetime, among: Among
    ) -> Sequence[AttentionFinding]:
        before = to_local(now).date() - timedelta(days=figures["days"])
        late: dict[UUID, list[Late]] = defaultdict(list)
        for item in list_late(db, now, among):
            if item.due <= before:
                late[item.user_id].append(item)
        return [_finding(person_id, items) for person_id, items in late.items()]

    return AttentionRule(
        code="late",
        title=_l("En retard sur le plan"),
        figures=(RuleFigure("days", _l("Jours après la date prévue"), 14, 1, 180),),
        describe=lambda figures: ngettext(
            "Une étape du plan convenu ensemble n’est pas faite %(num)s jour après sa date.",
            "Une étape du plan convenu ensemble n’est pas faite %(num)s jours après sa date.",
            figures["days"],
        ),
        find=find,
    )


def _finding(person_id: UUID, items: Sequence[Late]) -> AttentionFinding:
    """What was due first is named; the last to fall due is what is new."""
    items = sorted(items, key=lambda one: (one.due, one.what))
    first = items[0]
    told = str(
        _(
            "En retard sur le plan : « %(what)s », prévu le %(day)s.",
            what=first.what,
            day=long_day(first.due),
        )
    )
    if len(items) > 1:
        told += " " + ngettext(
            "Et %(num)s autre chose.", "Et %(num)s autres choses.", len(items) - 1
        )
    return AttentionFinding(person_id, to_utc(datetime.combine(items[-1].due, time(12))), told)
