"""Copies of the whole place, and putting one back."""
