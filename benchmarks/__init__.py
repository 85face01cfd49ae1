"""Measurements, each beside a peer or a bare floor in the same run: ``make bench``."""
