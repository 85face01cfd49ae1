"""Every page one can walk to, as each person: accessible in light and dark, whole on a phone with
text twice as large, valid HTML, and nothing refused by the policy headers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import Page

INTEROP = Path(__file__).parents[1] / "interop"
PEOPLE = ["", "learner", "facilitator", "researcher", "coordinator", "admin"]
MOST_PAGES = 200  # a person's walk; every kind of address is seen once
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{22,}")
FILES = re.compile(r"\.(ics|csv|xlsx|json|png|svg|pdf|zip|jws|jwt|xml)$|/preuves/")

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


def kind_of(url: str) -> str:
    """The shape of an address: its path with identifiers blotted out."""
    path = UUID.sub("*", urlsplit(url).path)
    for folder in ("parcours", "badges", "etudes", "questionnaires"):
        path = re.sub(
            rf"^/{folder}/(?!nouveau|creer|propositions|importer)[a-z0-9-]+", f"/{folder}/*", path
        )
    path = re.sub(r"^/administration/textes/[a-z_]+", "/administration/textes/*", path)
    return re.sub(r"^/agenda/(semaine|mois|jour)/.*", r"/agenda/\1/*", path)


def walk(page: Page, start: str, look: Callable[[str, str], None]) -> dict[str, str]:
    """Follow links breadth first; gives one address of each kind. ``look`` is called with the kind
    of each page while it is open, and with its source."""
    found: dict[str, str] = {}
    queue = [start]
    while queue and len(found) < MOST_PAGES:
        url = queue.pop(0)
        kind = kind_of(url)
        if kind in found:
            continue
        found[kind] = url
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 400, (url, answer.status)
        look(kind, answer.text())
        if "/boite-aux-lettres/" in url:
            continue  # the links of a mail are for the one it was sent to
        for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"):
            clean = urldefrag(link)[0]
            same = clean.startswith(start.rstrip("/"))
            if same and kind_of(clean) not in found and not FILES.search(urlsplit(clean).path):
                queue.append(clean)
    return found


def axe(page: Page, source: str) -> list[str]:
    """What axe objects to on this page, WCAG 2.2 A and AA."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(source)
    # Only what fails crosses to Python: the whole report costs more than the run itself.
    violations = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']})"
        ".then(report => report.violations)"
    )
    return [
        f"{v['id']}: {node['target']} {node['failureSummary'][:160]}"
        for v in violations
        for node in v["nodes"][:3]
    ]


def sideways(page: Page, size: str) -> list[str]:
    """What goes past the screen's edge with text of this size, where the page goes sideways."""
    over: list[str] = page.evaluate(
        """async size => {
          await document.fonts.ready;
          const root = document.documentElement;
          root.style.fontSize = size;
          const past = (e) => e.getBoundingClientRect().right > root.clientWidth + 0.5;
          const wide = root.scrollWidth - root.clientWidth;
          const found = wide <= 0 ? [] : [...document.body.querySelectorAll("*")]
            .filter(e => past(e) && ![...e.children].some(past))
            .slice(0, 3).map(e => e.outerHTML.slice(0, 90));
          root.style.fontSize = "";
          return wide <= 0 ? [] : [`${wide} px too wide for a phone`, ...found];
        }""",
        size,
    )
    return over


@pytest.fixture(scope="session")
def seen_kinds() -> set[str]:
    """Kinds of pages a former person walked to: the next looks at the others."""
    return set()


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

    def look(kind: str, html: str) -> None:
        for size in ("100%", "200%"):
            faults.extend(f"{kind} (text at {size}) {fault}" for fault in sideways(page, size))
        if kind in seen_kinds and kind != "/":
            return
        seen_kinds.add(kind)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            faults.extend(f"{kind} ({scheme}) {fault}" for fault in axe(page, source))
        name = kind.strip("/").replace("/", "_").replace("*", "x") or "home"
        number = len(list(sources.iterdir()))
        (sources / f"{number:02d}-{name}.html").write_text(html, "utf-8")

    walk(page, page.url, look)
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
