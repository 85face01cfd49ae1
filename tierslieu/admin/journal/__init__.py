"""The logbook as who runs the place reads it."""
