"""What a feature keeps on the disk beside its rows, and a backup must bring along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from tierslieu.settings import Settings


@dataclass(frozen=True)
class KeptFiles:
    """``find(db)``: (name in the folder, SHA-256 in hex) of each file that a row names, once.

    ``name`` is also the folder's name inside a backup; ``folder(settings)`` where it lies here.
    """

    name: str
    folder: Callable[[Settings], Path]
    find: Callable[[Session], Iterable[tuple[str, str]]]
