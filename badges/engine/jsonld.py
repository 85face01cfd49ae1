"""From a JSON-LD document to its statements, refusing whatever would be signed unseen.

JSON-LD drops what it does not understand, so a signature may cover less than a reader sees; and
one statement can be written in several ways, so a reader may see less than the signature covers.
Both are closed here. What is read as JSON and what was signed are the same thing because:

- only shipped contexts, or inline ones that add new names for new meanings (`_check_inline`);
- members are terms: no IRI, no compact IRI and no keyword as a member's name (`validUntil` could
  otherwise be renamed to its IRI, and the same signature would cover a badge that never expires);
- a class is no member: `Criteria` as a member's name means `criteria`, which readers look for;
- a badge, its subject and its achievement are each described in one place (`described`), though
  statements about them could stand wherever their name does;
- no term, type or identifier is dropped, none is relative, none holds a character that is illegal
  in N-Quads.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from . import contexts, described, direct
from .active import realm
from .errors import EngineError, MalformedError, UnsupportedError
from .nquads import IRI, RDF, RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, Quad, iri, literal

#: Caps on what makes expansion slow: a badge has 1 to 3 contexts, an endorsement inside adds 3.
MAX_CONTEXTS = 24
MAX_TYPES = 400
MAX_INLINE_TERMS = 100

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TERM = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

Contexts = Mapping[str, Mapping[str, Any]]


class UnknownContextError(UnsupportedError):
    """A context that is not shipped: what the document means cannot be known offline."""

    def __init__(self, address: str) -> None:
        super().__init__("context_unknown", "a context is not known here", {"address": address})


def to_quads(document: dict[str, Any], known: Contexts | None = None) -> list[Quad]:
    """The statements of a document, blank nodes labelled in the order they are met.

    `known` replaces the shipped contexts (published test vectors use an example context).
    The document must have passed `documents.check_tree`.

    Raises:
        UnknownContextError: a context that is not shipped.
        UnsupportedError: legal JSON-LD that is declined here.
        MalformedError: an undefined term or type, a relative or illegal IRI, invalid JSON-LD.
    """
    known = contexts.shipped() if known is None else known
    inline = check_document(document, known)
    shared = not inline and known is contexts.shipped()
    if shared:
        quads = direct.read(document, realm(_options(known, shared=True)))
        if quads is not None:
            return quads
    return _expand(document, _options(known, shared=shared))


def _expand(document: dict[str, Any], options: dict[str, Any]) -> list[Quad]:
    """The statements of any document, by way of the library."""
    dropped: list[str | None] = []
    try:
        expanded = jsonld.expand(document, options, on_property_dropped=dropped.append)
    except EngineError:
        raise
    except jsonld.JsonLdError as error:
        raise _explain(error) from error
    except Exception as error:
        # The library was written for documents of good faith; whatever it trips over is refused.
        raise MalformedError("jsonld_invalid", "the document is not valid JSON-LD") from error
    if dropped:
        raise MalformedError(
            "term_undefined", "a member has no meaning in the contexts", {"term": str(dropped[0])}
        )
    return list(_Statements().read(expanded))


def check_document(document: dict[str, Any], known: Contexts) -> bool:
    """Refuse what must not reach expansion; answers whether a context is written inline.

    Raises: as `to_quads`.
    """
    inline = False if _is_ordinary(document, known) else _examine(document, known)
    told = described.said_elsewhere(document)
    if told is not None:
        raise UnsupportedError(
            "described_elsewhere",
            "what decides about the badge is said of its name in another place",
            {"term": told[:100]},
        )
    return inline


#: The bytes of `_CONTROL` in UTF-8, where no other character holds them.
_CONTROL_BYTES = bytes(code for code in range(128) if _CONTROL.match(chr(code)))
_LANGUAGE_KEYS = frozenset({"@value", "@language"})


def _is_ordinary(document: dict[str, Any], known: Contexts) -> bool:
    """Whether there is nothing to refuse and no inline context, told in bulk."""
    terms, classes = contexts.vocabulary()[0], contexts.classes_like_members()
    texts: list[str] = []
    context_count = type_count = 0
    stack: list[Any] = [document]
    while stack:
        value = stack.pop()
        kind = value.__class__
        if kind is str:
            texts.append(value)
        elif kind is list:
            stack.extend(value)
        elif kind is dict:
            for name, member in value.items():
                if name in terms and name not in classes:
                    if name == "type":
                        type_count += len(member) if member.__class__ is list else 1
                elif name == "@context":
                    parts = member if member.__class__ is list else (member,)
                    context_count += len(parts)
                    if not all(part.__class__ is str and part in known for part in parts):
                        return False
                    continue
                elif name not in _LANGUAGE_KEYS or not value.keys() <= _LANGUAGE_KEYS:
                    return False
                stack.append(member)
    if context_count > MAX_CONTEXTS or type_count > MAX_TYPES:
        return False
    return not holds_control_characters("".join(texts))


def holds_control_characters(text: str) -> bool:
    """Whether `check_document` would refuse such a text, or `check_tree` for half a character."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return True
    return len(data.translate(None, _CONTROL_BYTES)) != len(data)


