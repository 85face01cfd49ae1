"""Certificates of one badge drawn in number, for the team to hand over on paper."""
