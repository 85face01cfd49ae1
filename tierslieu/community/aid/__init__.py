"""Mutual aid: groups in which those who follow the same path ask and offer help."""
