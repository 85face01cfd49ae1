"""Cohorts (*promotions*): those who follow a path together, from when to when, and with whom."""
