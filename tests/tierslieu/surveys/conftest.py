"""The place under test in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server


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
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own, on a phone unless told otherwise."""
    pages: list[Page] = []

    def open_one(width: int = 360, **more: Any) -> Page:
        size = {"width": width, "height": 780}
        pages.append(browser.new_page(viewport=size, locale="fr-FR", **more))  # type: ignore[arg-type]
        return pages[-1]

    yield open_one
    for page in pages:
        page.close()
