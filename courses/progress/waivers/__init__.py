"""Waivers (*dispenses*): a step that somebody need not do, and the reason."""
