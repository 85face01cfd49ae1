"""Series that one follows from end to end: a seat on every date, or on none.

A bundle is nothing but the bookings one person has on the dates of such a series: one a date, all
of one status, made, handed on and given back together. It has no table of its own, so that
whatever reads a booking (roll, reminders, convocation, calendars, one's data) reads these as they
are. It waits as one: its bookings have the same instant in line, and none of them gets a seat
before all do. Once the first date has begun nobody comes in any more, but by the team.

The team may note that somebody misses one date (``Booking.left_out`` says why): the rest stays.

Whoever changes anything of a bundle holds its series first: one at a time. Then, as everywhere,
sessions by their identifier, their seats in the same order, on site before online, and bookings.
"""
