"""One badge for many people: a dry run, a confirmation, a job that may be killed at any moment."""
