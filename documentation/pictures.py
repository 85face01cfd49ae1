"""Take the pictures of the first steps from a demonstration place: ``make docs-pictures``.

Each is one window of a phone or of a desk, always of the same size; tests/journeys holds that the
words its page of documentation cites are still on the page it shows.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
PASSWORD = "tiers-lieu-demo"  # noqa: S105 - public on purpose, in demonstrations only
DESK, PHONE = (960, 640), (390, 700)


@dataclass(frozen=True)
class Picture:
    """What is shown: the window of one account of the demonstration, or of a visitor."""

    name: str
    pages: tuple[str, ...]  # of docs/, that show it and cite its words
    path: str
    account: str = ""
    size: tuple[int, int] = DESK
    tongue: str = "Français"  # as its button is named


PICTURES = (
    Picture("agenda", ("fr/reserver.md",), "/agenda", "learner2", PHONE),
    Picture("accueil", ("fr/reserver.md",), "/", "learner2"),
    Picture("journee", ("fr/animer.md",), "/", "facilitator"),
    Picture("a-traiter", ("fr/animer.md",), "/a-traiter", "facilitator", PHONE),
    Picture("chiffres", ("fr/coordonner.md",), "/chiffres", "coordinator"),
    Picture("administration", ("fr/coordonner.md",), "/", "admin"),
    Picture("etudes", ("fr/recherche.md",), "/etudes", "researcher"),
    Picture("verifier", ("fr/verifier.md",), "/verifier", "", PHONE),
    Picture("calendar", ("en/booking.md",), "/agenda", "learner2", PHONE, "English"),
    Picture("home", ("en/booking.md",), "/", "learner2", DESK, "English"),
    Picture("day", ("en/facilitating.md",), "/", "facilitator", DESK, "English"),
    Picture("queue", ("en/facilitating.md",), "/a-traiter", "facilitator", PHONE, "English"),
    Picture("figures", ("en/coordinating.md",), "/chiffres", "coordinator", DESK, "English"),
    Picture("running", ("en/coordinating.md",), "/", "admin", DESK, "English"),
    Picture("studies", ("en/research.md",), "/etudes", "researcher", DESK, "English"),
    Picture("checking", ("en/checking.md",), "/verifier", "", PHONE, "English"),
)


@contextmanager
def page_of(browser: Browser, url: str, picture: Picture) -> Iterator[Page]:
    """The page that a picture shows, as it is now, in a context of its own.

    An account keeps the language it chose: it has its own back afterwards.
    """
    width, height = picture.size
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if picture.account:
        page.goto("/login")
        page.fill("input[name=email]", f"{picture.account}@example.org")
        page.fill("input[name=password]", PASSWORD)
        page.locator("form:has(input[name=password]) [type=submit]").first.click()
        page.wait_for_selector("a.me")
    page.goto(picture.path)
    _choose(page, picture.tongue)
    try:
        yield page
    finally:
        _choose(page, "Français")
        context.close()


def _choose(page: Page, tongue: str) -> None:
    button = page.get_by_role("button", name=tongue, exact=True)
    if button.count():
        with page.expect_navigation():
            button.click()
        page.evaluate("scrollTo(0, 0)")


def take_all(browser: Browser, url: str, folder: Path = FOLDER) -> None:
    """Take every picture of the demonstration place at ``url`` into ``folder``, as WebP."""
    from PIL import Image

    for picture in PICTURES:
        with page_of(browser, url, picture) as page:
            page.evaluate("document.fonts.ready")
            shot = page.screenshot()
        with Image.open(io.BytesIO(shot)) as image:
            image.convert("RGB").save(folder / f"{picture.name}.webp", quality=70, method=6)


def main() -> None:
    """Serve a demonstration place of its own, and take them."""
    from playwright.sync_api import sync_playwright

    from tests.support.served import ServedPlace

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = ServedPlace(Path(folder), TIERSLIEU_PLACE_NAME="Tiers-lieu de Sophia")
        try:
            place.wait_until_open(300)
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-background-networking"],
            )
            take_all(browser, place.url)
            browser.close()
        finally:
            place.close()


if __name__ == "__main__":
    main()
