"""Filling a base from a CSV file: what it would do, line by line, then doing it once."""
