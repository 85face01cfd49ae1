"""What was done of a path; computed, never stored as a percentage."""
