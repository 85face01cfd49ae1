"""The canonical text of a JSON-LD document: what `eddsa-rdfc-2022` hashes and signs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .documents import check_tree
from .errors import EngineError
from .jsonld import Contexts, to_quads
from .rdfc import canonicalize_quads

Canonicalize = Callable[[dict[str, Any]], str]


def canonicalize(document: dict[str, Any], contexts: Contexts | None = None) -> str:
    """The document's statements as canonical N-Quads (RDFC-1.0), the safe way of `jsonld`.

    `contexts` replaces the shipped ones (address → document with `@context`); leave it out.

    Raises:
        MalformedError: the document cannot be signed or was not well made: an undefined term or
            type, a relative IRI, a member that is no term, too large or deep.
        UnsupportedError: it may be right but is declined: a context that is not shipped
            (`UnknownContextError`), an unsafe inline context, a direction, a control character,
            unnamed parts too tangled.
    """
    return canonicalize_quads(to_quads(check_tree(document), contexts))


class Memory:
    """Canonicalises each document once: every step of a verification needs the same one."""

    def __init__(self) -> None:
        self._known: dict[str, str | EngineError] = {}

    def __call__(self, document: dict[str, Any]) -> str:
        """As `canonicalize`, errors included."""
        # Text is the key, not equality: to Python, `true` and `1` are the same member.
        key = _to_text(document)
        found = self._known.get(key)
        if found is None:
            try:
                found = canonicalize(document)
            except EngineError as error:
                found = error
            self._known[key] = found
        if isinstance(found, EngineError):
            raise found.with_traceback(None)
        return found


_to_text = json.JSONEncoder(ensure_ascii=False).encode
