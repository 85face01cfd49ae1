"""Ten seconds before the page of verification: choose, drop, paste, or hold a QR code up."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.journeys.test_every_page import INTEROP, axe
from tests.support.browsers import WHOLE
from tests.support.camera import film
from tests.support.journeys import download, press
from tests.support.served import ServedPlace

Open = Callable[..., Page]

# The tracks of every camera that the page was given: to see that none stays on.
KEEP_TRACKS = """
  globalThis.tracks = [];
  const really = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await really(wanted);
    globalThis.tracks.push(...stream.getTracks());
    return stream;
  };
"""
# A file (or a text) dropped on, or pasted into, whatever stands in the middle of the page.
GIVE = """([kind, name, type, content, text]) => {
  const box = new DataTransfer();
  if (content !== null) {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    box.items.add(new File([bytes], name, {type}));
  }
  if (text !== null) box.setData("text/plain", text);
  const target = document.querySelector("main");
  const send = (type) => target.dispatchEvent(type === "paste"
    ? new ClipboardEvent("paste", {clipboardData: box, bubbles: true, cancelable: true})
    : new DragEvent(type, {dataTransfer: box, bubbles: true, cancelable: true}));
  for (const type of kind === "drop" ? ["dragenter", "dragover", "drop"] : [kind]) send(type);
}"""


def give(page: Page, kind: str, content: bytes | None = None, text: str | None = None) -> None:
    """Drop or paste a picture or a text anywhere on the page."""
    coded = base64.b64encode(content).decode() if content is not None else None
    page.evaluate(GIVE, [kind, "badge.png", "image/png", coded, text])


def qr_picture(text: str) -> bytes:
    """A screenshot of a QR code."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=6, border=4)
    return out.getvalue()


@pytest.fixture(scope="module")
def shared(browser: Browser, place: ServedPlace) -> tuple[str, bytes]:
    """The address of a badge that its holder shares, and its picture file."""
    context = browser.new_context(base_url=place.url, accept_downloads=True)
    page = context.new_page()
    page.goto("/login")
    page.fill("input[name=email]", "learner@example.org")
    page.fill("input[name=password]", "tiers-lieu-demo")
    page.locator("form:has(input[name=password]) [type=submit]").first.click()
    expect(page.locator("a.me")).to_be_visible()
    page.goto("/mes-badges")
    if not page.locator("code[id^=link-]").count():
        page.get_by_role("button", name="Partager par une adresse").first.click()
    address = page.locator("code[id^=link-]").first.inner_text().strip()
    page.goto(address)
    picture = download(page, page.get_by_role("link", name="Image du badge").click)
    context.close()
    return address, picture


