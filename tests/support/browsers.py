"""Which Chromium drives the journeys."""

from __future__ import annotations

import shutil

WHOLE = "/usr/bin/chromium"
"""Chromium as people have it, with its prompts."""

CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE
"""The same engine without a window: a fresh context opens in less than half the time."""