def _examine(document: dict[str, Any], known: Contexts) -> bool:
    """As `check_document`, value by value: the first thing wrong is the one to tell."""
    inline = False
    found = {"contexts": 0, "types": 0}
    stack: list[Any] = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict):
            for name, member in value.items():
                if name == "@context":
                    parts = member if isinstance(member, list) else [member]
                    found["contexts"] += len(parts)
                    for part in parts:
                        inline = _check_context(part, known) or inline
                    continue
                _check_name(name, value)
                if name in ("type", "@type"):
                    found["types"] += len(member) if isinstance(member, list) else 1
                stack.append(member)
    if found["contexts"] > MAX_CONTEXTS or found["types"] > MAX_TYPES:
        raise UnsupportedError("too_many_contexts", "the document has too many contexts or types")
    return inline


def _check_text(text: str) -> None:
    if _CONTROL.search(text):
        raise UnsupportedError("control_character", "a text holds a control character")


def _check_name(name: str, owner: dict[str, Any]) -> None:
    if name == "@direction":
        raise UnsupportedError("direction_unsupported", "texts with a direction are not checked")
    # A language-tagged text is the one place where keywords are the ordinary way to write.
    if name in ("@value", "@language") and owner.keys() <= {"@value", "@language"}:
        return
    if name.startswith("@") or ":" in name or name in contexts.classes_like_members():
        raise MalformedError(
            "member_not_a_term",
            "a member is named by an address, a keyword or a class",
            {"term": name[:100]},
        )
    _check_text(name)


def _check_context(part: object, known: Contexts) -> bool:
    if isinstance(part, str):
        if part not in known:
            raise UnknownContextError(part[:300])
        return False
    if not isinstance(part, dict):
        raise MalformedError("context_invalid", "a context is neither an address nor an object")
    _check_inline(part)
    return True


def _check_inline(part: dict[str, Any]) -> None:
    """An inline context may only name new things: never again what a shipped context names."""
    terms, iris = contexts.vocabulary()
    if len(part) > MAX_INLINE_TERMS:
        raise _unsafe("")
    for term, definition in part.items():
        if term in ("@protected", "@version"):
            continue
        iri, kind = definition, None
        if isinstance(definition, dict):
            if not definition.keys() <= {"@id", "@type", "@protected"}:
                raise _unsafe(term)
            iri, kind = definition.get("@id"), definition.get("@type")
        if (
            not _TERM.fullmatch(term)
            or term in terms
            or not _is_web_iri(iri)
            or iri in iris
            or str(iri).startswith(RDF)
            or not (kind in (None, "@id") or _is_web_iri(kind))
        ):
            raise _unsafe(term)


def _is_web_iri(value: object) -> bool:
    # Only `http(s)://`: such a value is never a compact IRI that a prefix could bend.
    return isinstance(value, str) and bool(
        value.startswith(("https://", "http://")) and IRI.fullmatch(value)
    )


