"""Unnamed parts that name each other: canonicalised while it is cheap, declined at once after."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from badges.engine.canonical import canonicalize
from badges.engine.errors import UnsupportedError
from badges.engine.rdfc import Quad, canonicalize_quads
from tests.support.signing import pyld_canonicalize


def clique(size: int) -> list[Quad]:
    nodes = [f"_:n{number}" for number in range(size)]
    return [(a, "<https://x.example/knows>", b, "") for a, b in itertools.permutations(nodes, 2)]


@pytest.mark.parametrize("size", [8, 12, 40])
def test_a_clique_of_unnamed_nodes_is_declined_at_once(size: int) -> None:
    began = time.process_time()
    with pytest.raises(UnsupportedError) as caught:
        canonicalize_quads(clique(size))
    assert caught.value.code == "graph_too_tangled"
    assert time.process_time() - began < 1


def test_a_small_clique_is_still_canonicalised() -> None:
    assert canonicalize_quads(clique(4)).count("\n") == 12


def test_a_long_ring_of_unnamed_nodes_is_declined_without_exhausting_the_stack() -> None:
    ring = [(f"_:n{n}", "<https://x.example/next>", f"_:n{(n + 1) % 900}", "") for n in range(900)]
    with pytest.raises(UnsupportedError):
        canonicalize_quads(ring)


@pytest.mark.parametrize("size", [8, 12])
def test_a_clique_inside_a_badge_is_declined_at_once(house: Any, size: int) -> None:
    badge = house.badge()
    names = [f"_:n{number}" for number in range(size)]
    # `related` links achievements to each other: every one to every other.
    badge["credentialSubject"]["achievement"]["related"] = [
        {
            "id": name,
            "type": ["Achievement"],
            "related": [{"id": other} for other in names if other != name],
        }
        for name in names
    ]
    began = time.process_time()
    report = house.verify(house.sign(house.badge()) | badge)
    assert report.check("proof").code == "graph_too_tangled"
    assert report.outcome == "incomplete"
    assert time.process_time() - began < 1


def test_a_few_equal_alignments_are_no_clique(house: Any) -> None:
    badge = house.badge()
    achievement = badge["credentialSubject"]["achievement"]
    achievement["alignment"] = [achievement["alignment"][0]] * 5
    assert canonicalize(badge) == pyld_canonicalize(badge)
