"""Gather the pages of ``docs/`` and those made from the code, and have Zensical make a site.

Zensical, because Material for MkDocs is only kept alive by its authors, who make Zensical, and
MkDocs 1 beneath it is no longer released. It ships fonts, scripts and search with the site: nothing
is fetched, neither when it is built nor when it is read.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from documentation.drawing import draw_house
from documentation.reference import describe_api, describe_commands

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SITE = ROOT / "build" / "site"
# What is not a page of the site, but how it is made.
APART = ("site.toml", "overrides")


class NotBuilt(Exception):
    """The site could not be built; the message is what its maker said."""


def gather(pages: Path) -> None:
    """Lay every page into the new folder ``pages``: those written, and those made from the code."""
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns(*APART))
    house = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    # Written for whoever reads the repository, where it lies beside docs/.
    drawing = "![The floors of the house](pictures/house.svg)\n\nEach floor calls those below it.\n"
    house = house.replace("](docs/", "](").replace("## The house\n", f"## The house\n\n{drawing}")
    (pages / "house.md").write_text(house, "utf-8")
    (pages / "pictures" / "house.svg").write_text(draw_house(), "utf-8")
    (pages / "commands.md").write_text(describe_commands(), "utf-8")
    (pages / "calls.md").write_text(describe_api(), "utf-8")
    for page in pages.rglob("*.md"):
        # The menus are French; what is written in English says so to who has it read aloud.
        if page.parent.name != "fr" and page != pages / "index.md":
            text = page.read_text("utf-8")
            page.write_text(f"---\nlang: en\n---\n\n{text}", "utf-8")


def build(target: Path, pages: Path | None = None) -> None:
    """Make the site in ``target``, from ``pages`` if they are gathered already.

    Raises :class:`NotBuilt` for a link or an anchor that leads nowhere, and a page that no menu
    leads to.
    """
    work = target.parent / f"{target.name}-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if pages is None:
        gather(work / "docs")
    else:
        shutil.copytree(pages, work / "docs")
    shutil.copytree(DOCS / "overrides", work / "overrides")
    told = (DOCS / "site.toml").read_text("utf-8")
    (work / "zensical.toml").write_text(told, "utf-8")
    named = set(re.findall(r'"([\w/-]+\.md)"', told))
    there = {str(page.relative_to(work / "docs")) for page in (work / "docs").rglob("*.md")}
    if named != there:
        raise NotBuilt(f"docs/site.toml names other pages than there are: {sorted(named ^ there)}")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--clean"],
        cwd=work, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode or "Warning" in done.stdout + done.stderr:
        raise NotBuilt(done.stdout + done.stderr)
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(work / "site", target)
    shutil.rmtree(work)
