"""The outlines and signs that badges are drawn from, on a square of 240 units."""

from __future__ import annotations

import math
from collections.abc import Callable


def _points(pairs: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in pairs) + "Z"


def _hexagon(radius: float) -> str:
    turns = [math.pi * (i / 3 - 0.5) for i in range(6)]
    return _points([(120 + radius * math.cos(t), 120 + radius * math.sin(t)) for t in turns])


def _circle(radius: float) -> str:
    return (
        f"M{120 - radius:.2f} 120a{radius:.2f} {radius:.2f} 0 1 0 {2 * radius:.2f} 0"
        f"a{radius:.2f} {radius:.2f} 0 1 0 {-2 * radius:.2f} 0Z"
    )


def _square(radius: float) -> str:
    half, corner = radius * 0.88, radius * 0.26
    run = 2 * (half - corner)
    arc = f"a{corner:.2f} {corner:.2f} 0 0 1"
    return (
        f"M{120 - half + corner:.2f} {120 - half:.2f}h{run:.2f}{arc} {corner:.2f} {corner:.2f}"
        f"v{run:.2f}{arc} {-corner:.2f} {corner:.2f}h{-run:.2f}{arc} {-corner:.2f} {-corner:.2f}"
        f"v{-run:.2f}{arc} {corner:.2f} {-corner:.2f}Z"
    )


def _shield(radius: float) -> str:
    k = radius / 100

    def at(x: float, y: float) -> str:
        return f"{120 + x * k:.2f} {120 + y * k:.2f}"

    return (
        f"M{at(0, -98)}C{at(28, -84)} {at(56, -80)} {at(84, -78)}"
        f"V{120 + 8 * k:.2f}C{at(84, 52)} {at(46, 82)} {at(0, 100)}"
        f"C{at(-46, 82)} {at(-84, 52)} {at(-84, 8)}V{120 - 78 * k:.2f}"
        f"C{at(-56, -80)} {at(-28, -84)} {at(0, -98)}Z"
    )


def _flower(radius: float) -> str:
    """A rosette of twelve round petals."""
    petals, inner = 12, radius * 0.93
    chord = 2 * inner * math.sin(math.pi / petals)
    corner = chord * 0.56
    turn = -math.pi / 2 - math.pi / petals
    spots = [
        (
            120 + inner * math.cos(turn + i * 2 * math.pi / petals),
            120 + inner * math.sin(turn + i * 2 * math.pi / petals),
        )
        for i in range(petals + 1)
    ]
    arcs = "".join(f"A{corner:.2f} {corner:.2f} 0 0 1 {x:.2f} {y:.2f}" for x, y in spots[1:])
    return f"M{spots[0][0]:.2f} {spots[0][1]:.2f}{arcs}Z"


SHAPES: dict[str, Callable[[float], str]] = {
    "hexagon": _hexagon,
    "circle": _circle,
    "square": _square,
    "shield": _shield,
    "flower": _flower,
}
# Signs on a square of 100 units around (0, 0), drawn with a round pen.
ICONS = {
    "code": '<path d="M-25-22L-47 0l22 22M25-22L47 0 25 22M10-34L-10 34"/>',
    "robot": (
        '<path d="M-36 24v-18a36 36 0 0 1 72 0v18M-46 26H46M0-30v-14"/>'
        '<circle cx="0" cy="-46" r="3.5"/><circle cx="-13" cy="4" r="4.5" class="f"/>'
        '<circle cx="13" cy="4" r="4.5" class="f"/>'
    ),
    "data": (
        '<ellipse cx="0" cy="-28" rx="34" ry="12"/>'
        '<path d="M-34-28V28c0 6.6 15.2 12 34 12s34-5.4 34-12V-28'
        'M-34 0c0 6.6 15.2 12 34 12S34 6.6 34 0"/>'
    ),
    "web": (
        '<circle cx="0" cy="0" r="40"/><path d="M-40 0h80M0-40c14 11 20 25 20 40S14 29 0 40'
        'C-14 29-20 15-20 0s6-29 20-40z"/>'
    ),
    "network": (
        '<path d="M-32-24L0-6M-32 24L0 6M32-24L0-6M32 24L0 6M-32-16v32M32-16v32"/>'
        '<circle cx="-34" cy="-26" r="9" class="k"/><circle cx="-34" cy="26" r="9" class="k"/>'
        '<circle cx="34" cy="-26" r="9" class="k"/><circle cx="34" cy="26" r="9" class="k"/>'
        '<circle cx="0" cy="0" r="13" class="k"/>'
    ),
    "book": (
        '<path d="M0-22C-10-31-26-33-42-31v58c16-2 32 0 42 9 10-9 26-11 42-9v-58'
        'C26-33 10-31 0-22zM0-22v58"/>'
    ),
    "people": (
        '<circle cx="-14" cy="-18" r="14"/><path d="M-42 34c2-19 13-29 28-29s26 10 28 29'
        'M12-31a14 14 0 0 1 0 26M24 8c10 3 16 12 18 26"/>'
    ),
    "bulb": (
        '<path d="M-14 22c0-10-14-16-14-32a28 28 0 0 1 56 0c0 16-14 22-14 32zM-11 35H11M-6 46H6"/>'
        '<path d="M0 22V0M0 0l-9-8M0 0l9-8"/>'
    ),
    "compass": '<circle cx="0" cy="0" r="40"/><path d="M17-17L7 7-17 17-7-7z"/>',
    "chip": (
        '<rect x="-26" y="-26" width="52" height="52" rx="8"/>'
        '<rect x="-9" y="-9" width="18" height="18" rx="3"/>'
        '<path d="M-13-26v-14M13-26v-14M-13 26v14M13 26v14M-26-13h-14M-26 13h-14'
        'M26-13h14M26 13h14"/>'
    ),
}
