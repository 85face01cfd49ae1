"""A disk so small that it fills: a file system of its own, in the memory of this machine.

Mounting needs the rights of an administrator. A test marked ``small_disk`` that has none is run in
a name space of its own (``unshare``), where this process may mount what nobody else sees.
"""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from pathlib import Path

PAGE = 4096


@functools.cache
def can_mount() -> bool:
    """Whether this process may mount a file system."""
    if os.geteuid() != 0:
        return False
    folder = tempfile.mkdtemp()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "none", folder], capture_output=True, check=False
    )
    if tried.returncode == 0:
        subprocess.run(["umount", folder], check=True)
    os.rmdir(folder)
    return tried.returncode == 0


@functools.cache
def can_unshare() -> bool:
    """Whether this process may begin another that may mount."""
    try:
        tried = subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", tempfile.gettempdir()],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


class SmallDisk:
    """A file system of ``size`` bytes at ``folder``, which is made."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "none", str(folder)],
            check=True,
        )

    @property
    def free(self) -> int:
        """Bytes that are left."""
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def fill(self, leave: int = 0) -> None:
        """Something that is none of ours takes all the room but ``leave`` bytes."""
        with self._ballast.open("ab", buffering=0) as file:
            while (more := self.free - leave) >= PAGE:
                try:
                    file.write(b"\0" * min(more, 1024 * 1024))
                except OSError:  # somebody else took what was left
                    continue

    def empty(self) -> None:
        """That something is removed."""
        self._ballast.unlink(missing_ok=True)

    def freeze(self, *, frozen: bool = True) -> None:
        """Mount it again so that nothing can be written (no file may be open for writing), or so
        that it can."""
        how = "ro" if frozen else "rw"
        subprocess.run(["mount", "-o", f"remount,bind,{how}", str(self.folder)], check=True)

    def close(self) -> None:
        """It is gone, with all it held."""
        subprocess.run(["umount", "-l", str(self.folder)], check=True)
