"""The JSON-LD contexts we know. A context is never fetched: it decides what a signature means.

`index.json` gives, for each address, the file, where it comes from and its SHA-256.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@cache
def shipped() -> MappingProxyType[str, dict[str, Any]]:
    """Every known context document by its address. Not to be changed by whoever reads it."""
    folder = resources.files(__name__)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            address: json.loads((folder / entry["file"]).read_text(encoding="utf-8"))
            for address, entry in index.items()
        }
    )


@cache
def vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The terms that any shipped context defines, and the IRIs that they stand for, in full."""
    pairs = [pair for document in shipped().values() for pair in definitions(document["@context"])]
    return frozenset(term for term, _ in pairs), frozenset(iri for _, iri in pairs)


@cache
def classes_like_members() -> frozenset[str]:
    """Classes whose IRI is that of a member too: `Criteria` for `criteria`.

    Written as a member, one is signed as the other, and found by no reader.
    """
    names: dict[str, set[str]] = {}
    for document in shipped().values():
        for term, iri in definitions(document["@context"]):
            names.setdefault(iri, set()).add(term)
    return frozenset(
        term
        for alike in names.values()
        if any(other[0].islower() for other in alike)
        for term in alike
        if term[0].isupper()
    )


def definitions(
    context: Any, prefixes: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Each (term, IRI) that a context defines, scoped contexts included, prefixes resolved."""
    for part in context if isinstance(context, list) else [context]:
        if not isinstance(part, dict):
            continue
        written = {
            term: definition if isinstance(definition, str) else definition.get("@id", term)
            for term, definition in part.items()
            if not term.startswith("@")
        }
        known = {**(prefixes or {}), **written}
        for term, iri in written.items():
            prefix, colon, rest = iri.partition(":")
            yield term, known[prefix] + rest if colon and prefix in known else iri
            if isinstance(part[term], dict):
                yield from definitions(part[term].get("@context"), known)
