"""Statements of xAPI, sent by other systems: received once, matched to people, made into steps."""
