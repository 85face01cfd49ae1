"""Intensive weeks: a programme by half-days and a stay, applied for and chosen."""
