"""Closed pilots: who belongs to them, and how they are invited."""
