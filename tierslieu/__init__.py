"""The place itself: people, agenda, bookings, surveys, and the roof that composes it all."""
