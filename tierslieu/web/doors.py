"""Which door of the navigation a page is behind, where its address does not say it."""

from __future__ import annotations

from flask import g


def stand_behind(url: str) -> None:
    """This page is reached by the door of that address, for whoever is looking at it.

    A badge's public page is «Mes badges» to its holder; only the view that found it knows.
    """
    g.door = url


def door_behind() -> str | None:
    """What the view said, if it said anything."""
    door: str | None = g.get("door")
    return door
