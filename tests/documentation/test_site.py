"""The site of the documentation: built offline, whole, and as the code is."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from documentation import reference
from documentation.building import DOCS, NotBuilt, build, gather
from documentation.drawing import draw_house, floors
from tierslieu.settings import PREFIX, VARIABLES

ROOT = Path(__file__).parents[2]
ASKING = r"<(?:script|link|img|iframe|source)[^>]*?(?:src|href)=[\"']?(?:https?:)?//[^\s>]*"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every page, before it is one of a site."""
    folder = tmp_path_factory.mktemp("gathered") / "docs"
    gather(folder)
    return folder


@pytest.fixture(scope="module")
def site(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site") / "site"
    build(folder, pages)
    return folder


def test_every_page_is_in_the_site_and_asks_nobody_else_for_anything(
    pages: Path, site: Path
) -> None:
    made = {str(p.relative_to(site).with_suffix("")) for p in site.rglob("*.html")} - {"404"}
    wanted = {str(p.relative_to(pages).with_suffix("")) for p in pages.rglob("*.md")}
    assert made == {name.replace("README", "index") for name in wanted}
    for page in site.rglob("*.html"):
        assert re.findall(ASKING, page.read_text("utf-8")) == [], page.name
    for style in site.rglob("*.css"):
        text = style.read_text("utf-8")
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", text), style.name


def test_each_of_the_five_has_a_start_in_both_languages() -> None:
    for language in ("fr", "en"):
        starts = sorted((DOCS / language).glob("*.md"))
        assert len(starts) == 5
        for page in starts:
            assert f"]({language}/{page.name})" in (DOCS / "index.md").read_text("utf-8")


def test_a_page_says_in_which_language_it_is(site: Path) -> None:
    assert '<div lang="fr">' in (site / "index.html").read_text("utf-8")
    assert '<div lang="en">' in (site / "settings.html").read_text("utf-8")


@pytest.mark.parametrize("link", ["nowhere.md", "settings.md#nowhere"])
def test_a_link_that_leads_nowhere_stops_the_building(
    pages: Path, tmp_path: Path, link: str
) -> None:
    shutil.copytree(pages, tmp_path / "docs")
    with (tmp_path / "docs" / "mail.md").open("a", encoding="utf-8") as page:
        page.write(f"\nSee [there]({link}).\n")
    with pytest.raises(NotBuilt, match=r"mail\.md"):
        build(tmp_path / "site", tmp_path / "docs")


def test_a_page_that_no_menu_leads_to_stops_the_building(pages: Path, tmp_path: Path) -> None:
    shutil.copytree(pages, tmp_path / "docs")
    (tmp_path / "docs" / "forgotten.md").write_text("# Forgotten\n")
    with pytest.raises(NotBuilt, match=r"forgotten\.md"):
        build(tmp_path / "site", tmp_path / "docs")


def test_the_reference_of_settings_names_those_there_are_and_no_other() -> None:
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \|", (DOCS / "settings.md").read_text("utf-8"), re.M)
    assert sorted(rows) == sorted(VARIABLES)


def test_the_reference_of_commands_has_each_with_its_options(pages: Path) -> None:
    text = (pages / "commands.md").read_text("utf-8")
    commands = dict(reference.each_command())
    assert {"tierslieu serve", "tierslieu badges verify", "tierslieu user token"} <= set(commands)
    assert re.findall(r"^## (.*)$", text, re.M) == list(commands)
    for command in commands.values():
        for option in command.params:
            assert max(option.opts, key=len) in text or option.human_readable_name.upper() in text


def test_the_reference_of_the_api_has_each_call_and_shape(pages: Path) -> None:
    text = (pages / "calls.md").read_text("utf-8")
    document = reference.openapi()
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            assert f"## {method.upper()} {path}\n\n{call['summary']}" in text
    for name, shape in document["components"]["schemas"].items():
        part = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert all(f"| `{field}` |" in part for field in shape.get("properties", {})), name


def test_every_command_named_in_the_documentation_exists(pages: Path) -> None:
    known = set(dict(reference.each_command()))
    parts = {" ".join(name.split()[:n]) for name in known for n in (1, 2)}
    for page in [*pages.rglob("*.md"), ROOT / "README.md"]:
        for named in re.findall(r"`(?:\S*/)?tierslieu ([a-z][a-z-]+)", page.read_text("utf-8")):
            assert f"tierslieu {named}" in parts, f"{page.name}: tierslieu {named}"


def test_the_drawing_of_the_house_has_every_folder_on_its_floor() -> None:
    drawn = ET.fromstring(draw_house())
    texts = list(drawn.iter("{http://www.w3.org/2000/svg}text"))
    heights: dict[str, float] = {}
    for text in texts:
        heights[(text.text or "").rpartition(".")[2]] = float(text.attrib["y"])
    order = [[heights[name.rpartition(".")[2]] for name in floor] for floor in floors()]
    assert all(len(set(floor)) == 1 for floor in order)
    assert [floor[0] for floor in order] == sorted(floor[0] for floor in order)
    folders = {
        folder.parent.name
        for package in ("tierslieu", "courses", "badges")
        for folder in (ROOT / package).glob("*/__init__.py")
    }
    assert folders - {"migrations"} <= set(heights)
