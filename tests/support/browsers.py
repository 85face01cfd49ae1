"""Which Chromium drives the journeys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

WHOLE = "/usr/bin/chromium"
"""Chromium as people have it, with its prompts."""

CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE
"""The same engine without a window: a fresh context opens in less than half the time."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests of a process: its driver cannot be started twice."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield browser
        browser.close()
