"""A film for Chromium's pretended camera: a QR code held before it, as real frames of video."""

from __future__ import annotations

from pathlib import Path

import segno


def film(path: Path, text: str, *, width: int = 640, height: int = 480, frames: int = 10) -> Path:
    """Write a YUV4MPEG2 film (4:2:0, 8 bits) in which the QR code of ``text`` is held up.

    The first frames are an empty grey wall: the code comes into view while one looks.
    """
    wall = _frame([[170] * width for _ in range(height)])
    held = _frame(_held_up(text, width, height))
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"".join([wall] * 3 + [held] * (frames - 3)))
    return path


def _frame(luma: list[list[int]]) -> bytes:
    """One frame: the lights and darks, and no colour."""
    grey = bytes([128]) * (len(luma) // 2 * (len(luma[0]) // 2) * 2)
    return b"FRAME\n" + b"".join(bytes(row) for row in luma) + grey


def _held_up(text: str, width: int, height: int) -> list[list[int]]:
    """A sheet of paper with the code, a little out of the middle, before a grey wall."""
    modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    size = len(modules)
    scale = int(min(width, height) * 0.9) // size
    left, top = (width - size * scale) // 3, (height - size * scale) // 2
    rows = [[170] * width for _ in range(height)]
    for y in range(size * scale):
        for x in range(size * scale):
            rows[top + y][left + x] = 40 if modules[y // scale][x // scale] else 225
    return rows
