"""Giving out beds and meals, and taking them back, under the lock of the house.

Nobody sleeps beside a stranger against their wish: two people share a room when each named the
other, or when both said that they share with anybody. Who wants a room for themselves, or waits for
the one they named, gets one that is empty, and it stays closed to others. A bed that stays empty so
is not sold again: that is the price of the promise.

Beds and meals are counted by statements that the database decides (``taken < beds``), with a CHECK
behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import update
from sqlalchemy.orm import Session

from tierslieu.web.formats import day
from tierslieu.weeks import notices
from tierslieu.weeks.applications.models import (
    ApplicationState,
    Sharing,
    WeekApplication,
)
from tierslieu.weeks.applications.queries import list_sleepers
from tierslieu.weeks.models import BoardingRoom, RoomNight, Week, WeekMeal
from tierslieu.weeks.queries import list_room_nights
from tierslieu.weeks.stays.houses import lock_house
from tierslieu.weeks.stays.wishes import find_partner
from tierslieu.weeks.words import meal_words, night_words

Chosen = dict[date, UUID]  # a room for each night


@dataclass
class Sleeping:
    """The house as it stands: who sleeps where, night by night."""

    rooms: Sequence[BoardingRoom]
    counted: dict[tuple[UUID, date], RoomNight]
    sleepers: dict[tuple[UUID, date], list[WeekApplication]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def free(self, room_id: UUID, night: date) -> int:
        """Beds nobody sleeps in."""
        return self.counted[room_id, night].beds - len(self.sleepers[room_id, night])

    def lift(self, who: WeekApplication, nights: Iterable[date]) -> None:
        """See the house as if this person did not sleep there."""
        for night in nights:
            for room in self.rooms:
                others = self.sleepers[room.id, night]
                self.sleepers[room.id, night] = [one for one in others if one.id != who.id]


def take_stay(db: Session, application: WeekApplication, now: datetime) -> list[str]:
    """A bed for each night and every meal that is wanted; returns what blocks it, in sentences:
    then what was taken is the caller's to undo. The week must be locked. Who moves to be with them
    hears of their new room."""
    week = application.week
    return [*_take_beds(db, week, application, now), *_take_meals(db, week, application)]


def free_stay(
    db: Session,
    application: WeekApplication,
    since: date,
    *,
    nights: Collection[date] | None = None,
) -> None:
    """Give back the beds of the nights, of those alone if they are named, and the meals of the
    days, from ``since`` on."""
    if application.week.house_id is not None:
        lock_house(db, application.week.house_id)
    for one in application.nights:
        is_named = nights is None or one.night in nights
        if one.room_id is not None and one.night >= since and is_named:
            _count_bed(db, one.room_id, one.night, -1)
            one.room_id = None
            db.flush()
            db.expire(one, ["room"])
    for meal in application.meals:
        if meal.is_taken and meal.day >= since:
            db.execute(
                update(WeekMeal)
                .where(
                    WeekMeal.week_id == application.week_id,
                    WeekMeal.day == meal.day,
                    WeekMeal.meal == meal.meal,
                )
                .values(taken=WeekMeal.taken - 1)
                .execution_options(synchronize_session=False)
            )
            meal.is_taken = False
    db.flush()


def look_at_house(db: Session, house_id: UUID, nights: Sequence[date]) -> Sleeping:
    """The house, locked, with these nights counted from now on."""
    locked = lock_house(db, house_id)
    db.expire(locked, ["rooms"])
    rooms = sorted(locked.rooms, key=lambda room: (room.name, room.id))
    ids = [room.id for room in rooms]
    known = {(one.room_id, one.night): one for one in list_room_nights(db, ids, nights)}
    for room in rooms:
        for night in nights:
            if (room.id, night) not in known:
                made = RoomNight(room_id=room.id, night=night, beds=room.beds, taken=0)
                known[room.id, night] = made
                db.add(made)
    db.flush()
    house = Sleeping(rooms, known)
    for one, sleeper in list_sleepers(db, ids, nights):
        assert one.room_id is not None  # they sleep in one of these rooms
        house.sleepers[one.room_id, one.night].append(sleeper)
    return house


def _take_beds(db: Session, week: Week, application: WeekApplication, now: datetime) -> list[str]:
    wanted = [one.night for one in application.nights if one.room_id is None]
    if not wanted:
        return []
    gone = [night for night in wanted if night not in week.nights]
    if gone or week.house_id is None:
        return [_("%(night)s : personne n’est logé", night=night_words(n)) for n in gone or wanted]
    partner = find_partner(db, application)
    is_here = partner is not None and partner.state is ApplicationState.ACCEPTED
    of_partner = [one.night for one in partner.nights] if is_here and partner else []
    house = look_at_house(db, week.house_id, sorted({*wanted, *of_partner}))
    together = _beside(house, application, wanted, partner if is_here else None)
    if together is None and is_here and partner is not None and set(wanted) & set(of_partner):
        moved = _both(house, application, wanted, partner, of_partner)
        if moved is not None:
            for night in of_partner:
                _count_bed(db, _room_of(partner, night), night, -1)
            settle(db, partner, dict.fromkeys(of_partner, moved), is_counted=False)
            notices.tell_moved(db, partner, now)
            together = dict.fromkeys(wanted, moved)
    chosen = together or _anywhere(house, application, wanted, partner)
    blocks = [_say_no_bed(house, night) for night in wanted if night not in chosen]
    if not blocks:
        settle(db, application, chosen, is_counted=False)
    return blocks


def _beside(
    house: Sleeping,
    application: WeekApplication,
    nights: Sequence[date],
    partner: WeekApplication | None,
) -> Chosen | None:
    """The partner's room, where it has a bed for all these nights."""
    if partner is None:
        return None
    theirs = {one.room_id for one in partner.nights if one.room_id is not None}
    for room in house.rooms:
        if room.id in theirs and _takes(house, room, nights, application, partner):
            return dict.fromkeys(nights, room.id)
    return None


