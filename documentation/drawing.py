"""A drawing of the house: its floors, as import-linter holds them (``pyproject.toml``)."""

from __future__ import annotations

import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT, TOP, WIDTH, HEIGHT, GAP = 16, 16, 960, 34, 8
# Each of the three packages has its colour; both hold on a light and on a dark page.
COLOURS = {"tierslieu": "#2f5d8a", "courses": "#8a4b1f", "badges": "#2e6b3f"}


def floors() -> list[list[str]]:
    """The floors from the roof to the ground, each with its modules."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (contract,) = [c for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    return [floor.split(" | ") for floor in contract["layers"]]


def draw_house() -> str:
    """An SVG: a row a floor, the roof above; ``badges.engine`` stands beside, needing nobody."""
    rows = floors()
    tall = 2 * TOP + (len(rows) + 1) * (HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2 * LEFT} {tall}" '
        'role="img" font-family="sans-serif" font-size="15" text-anchor="middle">',
        "<title>The floors of the house, from the roof to the ground</title>",
    ]
    for number, row in enumerate([*rows, ["badges.engine"]]):
        wide = (WIDTH - GAP * (len(row) - 1)) / len(row)
        y = TOP + number * (HEIGHT + GAP)
        for place, name in enumerate(row):
            package, _, module = name.partition(".")
            x = LEFT + place * (wide + GAP)
            # A floor of six has little room for each: only the roof says which package it is of.
            said = module if len(row) > 3 else name
            size = min(15.0, 1.7 * wide / len(said))
            parts.append(
                f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{HEIGHT}" rx="4" '
                f'fill="{COLOURS[package]}"/><text x="{x + wide / 2:.0f}" y="{y + 22}" '
                f'font-size="{size:.0f}" fill="#fff">{escape(said)}</text>'
            )
    return "\n".join([*parts, "</svg>\n"])
