"""Every page one can walk to, as each person: accessible in both schemes and both languages, whole
on a phone with text twice as large and at a zoom of 400 %, still for who asks for less motion,
valid HTML, and nothing refused by the policy headers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.looking import (
    CONTRAST,
    ROOT,
    alike,
    axe,
    hidden,
    in_english,
    left_in_french,
    moving,
    sideways,
    zoomed,
)
from tests.support.walking import PEOPLE, walk

#: Pages on which each person reads something else.
THEIR_OWN = ("/", "/compte/donnees")
INTEROP = ROOT / "tests" / "interop"
HTML_RULES = {
    "extends": ["html-validate:recommended"],
    "rules": {
        # Form, not correctness: how the source is laid out is the template's business.
        "no-trailing-whitespace": "off",
        "void-style": "off",
        "attr-quotes": "off",
        "doctype-style": "off",
        "long-title": "off",
        "no-inline-style": "error",
        "wcag/h32": "off",  # a GET filter submits itself by its button below
        "prefer-native-element": "off",
        "no-redundant-role": "off",
        "no-implicit-button-type": "off",
        "valid-autocomplete": "error",
        "tel-non-breaking": "off",
        "attribute-boolean-style": "off",
        "attribute-empty-style": "off",
        "no-raw-characters": "off",
        # The code on the room's screen ends by itself; where no script renews it, the page does.
        "meta-refresh": "off",
        "no-redundant-for": "off",
        "form-dup-name": "off",  # a list of ticks shares one name
        # A list may carry a name (ARIA 1.2 §5.2.8.4).
        "aria-label-misuse": ["error", {"allowAnyNamable": True}],
    },
}


@pytest.fixture(scope="session")
def seen_kinds() -> set[str]:
    """Kinds of pages a former person walked to: the next looks at the others."""
    return set()


@pytest.mark.proof
@pytest.mark.node
@pytest.mark.parametrize("person", PEOPLE, ids=[p or "visitor" for p in PEOPLE])
def test_every_page_a_person_walks_to_is_sound(
    person: str,
    new_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    seen_kinds: set[str],
    tmp_path: Path,
) -> None:
    page = sign_in(f"{person}@example.org") if person else new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto("/")
    source = (INTEROP / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    sources = tmp_path / "html"
    sources.mkdir()

    def look(kind: str, url: str) -> list[str]:
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 400, (url, answer.status)
        html = answer.text()
        for size in ("100%", "200%"):
            faults.extend(f"{kind} (text at {size}) {fault}" for fault in sideways(page, size))
        links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        if kind in seen_kinds and kind not in THEIR_OWN:
            return links
        seen_kinds.add(kind)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        faults.extend(f"{kind} (light, French) {fault}" for fault in axe(page, source))
        faults.extend(f"{kind} moves: {fault}" for fault in moving(page))
        faults.extend(f"{kind} has several «{name}»" for name in alike(page))
        faults.extend(f"{kind} {fault}" for fault in hidden(page))
        faults.extend(f"{kind} (at 400 %) {fault}" for fault in zoomed(page))
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        faults.extend(f"{kind} (dark, French) {fault}" for fault in axe(page, source, CONTRAST))
        with in_english(page):
            faults.extend(f"{kind} (dark, English) {fault}" for fault in axe(page, source))
            faults.extend(f"{kind} in English has «{text}»" for text in left_in_french(page))
            for size in ("100%", "200%"):
                wide = sideways(page, size)
                faults.extend(f"{kind} (English, text at {size}) {fault}" for fault in wide)
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            light = axe(page, source, CONTRAST)
            faults.extend(f"{kind} (light, English) {fault}" for fault in light)
        name = kind.strip("/").replace("/", "_").replace("*", "x") or "home"
        number = len(list(sources.iterdir()))
        (sources / f"{number:02d}-{name}.html").write_text(html, "utf-8")
        return links

    walk(page.url, look)
    config = tmp_path / "html.json"
    config.write_text(json.dumps(HTML_RULES))
    if any(sources.iterdir()):
        done = subprocess.run(
            ["node", str(INTEROP / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"),
             "--config", str(config), "--formatter", "text", str(sources)],
            capture_output=True, text=True, cwd=INTEROP,
        )  # fmt: skip
        faults += [line.rpartition("/")[2] for line in done.stdout.splitlines() if line.strip()]
        assert done.returncode in (0, 1), done.stderr
    assert not faults, "\n".join(faults)
