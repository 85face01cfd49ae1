"""Reporting a message, and what the team does about it."""
