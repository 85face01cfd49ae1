"""A real browser before a really served demonstration place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.served import ServedPlace

PASSWORD = "tiers-lieu-demo"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            # A module at a time: each process of the suite serves a place of its own, once, and
            # both have journeys to make.
            item.add_marker(pytest.mark.xdist_group(f"journeys-{item.path.stem}"))


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPlace]:
    """The demonstration place, served for all journeys of this process."""
    served = ServedPlace(tmp_path_factory.mktemp("served"), TIERSLIEU_WORKERS="2")
    try:
        served.wait_until_open()
        yield served
    finally:
        served.close()


@pytest.fixture
def new_page(browser: Browser, place: ServedPlace) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own at this place, on a phone unless told otherwise."""
    contexts: list[BrowserContext] = []

    def open_page(width: int = 360, height: int = 780, *, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=place.url,
            viewport={"width": width, "height": height},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            color_scheme=scheme,  # type: ignore[arg-type]
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        # Nothing a page loads comes from another host.
        page.on("request", lambda r: _same_host(r.url, place.url))
        return page

    yield open_page
    for context in contexts:
        context.close()


def _same_host(url: str, own: str) -> None:
    assert url.startswith((own, "data:", "blob:", "about:")), url


@pytest.fixture
def sign_in(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """A browser in which this demonstration account is signed in, by the ordinary form."""

    def enter(email: str, width: int = 360) -> Page:
        page = new_page(width)
        page.goto("/login")
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", PASSWORD)
        page.locator("form:has(input[name=password]) [type=submit]").first.click()
        expect(page.locator("a.me")).to_be_visible()
        return page

    return enter