@pytest.fixture
def camera(browser: Browser, place: ServedPlace, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a phone whose camera sees the QR code of this text; allowed unless told otherwise."""
    phones: list[Browser] = []

    def open_phone(text: str, *, allowed: bool = True, **settings: Any) -> Page:
        held = film(tmp_path / f"{len(phones)}.y4m", text)
        phone = browser.browser_type.launch(
            executable_path=WHOLE,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-gpu",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream" if allowed else "--deny-permission-prompts",
                f"--use-file-for-fake-video-capture={held}",
            ],
        )
        phones.append(phone)
        context = phone.new_context(
            base_url=place.url,
            locale="fr-FR",
            viewport={"width": 360, "height": 780},
            is_mobile=True,
            has_touch=True,
            **settings,
        )
        context.set_default_timeout(15_000)
        context.add_init_script(KEEP_TRACKS)
        page = context.new_page()
        page.goto("/verifier")
        return page

    yield open_phone
    for phone in phones:
        phone.close()


def cameras_on(page: Page) -> int:
    """How many cameras this page keeps on."""
    count: int = page.evaluate("tracks.filter((t) => t.readyState === 'live').length")
    return count


def status(page: Page) -> Any:
    """The sentence read aloud as it changes."""
    return expect(page.locator("[data-status]"))


def test_a_qr_code_held_before_the_camera_of_a_phone_is_verified(
    camera: Callable[..., Page], shared: tuple[str, bytes]
) -> None:
    page = camera(shared[0])
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    button = page.get_by_role("button", name="Scanner un QR code")
    assert button.evaluate("e => e.offsetHeight") >= 48
    button.click()
    expect(page.locator(".verdict.valid")).to_be_visible()
    assert any("/qr-0.7.0/decode.js" in url for url in loaded), "read by the decoder we ship"
    assert not [url for url in loaded if "address=" in url or "credentials/" in url.split("?")[-1]]


def test_a_badge_s_own_text_in_a_code_is_verified(
    camera: Callable[..., Page], shared: tuple[str, bytes]
) -> None:
    page = camera('{"@context": [], "type": "OpenBadgeCredential", "issuer": "x"}')
    press(page, "Scanner un QR code")
    expect(page.locator(".verdict.invalid")).to_be_visible()


def test_a_code_that_leads_to_no_badge_is_said_and_the_camera_waits_for_another(
    camera: Callable[..., Page],
) -> None:
    page = camera("WIFI:S:salle Ada;T:WPA;P:secret;;")
    press(page, "Scanner un QR code")
    status(page).to_contain_text("ne mène pas à un badge")
    assert cameras_on(page) == 1
    press(page, "Arrêter la caméra")
    status(page).to_have_text("La caméra est arrêtée.")
    assert cameras_on(page) == 0
    expect(page.get_by_role("button", name="Scanner un QR code")).to_be_focused()


def test_the_camera_goes_off_when_the_page_is_hidden(camera: Callable[..., Page]) -> None:
    page = camera("rien d’utile")
    press(page, "Scanner un QR code")
    status(page).to_contain_text("ne mène pas à un badge")
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", {value: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    status(page).to_contain_text("parce que vous avez quitté la page")
    assert cameras_on(page) == 0


def test_a_camera_refused_is_told_with_what_else_to_do(camera: Callable[..., Page]) -> None:
    page = camera("rien", allowed=False)
    press(page, "Scanner un QR code")
    status(page).to_contain_text("L’accès à la caméra est refusé.")
    status(page).to_contain_text("choisissez une photo du QR code")
    expect(page.get_by_role("button", name="Scanner un QR code")).to_be_visible()


def test_a_machine_without_a_camera_says_so(new_page: Open) -> None:
    page = new_page(1280)
    page.goto("/verifier")
    press(page, "Scanner un QR code")
    status(page).to_contain_text("Aucune caméra n’a été trouvée.")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_badge_let_go_anywhere_is_verified_without_a_button(
    new_page: Open, shared: tuple[str, bytes], kind: str
) -> None:
    page = new_page(1280)
    page.goto("/verifier")
    page.get_by_label("Ou son texte").fill("autre chose, commencé avant")
    give(page, kind, content=shared[1])
    expect(page.locator(".verdict.valid")).to_be_visible()


def test_a_chosen_file_is_sent_at_once_and_one_can_go_back_for_another(
    new_page: Open, shared: tuple[str, bytes]
) -> None:
    page = new_page()
    page.goto("/verifier")
    badge: FilePayload = {"name": "badge.png", "mimeType": "image/png", "buffer": shared[1]}
    for _turn in range(2):
        page.get_by_label("Fichier du badge").set_input_files(badge)
        expect(page.locator(".verdict.valid")).to_be_visible()
        page.go_back()


# Chromium paints nothing and takes no key while a test holds its answer back: the button is pressed
# from inside, as soon as it shows.
PRESS_CANCEL = """() => {
  const box = document.querySelector("[data-working]");
  new MutationObserver((_, watch) => {
    watch.disconnect();
    setTimeout(() => {
      globalThis.seen = box.textContent;
      box.querySelector("button").click();
    }, 100);
  }).observe(box, {attributes: true});
}"""


def test_what_is_under_way_can_be_called_off(new_page: Open, shared: tuple[str, bytes]) -> None:
    page = new_page()
    page.goto("/verifier")
    page.route("**/verifier", lambda route: None)  # an answer that never comes
    page.evaluate(PRESS_CANCEL)
    badge: FilePayload = {"name": "badge.png", "mimeType": "image/png", "buffer": shared[1]}
    page.get_by_label("Fichier du badge").set_input_files(badge, no_wait_after=True)
    status(page).to_contain_text("Vérification annulée.")
    assert "Vérification en cours\u00a0: badge.png" in page.evaluate("seen")
    page.unroute("**/verifier")
    page.get_by_label("Fichier du badge").set_input_files(badge)
    expect(page.locator(".verdict.valid")).to_be_visible()


def test_while_something_is_dragged_the_page_says_where_to_let_go(new_page: Open) -> None:
    page = new_page(1280)
    page.goto("/verifier")
    give(page, "dragenter", content=b"x")
    expect(page.get_by_text("Lâchez le badge ici")).to_be_visible()
    give(page, "dragleave", content=b"x")
    expect(page.get_by_text("Lâchez le badge ici")).to_be_hidden()


def test_what_is_too_large_or_too_many_is_told_before_it_is_sent(new_page: Open) -> None:
    page = new_page()
    page.goto("/verifier")
    file = page.get_by_label("Fichier du badge")
    big: FilePayload = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": bytes(9_000_000)}
    file.set_input_files(big)
    status(page).to_contain_text("trop gros pour être un badge")
    expect(file).to_have_value("")
    page.evaluate(
        """() => {
          const box = new DataTransfer();
          for (const name of ["a", "b"]) box.items.add(new File(["{}"], name));
          document.body.dispatchEvent(
            new DragEvent("drop", {dataTransfer: box, bubbles: true, cancelable: true}));
        }"""
    )
    status(page).to_contain_text("Un badge à la fois")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_an_address_pasted_or_dropped_is_verified(
    new_page: Open, shared: tuple[str, bytes], kind: str
) -> None:
    page = new_page(1280)
    page.goto("/verifier")
    give(page, kind, text=shared[0])
    expect(page.locator(".verdict.valid")).to_be_visible()


def test_the_photo_of_a_code_leads_to_the_badge_and_another_photo_is_told_apart(
    new_page: Open, shared: tuple[str, bytes]
) -> None:
    page = new_page()
    page.goto("/verifier")
    give(page, "paste", content=qr_picture("BEGIN:VCARD"))
    status(page).to_contain_text("ne mène pas à un badge\u00a0: «\u202fBEGIN:VCARD\u202f»")
    give(page, "paste", content=qr_picture(shared[0]))
    expect(page.locator(".verdict.valid")).to_be_visible()


def test_the_code_of_a_private_badge_s_certificate_says_what_to_do(
    new_page: Open, place: ServedPlace
) -> None:
    page = new_page()
    page.goto("/verifier")
    give(page, "drop", content=qr_picture(f"{place.url}/verifier"))
    expect(page.locator(".field.wrong")).to_contain_text("déposez ici le fichier de l’attestation")


def test_a_link_carries_the_address_where_no_log_sees_it(
    new_page: Open, place: ServedPlace, shared: tuple[str, bytes]
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/verifier#address={shared[0]}")
    expect(page.locator(".verdict.valid")).to_be_visible()
    assert not [url for url in asked if "address=" in url]
    assert not [line for line in place.lines if shared[0].rpartition("/")[2] in line]
    page.goto(f"/verifier?address={shared[0]}")
    expect(page.get_by_label("Ou son adresse")).to_have_value(shared[0])
    assert page.url.endswith("/verifier"), "gone from the bar, and from what the next site is told"


@pytest.mark.node
def test_the_answer_and_the_scanner_are_accessible_and_whole_on_a_phone(
    new_page: Open, camera: Callable[..., Page], shared: tuple[str, bytes]
) -> None:
    source = (INTEROP / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    scanning = camera("rien d’utile")
    press(scanning, "Scanner un QR code")
    status(scanning).to_contain_text("ne mène pas à un badge")
    forged = json.dumps({"type": "OpenBadgeCredential", "issuer": "x" * 300, "name": "Faux"})
    answers = []
    for field, given in (("file", shared[1]), ("text", forged), ("text", "{"), ("text", "x.y")):
        page = new_page(360)
        page.goto("/verifier")
        if isinstance(given, bytes):
            badge: FilePayload = {"name": "b.png", "mimeType": "image/png", "buffer": given}
            page.locator(f"[name={field}]").set_input_files(badge)
            expect(page.locator(".verdict")).to_be_visible()
        else:
            page.locator(f"[name={field}]").fill(given)
            press(page, "Vérifier")
            expect(page.locator(".verdict, .field.wrong").first).to_be_visible()
        for fold in page.locator("details.more > summary").all():
            fold.click()
        answers.append(page)
    for page in (scanning, *answers):
        page.emulate_media(reduced_motion="reduce")  # else a colour is measured on its way
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert axe(page, source) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
