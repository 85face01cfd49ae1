"""What a feature keeps on a shelf beside its rows, and a backup must bring along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tierslieu.settings import Settings
from tierslieu.store.shelf import Shelf


@dataclass(frozen=True)
class KeptFiles:
    """``find(db)``: (name on the shelf, SHA-256 in hex) of each file that a row names, once.

    ``name`` is also the folder's name inside a backup; ``shelf(settings)`` what holds it here.
    """

    name: str
    shelf: Callable[[Settings], Shelf]
    find: Callable[[Session], Iterable[tuple[str, str]]]