def _unsafe(term: str) -> UnsupportedError:
    return UnsupportedError(
        "context_inline_unsafe",
        "a context written inside the document could change what is read",
        {"term": term[:100]},
    )


def _explain(error: jsonld.JsonLdError) -> EngineError:
    """The first cause of a chain of JSON-LD errors, as one of ours."""
    cause: BaseException | None = error
    code = ""
    while cause is not None:
        if isinstance(cause, EngineError):
            return cause
        code = getattr(cause, "code", None) or code
        cause = cause.__cause__
    return MalformedError(
        "jsonld_invalid", "the document is not valid JSON-LD", {"reason": str(code)}
    )


class _Loader:
    """Hands known contexts to the library, and nothing else."""

    def __init__(self, known: Contexts) -> None:
        self.known = known

    def __call__(self, address: str, _options: object) -> dict[str, Any]:
        document = self.known.get(address)
        if document is None:
            raise UnknownContextError(address[:300])
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": address,
            "document": {"@context": document["@context"]},
            "tag": "static",  # lets the library keep the processed context
        }


_local = threading.local()


def _options(known: Contexts, *, shared: bool) -> dict[str, Any]:
    return {
        "base": None,  # anything else would give a relative identifier an invented base
        "documentLoader": _Loader(known),
        "contextResolver": _resolver(known, shared=shared),
        "processingMode": "json-ld-1.1",
    }


def _resolver(known: Contexts, *, shared: bool) -> Any:
    """The library's cache of processed contexts: one a thread, it is not made for two.

    What strangers write inline goes to a cache of its own, thrown away with the document.
    """
    if not shared:
        return ContextResolver({}, _Loader(known))
    if not hasattr(_local, "resolver"):
        _local.resolver = ContextResolver({}, _Loader(known))
    return _local.resolver


class _Statements:
    """Turns an expanded document into quads (JSON-LD 1.1 API, section 8)."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}

    def read(self, expanded: list[Any]) -> Iterator[Quad]:
        for node in expanded:
            yield from self._node(node, self._name(node), "")

    def _fresh(self) -> str:
        label = f"_:b{len(self.labels)}"
        self.labels[f" {label}"] = label  # a key that no document can hold
        return label

    def _name(self, node: dict[str, Any]) -> str:
        identifier = node.get("@id")
        if identifier is None:
            return self._fresh()
        if identifier.startswith("_:"):
            if identifier not in self.labels:
                self.labels[identifier] = f"_:b{len(self.labels)}"
            return self.labels[identifier]
        return iri(identifier)

    def _node(self, node: dict[str, Any], subject: str, graph: str) -> Iterator[Quad]:
        for member, values in node.items():
            if member == "@type":
                for kind in values:
                    yield subject, RDF_TYPE, iri(kind, "type_undefined"), graph
            elif member == "@graph":
                name = self._fresh() if "@id" not in node else subject
                for inner in values:
                    yield from self._node(inner, self._name(inner), name)
            elif member.startswith("@"):
                if member not in ("@id", "@index"):
                    raise UnsupportedError("jsonld_unsupported", "such JSON-LD is not checked")
            else:
                for value in values:
                    yield from self._value(subject, iri(member, "term_undefined"), value, graph)

    def _value(self, subject: str, predicate: str, value: Any, graph: str) -> Iterator[Quad]:
        if "@value" in value:
            yield subject, predicate, literal(value), graph
        elif "@list" in value:
            yield from self._list(subject, predicate, value["@list"], graph)
        elif "@graph" in value:
            name = self._name(value)
            yield subject, predicate, name, graph
            for inner in value["@graph"]:
                yield from self._node(inner, self._name(inner), name)
        else:
            name = self._name(value)
            yield subject, predicate, name, graph
            yield from self._node(value, name, graph)

    def _list(self, subject: str, predicate: str, items: list[Any], graph: str) -> Iterator[Quad]:
        for item in items:
            cell = self._fresh()
            yield subject, predicate, cell, graph
            yield from self._value(cell, RDF_FIRST, item, graph)
            subject, predicate = cell, RDF_REST
        yield subject, predicate, RDF_NIL, graph
