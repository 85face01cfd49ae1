"""Walking through the place as a person does: from link to link, once to each kind of page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import urldefrag, urljoin, urlsplit

PEOPLE = ["", "learner", "facilitator", "researcher", "coordinator", "admin"]
MOST_PAGES = 200  # a person's walk; every kind of address is seen once
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{22,}")
FILES = re.compile(r"\.(ics|csv|xlsx|json|png|svg|pdf|zip|jws|jwt|xml)$|/preuves/")


def kind_of(url: str) -> str:
    """The shape of an address: its path with identifiers blotted out."""
    path = UUID.sub("*", urlsplit(url).path)
    for folder in ("parcours", "badges", "etudes", "questionnaires"):
        path = re.sub(
            rf"^/{folder}/(?!nouveau|creer|propositions|importer)[a-z0-9-]+", f"/{folder}/*", path
        )
    path = re.sub(r"^/administration/textes/[a-z_]+", "/administration/textes/*", path)
    return re.sub(r"^/agenda/(semaine|mois|jour)/.*", r"/agenda/\1/*", path)


def walk(start: str, look: Callable[[str, str], Iterable[str]]) -> dict[str, str]:
    """Follow links breadth first; gives one address of each kind. ``look`` opens a page: it is
    given its kind and address, and gives the links that stand on it."""
    found: dict[str, str] = {}
    queue = [start]
    while queue and len(found) < MOST_PAGES:
        url = queue.pop(0)
        kind = kind_of(url)
        if kind in found:
            continue
        found[kind] = url
        links = look(kind, url)
        if "/boite-aux-lettres/" in url:
            continue  # the links of a mail are for the one it was sent to
        for link in links:
            clean = urldefrag(urljoin(url, link))[0]
            same = clean.startswith(start.rstrip("/"))
            if same and kind_of(clean) not in found and not FILES.search(urlsplit(clean).path):
                queue.append(clean)
    return found
