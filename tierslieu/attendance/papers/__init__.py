"""Papers made of the roll: sheets to sign, and what says that somebody was there."""
