"""The report of a year: what was done, for whom, what changed, what it cost; public figures."""
