"""Corrections and additions for the online courses, located to the step."""
