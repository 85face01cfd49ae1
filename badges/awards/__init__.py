"""Who has earned what, and every form of it."""
