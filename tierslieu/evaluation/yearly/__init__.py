"""The report of a year: what was done, for whom, what changed; public figures only."""
