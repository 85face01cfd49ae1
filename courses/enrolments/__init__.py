"""Who follows what, since when, and why they stopped."""
