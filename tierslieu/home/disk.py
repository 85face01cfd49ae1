"""Whether the folders of the place have room and can be written, asked of the disk itself."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

#: Bytes: ten of the largest files people may hand in.
LEAST_FREE = 100 * 1024 * 1024


def find_disk_trouble(folders: Iterable[Path]) -> str | None:
    """What is wrong with the disk under these folders, in a sentence; None if nothing is.

    Each is written to, for a disk can have room and be mounted read-only.
    """
    for folder in folders:
        try:
            state = os.statvfs(folder)
            with tempfile.TemporaryFile(prefix=".well-", dir=folder) as file:
                file.write(b"\0" * 4096)
                file.flush()
        except OSError as error:
            return f"{folder.name}/ cannot be written: {error.strerror}"
        free = state.f_bavail * state.f_frsize
        if free < LEAST_FREE:
            return f"the disk is full: {free // 1024 // 1024} MB are left under {folder.name}/"
    return None
