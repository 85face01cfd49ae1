"""The canonical text of a JSON-LD document: what the suites `…-rdfc-…` hash and sign."""

from __future__ import annotations

import json
from typing import Any, Protocol

from .documents import check_tree
from .errors import EngineError
from .jsonld import Contexts, to_quads
from .rdfc import Digest, canonicalize_quads


class Canonicalize(Protocol):
    """What turns a document into its canonical text."""

    def __call__(self, document: dict[str, Any], *, digest: Digest = "sha256") -> str:
        """As `canonicalize`."""


def canonicalize(
    document: dict[str, Any], contexts: Contexts | None = None, *, digest: Digest = "sha256"
) -> str:
    """The document's statements as canonical N-Quads (RDFC-1.0), the safe way of `jsonld`.

    `contexts` replaces the shipped ones (address → document with `@context`); leave it out.
    `digest` is what tells unnamed nodes apart: SHA-384 for proofs made with P-384.

    Raises:
        MalformedError: the document cannot be signed or was not well made: an undefined term or
            type, a relative IRI, a member that is no term, too large or deep.
        UnsupportedError: it may be right but is declined: a context that is not shipped
            (`UnknownContextError`), an unsafe inline context, a direction, a control character,
            unnamed parts too tangled.
    """
    return canonicalize_quads(to_quads(check_tree(document), contexts), digest=digest)


class Memory:
    """Canonicalises each document once: every step of a verification needs the same one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Digest], str | EngineError] = {}

    def __call__(self, document: dict[str, Any], *, digest: Digest = "sha256") -> str:
        """As `canonicalize`, errors included."""
        # Text is the key, not equality: to Python, `true` and `1` are the same member.
        key = _to_text(document), digest
        found = self._known.get(key)
        if found is None:
            try:
                found = canonicalize(document, digest=digest)
            except EngineError as error:
                found = error
            self._known[key] = found
        if isinstance(found, EngineError):
            raise found.with_traceback(None)
        return found


_to_text = json.JSONEncoder(ensure_ascii=False).encode