def _both(
    house: Sleeping,
    application: WeekApplication,
    nights: Sequence[date],
    partner: WeekApplication,
    of_partner: Sequence[date],
) -> UUID | None:
    """A room for two, where the one who is there already moves to. What each sleeps alone counts
    too: the room is theirs for all their nights. Who has a step-free room keeps to those."""
    theirs = {one.room_id for one in partner.nights}
    is_step_free = any(room.is_step_free for room in house.rooms if room.id in theirs)
    before = {key: list(found) for key, found in house.sleepers.items()}
    house.lift(partner, of_partner)
    for room in sorted(house.rooms, key=lambda room: (room.beds, room.name, room.id)):
        fits = (room.is_step_free or not is_step_free) and all(
            not house.sleepers[room.id, night]
            and house.free(room.id, night) >= (night in nights) + (night in of_partner)
            for night in {*nights, *of_partner}
        )
        if fits:
            return room.id
    house.sleepers.update(before)
    return None


def _anywhere(
    house: Sleeping,
    application: WeekApplication,
    nights: Sequence[date],
    partner: WeekApplication | None,
) -> Chosen:
    """One room for all nights if there is one; else one a night, as long as there is."""
    order = _preference(house, application, nights)
    for room in sorted(house.rooms, key=order):
        if _takes(house, room, nights, application, partner):
            return dict.fromkeys(nights, room.id)
    chosen: Chosen = {}
    for night in nights:
        fitting = [
            room
            for room in sorted(house.rooms, key=order)
            if may_enter(house, room.id, night, application, partner)
        ]
        if fitting:
            stays = [room for room in fitting if room.id in chosen.values()]
            chosen[night] = (stays or fitting)[0].id
    return chosen


def _preference(
    house: Sleeping, application: WeekApplication, nights: Sequence[date]
) -> Callable[[BoardingRoom], tuple[bool, int, int, str, UUID]]:
    """Which room first: the one they have for other nights; then the smallest for who wants to be
    alone, one of two beds for who waits for somebody, the fullest for who shares with anybody, and
    of empty ones the largest."""

    own = {one.room_id for one in application.nights if one.room_id is not None}

    def key(room: BoardingRoom) -> tuple[bool, int, int, str, UUID]:
        there = sum(len(house.sleepers[room.id, night]) for night in nights)
        first, second = {
            Sharing.ALONE: (room.beds, 0),
            Sharing.SOMEBODY: (0 if room.beds == 2 else 1 if room.beds > 2 else 2, room.beds),
            Sharing.ANYBODY: (-there, -room.beds),
        }[application.sharing]
        return room.id not in own, first, second, room.name, room.id

    return key


