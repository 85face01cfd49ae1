"""Files that every host must see alike go through one room: it alone knows where they lie."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.served import ROOT

PACKAGES = ("tierslieu", "badges", "courses")
ROOM = Path("tierslieu/store")
#: Where it is decided which of the two a place has, and what disks a machine has.
DECIDES = {Path("tierslieu/settings.py")}
AROUND = {
    "a path made of a shared folder": re.compile(r"/ ?f?[\"'](keys|uploads|packages|papers)\b"),
    "the folder of a shelf": re.compile(
        r"(?<!awards\.)\b(shelf|keys|uploads|packages|papers)\.folder\b"
    ),
    "a back end": re.compile(r"tierslieu\.store\.(folders|buckets)|\bboto(3|core)\b"),
    "the shared folder": re.compile(r"\bshared_files\b"),
}


def test_nobody_outside_the_room_of_the_store_knows_where_shared_files_lie() -> None:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            short = path.relative_to(ROOT)
            if ROOM in short.parents or short in DECIDES:
                continue
            text = path.read_text("utf-8")
            found += [f"{short}: {what}" for what, way in AROUND.items() if way.search(text)]
    assert found == []
