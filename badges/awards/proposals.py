"""Who may receive which badge now and has not: proposed to the team, badge by badge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.candidate_queries import (
    AwardState,
    list_active,
    list_award_states,
    list_people,
    list_people_seen,
)
from badges.awards.criteria import (
    Assessment,
    Weighed,
    holds,
    lacks_only_judgement,
    put_in_words,
    since,
    weigh_if_near,
)
from badges.awards.facts import Facts, Only
from badges.awards.renewals.queries import Standing
from badges.awards.renewals.terms import PROPOSED_FOR
from badges.awards.renewals.words import say_end
from badges.awards.waiting.models import WaitingKind
from badges.awards.waiting.queries import count_waiting, list_ready_first, list_touched
from badges.awards.waiting.rules import TOUCHED, find_list, find_near
from badges.designs.models import BadgeClass
from badges.designs.queries import list_badges, list_families
from tierslieu.house import House
from tierslieu.nightly.rules import MOST
from tierslieu.people.models import User

SHOWN = 20  # people of one badge, of each kind, on the page of what waits
FEW = 5  # of them where all badges stand together, in a large place


@dataclass(frozen=True)
class Withdrawn:
    """This badge was withdrawn from this person: when, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True)
class Waiting:
    """Somebody for whom a badge waits. ``since``: when the last dated criterion was met;
    ``ends_at``: of the one they have, which ends soon or is over."""

    user_id: UUID
    groups: Sequence[Weighed]
    since: datetime | None
    withdrawn: Withdrawn | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Found:
    """Of one badge: who meets everything, and for whom only a facilitator's word is missing; and
    who has it for not much longer or had it, and meets everything or lacks only that word."""

    badge: BadgeClass
    ready: Sequence[Waiting]
    to_judge: Sequence[Waiting]
    to_renew: Sequence[Waiting]


@dataclass(frozen=True)
class Candidate:
    """A person before a badge, in words."""

    user: User
    found: Assessment
    withdrawn: Withdrawn | None
    end: str = ""  # of the one they have, in words


@dataclass(frozen=True)
class Proposal:
    """One badge of the page: the first people of each kind, and how many there are."""

    badge: BadgeClass
    ready: Sequence[Candidate]
    ready_count: int
    to_judge: Sequence[Candidate]
    to_judge_count: int
    to_renew: Sequence[Candidate]
    to_renew_count: int
    own: bool


def find_waiting(
    db: Session,
    badges: Sequence[BadgeClass],
    house: House,
    *,
    now: datetime,
    among: Sequence[UUID] | None = None,
    only: Only | None = None,
) -> list[Found]:
    """Everybody active for whom one of those badges waits, who waits longest first; of those
    people alone if some are given, and the same of each as among everybody. ``only``: who is
    weighed for some of the badges alone.

    A few queries, however many people and badges. Whom a badge was withdrawn from comes last.
    Facts that were there once stay there: a renewal is proposed apart, and never made by itself.
    """
    people = list_people_seen(db) if among is None else list_active(db, among)
    family = list_families(db)
    states = _states(db, family, {family[badge.id] for badge in badges}, people)
    only = only or {}
    facts = Facts(db, badges, people, house, now=now, only=only)
    found = []
    for badge in badges:
        lists: dict[str, list[Waiting]] = {"ready": [], "to_judge": [], "to_renew": []}
        for user_id in people:
            if user_id in only and badge.id not in only[user_id]:
                continue
            state = states.get((family[badge.id], user_id))
            stands = state is not None and state.revoked_at is None
            if state is not None and stands and not _is_proposed(state.standing, now):
                continue
            groups = weigh_if_near(badge, user_id, facts)
            kind = _kind(groups) if groups else None
            if groups is None or kind is None:
                continue
            waiting = Waiting(user_id, groups, since(groups))
            if state is not None and state.revoked_at is not None:
                gone = Withdrawn(state.revoked_at, state.reason)
                waiting = replace(waiting, withdrawn=gone)
            elif state is not None:
                waiting, kind = replace(waiting, ends_at=state.standing.valid_until), "to_renew"
            lists[kind].append(waiting)
        found.append(
            Found(
                badge,
                _in_order(lists["ready"]),
                _in_order(lists["to_judge"]),
                sorted(lists["to_renew"], key=lambda w: (w.ends_at, w.user_id)),
            )
        )
    return found


def _is_proposed(standing: Standing, now: datetime) -> bool:
    """Whether a renewal is due: who let it go long ago is not put before the team for ever."""
    until = standing.valid_until
    return until is not None and until > now - PROPOSED_FOR and standing.may_be_renewed(now)


def _states(
    db: Session, family: dict[UUID, UUID], wanted: set[UUID], people: Sequence[UUID]
) -> dict[tuple[UUID, UUID], AwardState]:
    """For each badge in whatever version and each person: the one they hold, the longest valid
    of several, or what became of the last one they had."""
    versions = sorted(badge_id for badge_id, own in family.items() if own in wanted)
    found: dict[tuple[UUID, UUID], AwardState] = {}
    for (badge_id, user_id), state in list_award_states(db, versions, people).items():
        known = found.get((family[badge_id], user_id))
        if (
            known is None
            or known.revoked_at is not None
            or (state.revoked_at is None and state.standing.outlasts(known.standing))
        ):
            found[family[badge_id], user_id] = state
    return found


