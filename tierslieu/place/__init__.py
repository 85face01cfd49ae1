"""What the place says of itself: its name, where it is, when it is open, what is part of it."""
