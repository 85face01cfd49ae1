"""Signing in at a session: by code, by a typed name, seen by the team; chained, countersigned."""