def _kind(groups: Sequence[Weighed]) -> str | None:
    if holds(groups):
        return "ready"
    # Where nothing is met yet, a badge waits for everybody, so for nobody in particular.
    begun = any(answer.is_met for group in groups for answer in group.answers)
    return "to_judge" if begun and lacks_only_judgement(groups) else None


def _in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    return sorted(
        waiting,
        key=lambda w: (
            w.withdrawn is not None,
            w.since is None,
            w.since.timestamp() if w.since else 0,
            w.user_id,
        ),
    )


def list_proposals(
    db: Session, house: House, *, viewer_id: UUID, now: datetime, only: str = ""
) -> list[Proposal]:
    """The page of everything that waits: badges in the order of their names, or that of the slug
    ``only``.

    Nobody is proposed to themselves: their own is only said to be there. In a large place the
    list of the night says whom to judge, and how many more there are (``badges/awards/waiting``).
    """
    badges = [badge for badge in list_badges(db) if only in ("", badge.slug)]
    near, most = None, SHOWN
    large, made_at = find_list(db)
    if large:
        if made_at is None:
            return []
        most = SHOWN if only else FEW
        near = find_near(db, made_at, [badge.id for badge in badges], viewer_id, most)
    among, which = (near.people, near.only) if near else (None, None)
    every = find_waiting(db, badges, house, now=now, among=among, only=which)
    found = [each for each in every if each.ready or each.to_judge or each.to_renew]
    others = [
        [
            [w for w in some if w.user_id != viewer_id]
            for some in (each.ready, each.to_judge, each.to_renew)
        ]
        for each in found
    ]
    shown = {w.user_id for lists in others for some in lists for w in some[:most]}
    people = {person.id: person for person in list_people(db, sorted(shown))} if shown else {}

    def count(badge: BadgeClass, kind: WaitingKind, some: Sequence[Waiting]) -> int:
        return near.count((badge.id, kind), len(some)) if near else len(some)

    return [
        Proposal(
            each.badge,
            _say(ready[:most], people, now),
            count(each.badge, WaitingKind.READY, ready),
            _say(to_judge[:most], people, now),
            count(each.badge, WaitingKind.TO_JUDGE, to_judge),
            _say(to_renew[:most], people, now),
            count(each.badge, WaitingKind.TO_RENEW, to_renew),
            own=len(ready) < len(each.ready),
        )
        for each, (ready, to_judge, to_renew) in zip(found, others, strict=True)
        if ready or to_judge or to_renew or each.ready
    ]


def _say(waiting: Sequence[Waiting], people: dict[UUID, User], now: datetime) -> list[Candidate]:
    return [
        Candidate(
            people[w.user_id],
            put_in_words(w.user_id, w.groups),
            w.withdrawn,
            say_end(w.ends_at, now) if w.ends_at is not None else "",
        )
        for w in waiting
        if w.user_id in people
    ]


def list_ready(
    db: Session, badge: BadgeClass, house: House, *, viewer_id: UUID, now: datetime, most: int
) -> list[UUID]:
    """Who meets all that this badge asks, the longest first and ``most`` at most, but the one who
    asks and those from whom it was withdrawn: these are awarded one by one, knowingly."""
    among: list[UUID] | None = None
    large, made_at = find_list(db)
    if large:
        if made_at is None:
            return []
        first = list_ready_first(db, made_at, badge.id, viewer_id, most)
        among = sorted({*first, *list_touched(db, made_at, TOUCHED)})
    (found,) = find_waiting(db, [badge], house, now=now, among=among)
    ready = [w.user_id for w in found.ready if w.user_id != viewer_id and w.withdrawn is None]
    return ready[:most]


def count_ready(
    db: Session, house: House, *, viewer_id: UUID, now: datetime
) -> list[tuple[BadgeClass, int]]:
    """For how many people each badge waits, renewals included, the most first; badges nobody waits
    for are left out. In a large place, as many as in the list of the night, ``MOST`` at most."""
    badges = list_badges(db)
    large, made_at = find_list(db)
    if large:
        ids = [badge.id for badge in badges]
        totals = count_waiting(db, made_at, ids, viewer_id, with_withdrawn=False) if made_at else {}
        counted = [
            (badge, min(MOST, sum(totals.get((badge.id, kind), 0) for kind in WaitingKind)))
            for badge in badges
        ]
    else:
        counted = [
            (
                found.badge,
                sum(
                    w.user_id != viewer_id and w.withdrawn is None
                    for w in (*found.ready, *found.to_judge, *found.to_renew)
                ),
            )
            for found in find_waiting(db, badges, house, now=now)
        ]
    waiting = [(badge, count) for badge, count in counted if count]
    return sorted(waiting, key=lambda pair: (-pair[1], pair[0].name))
