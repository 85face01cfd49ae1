"""The place itself: people, agenda, bookings, attendance, surveys, and the roof that composes it all."""
