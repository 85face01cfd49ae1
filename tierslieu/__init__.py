"""The place itself: people, agenda, bookings, surveys, and the roof that composes it all."""

import gc

# Loading makes half a million objects that all stay, and a page some thousands that nearly all go
# by themselves. At Python's own threshold of 700, a quarter of what a command takes to begin went
# into looking for garbage among them.
gc.set_threshold(20_000, 20, 20)
