"""Moodle's completion reports: read, and judged by what a path remembers of their activities."""
