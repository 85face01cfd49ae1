"""Any order of booking, giving back, switching, changing seats and letting time pass: the place
always does as a simple model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, seats_are_kept
from tierslieu.agenda.models import SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.bookings.changes import change_session
from tierslieu.bookings.holding import held_until, is_frozen, tells_at
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import LINE, find_active, list_offers_over
from tierslieu.bookings.rules import (
    accept,
    claim,
    forget_person,
    pass_on,
    release,
    switch_mode,
)
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE
modes = st.sampled_from(list(SeatMode))
people = st.integers(0, 6)


def machine_of(db: Session, make: Factory) -> type[RuleBasedStateMachine]:
    class Place(RuleBasedStateMachine):
        """A session of two chairs and one seat online; seven people who come and go.

        The model: who sits, in a set, who is offered a seat until when, and who waits, in a list,
        for each mode.
        """

        def __init__(self) -> None:
            super().__init__()
            self.now = NOW
            self.users = [make.user().id for _n in range(7)]
            self.session = make_session(db, onsite=2, online=1)
            self.capacity = {ONSITE: 2, ONLINE: 1}
            self.seated: dict[SeatMode, set[Any]] = {mode: set() for mode in SeatMode}
            self.line: dict[SeatMode, list[Any]] = {mode: [] for mode in SeatMode}
            self.offered: dict[SeatMode, dict[Any, Any]] = {mode: {} for mode in SeatMode}
            self.mails = self.count_mails()
            self.morning: dict[Any, Any] = {}  # whose mail about a seat leaves later, and when

        def count_mails(self) -> int:
            return len(db.scalars(select(OutboxMessage.id)).all())

        def tick(self) -> None:
            self.now += timedelta(seconds=1)

        def mode_of(self, user: Any) -> SeatMode | None:
            return next(
                (
                    mode
                    for mode in SeatMode
                    if user in self.seated[mode]
                    or user in self.line[mode]
                    or user in self.offered[mode]
                ),
                None,
            )

        def taken(self, mode: SeatMode) -> int:
            return len(self.seated[mode]) + len(self.offered[mode])

        def overtake(self, user: Any) -> None:
            """Something is said to this person now: what waits for the morning is not said."""
            if self.morning.pop(user, self.now) > self.now:
                self.mails -= 1

        def forget(self, user: Any) -> None:
            self.overtake(user)
            for mode in SeatMode:
                self.seated[mode].discard(user)
                self.offered[mode].pop(user, None)
                if user in self.line[mode]:
                    self.line[mode].remove(user)

        def promote(self, mode: SeatMode) -> int:
            promoted = 0
            while self.line[mode] and self.taken(mode) < self.capacity[mode]:
                first = self.line[mode].pop(0)
                if is_frozen(self.session.starts_at, self.now):
                    until = held_until(self.session.starts_at, self.now)
                    self.offered[mode][first] = until
                else:
                    self.seated[mode].add(first)
                self.morning[first] = tells_at(self.session.starts_at, self.now)
                promoted += 1
            return promoted

        def pass_on(self) -> int:
            """What the job does, for this session alone: others' orders left theirs behind."""
            over = db.scalars(
                select(Booking.id)
                .where(
                    Booking.session_id == self.session.id,
                    Booking.id.in_(list_offers_over(db, self.now, 1000)),
                )
                .order_by(Booking.offered_until, Booking.id)
            ).all()
            for booking_id in over:
                assert pass_on(db, booking_id, now=self.now)
                db.commit()
            return len(over)

        @rule(hours=st.sampled_from([0.2, 1, 3, 12, 40]))
        def wait(self, hours: float) -> None:
            """Time passes, not beyond the start; what is over passes on."""
            if self.now + timedelta(hours=hours) >= self.session.starts_at - timedelta(minutes=30):
                return
            self.now += timedelta(hours=hours)
            while True:
                over = [
                    (until, mode, user)
                    for mode in SeatMode
                    for user, until in self.offered[mode].items()
                    if until <= self.now
                ]
                assert self.pass_on() == len(over)
                if not over:
                    return
                for _until, mode, user in over:
                    del self.offered[mode][user]
                    self.mails += 1
                self.mails += sum(self.promote(mode) for mode in SeatMode)

        @rule(person=people)
        def take_what_is_offered(self, person: int) -> None:
            self.tick()
            user = self.users[person]
            held = find_active(db, self.session.id, user)
            mode = next((m for m in SeatMode if user in self.offered[m]), None)
            if mode is None or self.offered[mode][user] <= self.now:
                if held is not None:
                    with pytest.raises(Refused):
                        accept(db, held.id, now=self.now)
                    db.rollback()
                return
            assert held is not None
            accept(db, held.id, now=self.now)
            db.commit()
            self.overtake(user)
            del self.offered[mode][user]
            self.seated[mode].add(user)
            self.mails += 1

        @rule(person=people)
        def switch(self, person: int) -> None:
            self.tick()
            user = self.users[person]
            mode, held = self.mode_of(user), find_active(db, self.session.id, user)
            if mode is None or held is None:
                return
            other = ONLINE if mode is ONSITE else ONSITE
            is_free, waits = self.taken(other) < self.capacity[other], user in self.line[mode]
            if not is_free and not waits:
                with pytest.raises(Refused) as refusal:
                    switch_mode(db, held.id, other, now=self.now, actor_id=user)
                assert refusal.value.code == "full"
                db.rollback()
                return
            switch_mode(db, held.id, other, now=self.now, actor_id=user)
            db.commit()
            self.forget(user)
            if is_free:
                self.seated[other].add(user)
            else:
                self.line[other].append(user)
            self.mails += 1 + self.promote(mode)

        @rule(person=people, mode=modes)
        def book(self, person: int, mode: SeatMode) -> None:
            self.tick()
            user = self.users[person]
            if self.mode_of(user) is not None:
                with pytest.raises(Refused) as refusal:
                    claim(db, self.session.id, user, mode, now=self.now)
                assert refusal.value.code == "already_booked"
                db.rollback()
                return
            booking = claim(db, self.session.id, user, mode, now=self.now)
            db.commit()
            has_seat = self.taken(mode) < self.capacity[mode]
            assert (booking.status is BookingStatus.CONFIRMED) == has_seat
            if has_seat:
                self.seated[mode].add(user)
            else:
                self.line[mode].append(user)
            self.mails += 1

        @rule(person=people)
        def give_back(self, person: int) -> None:
            self.tick()
            user = self.users[person]
            mode = self.mode_of(user)
            held = find_active(db, self.session.id, user)
            assert (held is None) == (mode is None)
            if held is None or mode is None:
                return
            had_seat = user in self.seated[mode] or user in self.offered[mode]
            expected = self.line[mode][0] if had_seat and self.line[mode] else None
            promoted = release(db, held.id, now=self.now, actor_id=user)
            assert (promoted.user_id if promoted else None) == expected
            db.commit()
            self.forget(user)
            self.mails += 1 + self.promote(mode)

        @rule(onsite=st.integers(1, 4), online=st.integers(1, 3))
        def change_seats(self, onsite: int, online: int) -> None:
            self.tick()
            plan = Plan(
                self.session.title,
                self.session.starts_local,
                self.session.ends_local,
                room_id=self.session.room_id,
                onsite=min(onsite, self.session.room.places),
                online=online,
                online_link=self.session.online_link,
            )
            wanted = {ONSITE: plan.onsite or 0, ONLINE: online}
            if any(wanted[m] < self.taken(m) for m in SeatMode):
                with pytest.raises(Refused) as refusal:
                    change_session(db, self.session.id, plan, now=self.now)
                assert refusal.value.code == "seats_taken"
                db.rollback()
                return
            change_session(db, self.session.id, plan, now=self.now)
            db.commit()
            self.capacity = wanted
            self.mails += sum(self.promote(mode) for mode in SeatMode)

        @precondition(lambda self: any(self.seated.values()))
        @rule(person=people)
        def close_an_account(self, person: int) -> None:
            self.tick()
            user = self.users[person]
            forget_person(db, user, self.now)
            db.commit()
            self.forget(user)
            self.mails += sum(self.promote(mode) for mode in SeatMode)

        @invariant()
        def the_place_does_as_the_model(self) -> None:
            seats_are_kept(db, self.session)
            for mode in SeatMode:
                found = db.scalars(
                    select(Booking)
                    .where(Booking.session_id == self.session.id, Booking.mode == mode)
                    .order_by(*LINE)
                ).all()
                seated = {b.user_id for b in found if b.status is BookingStatus.CONFIRMED}
                line = [b.user_id for b in found if b.status is BookingStatus.WAITING]
                offered = {
                    b.user_id: b.offered_until for b in found if b.status is BookingStatus.OFFERED
                }
                assert (seated, line) == (self.seated[mode], self.line[mode])
                assert offered == self.offered[mode]
            assert self.count_mails() == self.mails, "one mail at each turn, no more"
            db.rollback()

    return Place


def test_any_order_of_events_keeps_every_seat_and_every_rank(db: Session, make: Factory) -> None:
    run_state_machine_as_test(
        machine_of(db, make),
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),  # a failure is told at once; the proof looks for the shortest
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.proof
def test_many_more_orders_of_events_do_too(db: Session, make: Factory) -> None:
    run_state_machine_as_test(
        machine_of(db, make),
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
