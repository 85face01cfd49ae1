"""Moodle's activity completion report: read, and judged by what a path remembers of its activities."""
