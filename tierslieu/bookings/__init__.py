"""Seats and waiting lists."""
