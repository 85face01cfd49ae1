"""Badges that end: from when one may be renewed, what becomes of the older one, who is told."""
