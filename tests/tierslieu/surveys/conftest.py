"""The place under test in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from tests.support.browsers import CHROMIUM


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The place under test, served on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page() -> Iterator[Callable[..., Page]]:
    """Opens a browser, on a phone unless told otherwise."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield lambda width=360, **more: browser.new_page(
            viewport={"width": width, "height": 780}, locale="fr-FR", **more
        )
        browser.close()
