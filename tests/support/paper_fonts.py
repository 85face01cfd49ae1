"""The weights that certificates use, cut out of the variable fonts of the pages.

Cutting takes seconds, so it is done here and not where a certificate is drawn:

    python -m tests.support.paper_fonts
"""

from __future__ import annotations

from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).parents[2] / "tierslieu" / "static" / "fonts"
CUTS = {
    f"{family}-{letters}-{weight}": (f"{family}-{letters}-wght-normal", weight)
    for family, weights in (
        ("bricolage-grotesque", (700,)),
        ("atkinson-hyperlegible-next", (400, 600)),
    )
    for letters in ("latin", "latin-ext")
    for weight in weights
}


def cut(name: str, weight: int) -> TTFont:
    """One weight of a variable font, dated like the font itself."""
    font = TTFont(FONTS / f"{name}.woff2", recalcTimestamp=False)
    return instantiateVariableFont(font, {"wght": weight}, static=True)


if __name__ == "__main__":
    for made, (name, weight) in CUTS.items():
        cut(name, weight).save(FONTS / f"{made}.woff2")
