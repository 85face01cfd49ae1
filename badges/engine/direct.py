"""The ordinary document's statements, without the detour of expansion.

JSON-LD expansion is written for every document there may be. Ours, and nearly all that strangers
bring, need little of it: terms of shipped contexts, texts, numbers, addresses, nodes, lists, graphs
and texts with a language. Those are turned into statements here, step by step as the JSON-LD 1.1
algorithms (Expansion, section 5.1; Object to RDF, section 8) would. Whatever else a document holds,
and whatever is wrong with it, is left to the library: `read` answers None, and says nothing.
"""

from __future__ import annotations

from typing import Any

from .active import Active, NotCovered, Realm, Term
from .nquads import (
    LANGUAGE,
    RDF_FIRST,
    RDF_NIL,
    RDF_REST,
    RDF_TYPE,
    XSD,
    Quad,
    escape,
    literal,
)

_DOUBLE = f"^^<{XSD}double>"


def read(document: dict[str, Any], realm: Realm) -> list[Quad] | None:
    """The document's statements, or None when the library must read it.

    The document must have passed `documents.check_tree` and `jsonld.check_document`, and hold no
    context but addresses of shipped ones.
    """
    reading = _Reading()
    try:
        reading.node(document, realm.start, None, "")
    except Exception:
        # Not covered, or wrong: the library tells which, and why.
        return None
    return reading.quads


class _Reading:
    """One document being read."""

    def __init__(self) -> None:
        self.quads: list[Quad] = []
        self.unnamed = 0

    def fresh(self) -> str:
        label = f"_:b{self.unnamed}"
        self.unnamed += 1
        return label

    def node(self, element: dict[str, Any], state: Active, scoped: Any, graph: str) -> str:
        """Reads a node; answers its name. `scoped` is the context scoped to the term it is of."""
        state = _enter(element, state, scoped)
        if "@context" in element:
            state = state.written(element["@context"])
        type_name: str | None = None
        types: tuple[str, ...] = ()
        kinds: Any = None
        for name in state.type_names:
            if name in element:
                if type_name is not None:
                    raise NotCovered
                type_name, kinds = name, element[name]
        if type_name is not None:
            state, types = state.typed(kinds if isinstance(kinds, list) else [kinds])
        subject = None
        for name in state.id_names:
            if name in element:
                if subject is not None:
                    raise NotCovered
                subject = state.address(element[name])
        subject = subject or self.fresh()
        known = state.terms
        for name, value in element.items():
            if name == "@context":
                continue
            term = known.get(name) or state.term(name)
            if term.keyword is None:
                if value is not None:
                    self.member(subject, term, value, graph)
            elif term.keyword == "@type":
                if name != type_name:
                    raise NotCovered
                self.quads.extend((subject, RDF_TYPE, kind, graph) for kind in types)
        return subject

    def member(self, subject: str, term: Term, value: Any, graph: str) -> None:
        """Reads one member of a node."""
        add = self.quads.append
        if term.is_list:
            self.list(subject, term, value, graph)
        elif isinstance(value, list):
            for item in value:
                if item is not None:  # nested arrays are one array
                    self.member(subject, term, item, graph)
        elif term.is_graph:
            if not isinstance(value, dict):
                raise NotCovered
            name = self.fresh()
            add((subject, term.predicate, name, graph))
            self.node(value, term.inside, term.scoped, name)
        else:
            add((subject, term.predicate, self.object(term, value, graph), graph))

    def list(self, subject: str, term: Term, value: Any, graph: str) -> None:
        """Reads the value of a term whose values are in order."""
        predicate = term.predicate
        for item in value if isinstance(value, list) else [value]:
            if item is None:
                continue
            if isinstance(item, list):
                raise NotCovered
            cell = self.fresh()
            self.quads.append((subject, predicate, cell, graph))
            self.quads.append((cell, RDF_FIRST, self.object(term, item, graph), graph))
            subject, predicate = cell, RDF_REST
        self.quads.append((subject, predicate, RDF_NIL, graph))

    def object(self, term: Term, value: Any, graph: str) -> str:
        """The object that a value is, and whatever it says itself."""
        if isinstance(value, str):
            if term.text_is is None:
                if term.suffix == _DOUBLE:
                    raise NotCovered
                return f'"{escape(value)}"{term.suffix}'
            if term.text_is == "@id":
                return term.inside.address(value)
            return term.inside.word(value)
        if isinstance(value, dict):
            if "@value" in value or "@language" in value:
                return _text(term, value)
            return self.node(value, term.inside, term.scoped, graph)
        return literal({"@value": value, "@type": term.kind})


def _enter(element: dict[str, Any], state: Active, scoped: Any) -> Active:
    """The state in which a node begins: its owner's types are left, its term's context entered."""
    before = state.previous
    if before is not None:
        stays = False
        if len(element) <= 2 and "@context" not in element:
            # A mere reference to another node is still read as its owner's types say.
            meanings = [state.keyword(name) for name in element]
            if "@value" in meanings:
                raise NotCovered
            stays = meanings == ["@id"]
        if not stays:
            state = before
    return state if scoped is None else state.enter(scoped, protected=True)


def _text(term: Term, value: dict[str, Any]) -> str:
    """A text with a language."""
    text, language = value.get("@value"), value.get("@language")
    if len(value) != 2 or not isinstance(text, str) or not isinstance(language, str):
        raise NotCovered
    language = language.lower()
    if not LANGUAGE.fullmatch(language):
        raise NotCovered
    if term.scoped is not None:
        term.inside.enter(term.scoped, protected=True)
    return f'"{escape(text)}"@{language}'
