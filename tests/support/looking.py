"""What is looked at on every page: axe, width, zoom, motion, names, words left in French."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.pofile import read_po
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
RULES = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']"
CONTRAST = "{type: 'rule', values: ['color-contrast']}"
ZOOMED = (320, 256)  # CSS px: a screen of 1280 by 1024 at 400 % (WCAG 1.4.10)


def axe(page: Page, source: str, only: str = RULES) -> list[str]:
    """What axe objects to on this page: WCAG 2.2 A and AA, or ``only`` these rules of its own.

    A scheme changes colours and nothing else: CONTRAST is what is to be asked of the second one.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(source)
    # Only what fails crosses to Python: the whole report costs more than the run itself.
    violations = page.evaluate(
        f"axe.run(document, {{runOnly: {only}}}).then(report => report.violations)"
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


@contextmanager
def in_english(page: Page) -> Iterator[None]:
    """The page that is open, once more, in English."""
    cookie = {"name": "langue", "url": page.url}
    page.context.add_cookies([{**cookie, "value": "en"}])  # type: ignore[typeddict-item]
    page.reload()
    if page.locator("html").get_attribute("lang") != "en":  # its address says its language
        page.goto(page.url + ("&" if "?" in page.url else "?") + "langue=en")
    assert page.locator("html").get_attribute("lang") == "en", page.url
    yield
    page.context.add_cookies([{**cookie, "value": "fr"}])  # type: ignore[typeddict-item]


def french_messages(*, with_alike: bool = False) -> frozenset[str]:
    """What only a page in French says, of what has no place for a name or a number;
    ``with_alike``: and what both languages say alike."""
    path = ROOT / "tierslieu" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return frozenset(
            m.id
            for m in read_po(file)
            if isinstance(m.id, str)
            and "%(" not in m.id
            and len(m.id) > 3
            and (with_alike or m.id != m.string)
        )


# Answers, aims and kept faults that the demonstration's people wrote in words that we have too.
THEIRS = {
    "Jamais",
    "Me remettre à niveau",
    "Sur place",
    "l’adresse n’est pas complète\u00a0: il faudrait prenom@exemple.fr",
}
FRENCH = french_messages() - THEIRS
OURS = french_messages(with_alike=True)


def left_in_french(page: Page) -> list[str]:
    """Messages of ours that a page in English says in French; what people wrote is theirs."""
    texts: list[str] = page.evaluate(
        """() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          const isEnglish = (e) => e.closest("[lang]").lang === "en";
          while (walker.nextNode())
            if (isEnglish(walker.currentNode.parentElement))
              found.push(walker.currentNode.textContent.trim());
          for (const e of document.querySelectorAll("[aria-label], [alt], [placeholder]"))
            for (const name of ["aria-label", "alt", "placeholder"])
              if (isEnglish(e)) found.push((e.getAttribute(name) || "").trim());
          return found;
        }"""
    )
    return sorted(FRENCH.intersection(texts))


# What stays in place while one scrolls, and what the keyboard reaches.
STUCK = """
  const stuck = [...document.body.querySelectorAll("*")].filter(e =>
    ["fixed", "sticky"].includes(getComputedStyle(e).position) && e.checkVisibility()
    && !e.closest("td, th"));
  const reached = () => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
  )].filter(e => !e.disabled && e.checkVisibility());
"""


def hidden(page: Page) -> list[str]:
    """What stays in place and covers more than half of the screen, and what is focused under it
    (WCAG 2.4.11)."""
    found: list[str] = page.evaluate(
        """() => {"""
        + STUCK
        + """
          const found = stuck.filter(e => e.getBoundingClientRect().height > innerHeight / 2)
            .map(e => `covers more than half: ${e.outerHTML.slice(0, 80)}`);
          if (stuck.length) for (const e of reached()) {
            e.focus();
            const r = e.getBoundingClientRect();
            for (const s of stuck) {
              const c = s.getBoundingClientRect();
              if (!s.contains(e) && r.height && r.top >= c.top && r.bottom <= c.bottom
                  && r.left >= c.left && r.right <= c.right)
                found.push(`focused under what stays in place: ${e.outerHTML.slice(0, 80)}`);
            }
          }
          document.activeElement.blur();
          scrollTo(0, 0);
          return found.slice(0, 5);
        }"""
    )
    return found


def zoomed(page: Page) -> list[str]:
    """What is wrong with the page that is open at a zoom of 400 %."""
    before = page.viewport_size
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    found = sideways(page, "100%") + hidden(page)
    page.set_viewport_size(before or {"width": 360, "height": 780})
    return found


def moving(page: Page) -> list[str]:
    """What moves, or would, for longer than a moment, though less motion is asked for."""
    found: list[str] = page.evaluate(
        """() => {
          const long = (said) => said.split(",").some(one => parseFloat(one) > 0.05);
          const moves = [...document.querySelectorAll("*")].filter(e => {
            const s = getComputedStyle(e);
            return long(s.transitionDuration) || s.scrollBehavior === "smooth"
              || (s.animationName !== "none" && long(s.animationDuration));
          }).map(e => e.outerHTML.slice(0, 80));
          const runs = document.getAnimations()
            .filter(a => a.effect.getComputedTiming().activeDuration > 50)
            .map(a => `an animation of ${a.effect.target.outerHTML.slice(0, 80)}`);
          return [...moves, ...runs].slice(0, 5);
        }"""
    )
    return found


def alike(page: Page) -> list[str]:
    """Links and buttons of the same name, in words of ours, that lead to different things."""
    names: list[str] = page.evaluate(
        """() => {
          const said = (e) => e.ariaHidden === "true" ? "" : e.ariaLabel
            || [...e.childNodes].map(c => c.nodeType === 3 ? c.textContent
              : c.nodeType !== 1 ? "" : c.localName === "img" ? c.alt : said(c)).join("");
          const byIds = (e, name) => (e.getAttribute(name) || "").split(/\\s+/).filter(Boolean)
            .map(id => document.getElementById(id)?.textContent || "").join(" ");
          const goal = (e) => {
            if (e.localName === "a") return e.href.split("#")[0];
            if (!e.form || e.type !== "submit") return "";
            const held = [...e.form.querySelectorAll("input[type=hidden]")]
              .filter(i => i.name !== "csrf_token").map(i => `${i.name}=${i.value}`);
            return [e.formAction, ...held, e.name, e.value].join("&");
          };
          const goals = new Map();
          for (const e of document.querySelectorAll("a[href], button")) {
            if (!e.checkVisibility() || !goal(e)) continue;
            const whole = byIds(e, "aria-labelledby") || said(e);
            const name = whole.replace(/[ \\n\\t]+/g, " ").trim();
            const nav = e.closest("nav");  // the parts of a page may be named as those of the place
            const where = nav ? nav.ariaLabel || byIds(nav, "aria-labelledby") : "";
            const kind = `${e.localName}|${where} ${byIds(e, "aria-describedby")}|${name}`;
            goals.set(kind, (goals.get(kind) || new Set()).add(goal(e)));
          }
          return [...goals].filter(([, to]) => to.size > 1).map(([kind]) => kind.split("|")[2]);
        }"""
    )
    return sorted(OURS.intersection(names))
