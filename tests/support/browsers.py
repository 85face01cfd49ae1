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

# Of two such lists Chromium heeds the last: what Playwright leaves out, and that each page opened
# makes the frame anew in which it stands, a seventh of all that the browser does.
LEFT_OUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,PreconnectToSearch,RenderDocument"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests of a process: its driver cannot be started twice."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-gpu",
                f"--disable-features={LEFT_OUT}",
            ],
        )
        yield browser
        browser.close()
