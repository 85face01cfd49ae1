"""Seats that somebody keeps for colleagues, who answer for themselves."""
