"""Pseudonyms, the research package, disclosure control."""