def _takes(
    house: Sleeping,
    room: BoardingRoom,
    nights: Iterable[date],
    application: WeekApplication,
    partner: WeekApplication | None,
) -> bool:
    return all(may_enter(house, room.id, night, application, partner) for night in nights)


def may_enter(
    house: Sleeping,
    room_id: UUID,
    night: date,
    application: WeekApplication,
    partner: WeekApplication | None,
) -> bool:
    """A bed is free there, and nobody's wish forbids it."""
    return house.free(room_id, night) > 0 and all(
        (partner is not None and other.id == partner.id)
        or (application.sharing is Sharing.ANYBODY and other.sharing is Sharing.ANYBODY)
        for other in house.sleepers[room_id, night]
    )


def _say_no_bed(house: Sleeping, night: date) -> str:
    free = sum(house.free(room.id, night) for room in house.rooms)
    if not free:
        return str(_("%(night)s : plus aucun lit", night=night_words(night)))
    return str(
        ngettext(
            "%(night)s : il reste %(num)s lit, mais dans une chambre que la personne ou celle qui "
            "y dort ne partage pas",
            "%(night)s : il reste %(num)s lits, mais dans des chambres que la personne ou celles "
            "qui y dorment ne partagent pas",
            free,
            night=night_words(night),
        )
    )


def settle(
    db: Session, application: WeekApplication, chosen: Chosen, *, is_counted: bool = True
) -> None:
    """Write where somebody sleeps. ``is_counted``: their beds of before are counted, so freed."""
    for one in application.nights:
        if one.night not in chosen:
            continue
        if is_counted and one.room_id is not None:
            _count_bed(db, one.room_id, one.night, -1)
        _count_bed(db, chosen[one.night], one.night, +1)
        one.room_id = chosen[one.night]
    db.flush()
    for one in application.nights:
        db.expire(one, ["room"])  # looked at before, when it was another or none


def _room_of(application: WeekApplication, night: date) -> UUID:
    found = next(one.room_id for one in application.nights if one.night == night)
    assert found is not None  # they are accepted: each of their nights has a room
    return found


def _count_bed(db: Session, room_id: UUID, night: date, by: int) -> None:
    counted = db.execute(
        update(RoomNight)
        .where(
            RoomNight.room_id == room_id,
            RoomNight.night == night,
            RoomNight.taken + by >= 0,
            RoomNight.taken + by <= RoomNight.beds,
        )
        .values(taken=RoomNight.taken + by)
        .execution_options(synchronize_session=False)
    )
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise RuntimeError("a bed was counted that is not there: the house was not locked")


def _take_meals(db: Session, week: Week, application: WeekApplication) -> list[str]:
    blocks = []
    for one in sorted(application.meals, key=lambda one: (one.day, one.meal.value)):
        if one.is_taken:
            continue
        taken = db.execute(
            update(WeekMeal)
            .where(
                WeekMeal.week_id == week.id,
                WeekMeal.day == one.day,
                WeekMeal.meal == one.meal,
                WeekMeal.taken < WeekMeal.capacity,
            )
            .values(taken=WeekMeal.taken + 1)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount == 1:  # type: ignore[attr-defined]
            one.is_taken = True
        else:
            blocks.append(
                str(
                    _(
                        "%(meal)s du %(day)s : complet",
                        meal=meal_words()[one.meal],
                        day=day(one.day),
                    )
                )
            )
    db.flush()
    return blocks


def find_room_mate(
    db: Session, application: WeekApplication, partner: WeekApplication | None
) -> WeekApplication | None:
    """The one they named and who named them, if both sleep in one room."""
    if partner is None or partner.state is not ApplicationState.ACCEPTED:
        return None
    own = {(one.night, one.room_id) for one in application.nights if one.room_id}
    theirs = {(one.night, one.room_id) for one in partner.nights if one.room_id}
    return partner if own & theirs else None
