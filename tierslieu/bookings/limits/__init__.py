"""A rule that the place may set for who missed sessions without a word: fewer bookings ahead for a
time. Off unless the team sets it, never retroactive, said to the person where they book with its
end, lifted by a facilitator with one tap; the team may always book for them."""
