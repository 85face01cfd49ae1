"""The people of a session or of a path before one badge: who may have it now, who lacks what.

A session has a few dozen people and a path may have thousands: up to a page of them stand
together; beyond, each list is looked at by itself, page by page.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from badges.awards import candidate_queries
from badges.awards.criteria import Assessment, assess
from badges.awards.desk import house
from badges.awards.renewals.rules import find_holders
from badges.awards.renewals.words import say_end
from badges.designs.models import BadgeClass
from courses.paths.queries import find_path
from tierslieu import clock
from tierslieu.attendance.queries import list_present
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import User
from tierslieu.web.access import current_person
from tierslieu.web.formats import day
from tierslieu.web.paging import PER_PAGE, Page, asked_page

LISTS = ("ready", "to_judge", "missing", "held")
TOGETHER = PER_PAGE  # people: beyond, one list at a time
Person = tuple[User, Assessment]


@dataclass(frozen=True)
class Source:
    """Where the people come from, and each list of them, by name.

    ``ends``: when the badge of those who have one that may be renewed ends, in words. ``own``:
    whether the viewer meets the criteria too, who is never proposed to themselves.
    """

    title: str
    seance: str
    parcours: str
    lists: dict[str, list[Person]]
    ends: dict[UUID, str]
    own: bool

    @property
    def count(self) -> int:
        """How many people there are."""
        return len({user.id for some in self.lists.values() for user, _found in some}) + self.own

    @property
    def new(self) -> list[UUID]:
        """Who may have the badge and has none yet."""
        return [user.id for user, _found in self.lists["ready"] if user.id not in self.ends]


def find_source(badge: BadgeClass, session_id: str, path_slug: str) -> Source | None:
    """Who is at that source, by name; None when none was chosen. Raises :class:`NotYours`."""
    database, now = db.session(), clock.now()
    chosen: UUID | None = None
    ids: Sequence[UUID]
    if session_id:
        try:
            chosen = UUID(session_id)
        except ValueError:
            raise NotYours() from None
        meeting = candidate_queries.find_session(database, chosen)
        if meeting is None:
            raise NotYours()
        ids = list_present(database, chosen)
        title = _("%(title)s, %(day)s", title=meeting.title, day=day(meeting.starts_at))
    elif path_slug:
        path = find_path(database, path_slug)
        if path is None:
            raise NotYours()
        ids, title = candidate_queries.list_followers(database, path.id), path.title
    else:
        return None
    found = assess(database, badge, ids, house(), session_id=chosen)
    holders = find_holders(database, badge.id, ids, now)
    me = current_person().id
    lists: dict[str, list[Person]] = {name: [] for name in LISTS}
    own = False
    for person in candidate_queries.list_people(database, ids):
        its = found[person.id]
        if person.id in holders.held:
            lists["held"].append((person, its))
        elif person.id == me and its.qualifies:
            own = True
        elif its.qualifies:
            lists["ready"].append((person, its))
        elif its.judgements and person.id != me:
            lists["to_judge"].append((person, its))
        else:
            lists["missing"].append((person, its))
    ends = {
        user_id: say_end(older[0].valid_until, now)
        for user_id, older in holders.renewable.items()
        if older[0].valid_until is not None
    }
    return Source(title, session_id, path_slug, lists, ends, own)


def shown(source: Source, chosen: str, begun: Collection[UUID] = ()) -> dict[str, Any]:
    """What of it stands on the page: every list, or the one ``chosen``, page by page; who is
    ``begun`` (something was typed about them) always, wherever the list has moved meanwhile.

    ``lists``: what is shown of each; ``page``: of the chosen one, None where all stand together.
    """
    counts = {name: len(some) for name, some in source.lists.items()}
    if source.count <= TOGETHER:
        return {"source": source, "lists": source.lists, "counts": counts, "page": None}
    if chosen not in LISTS:
        chosen = next((name for name in LISTS if counts[name]), LISTS[0])
    number = asked_page()
    whole = source.lists[chosen]
    items = whole[(number - 1) * TOGETHER : number * TOGETHER]
    here = {user.id for user, _found in items}
    items = [p for p in whole if p[0].id in begun and p[0].id not in here] + items
    return {
        "source": source,
        "lists": {name: items if name == chosen else [] for name in LISTS},
        "counts": counts,
        "chosen": chosen,
        "page": Page(items, number, counts[chosen], TOGETHER),
    }
