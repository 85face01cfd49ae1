"""Rooms and learning sessions."""
