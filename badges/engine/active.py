"""What terms mean under a stack of shipped contexts, looked up once.

Contexts are processed by the library (pyld), so that their meaning is the library's; only the
results are kept here: one `Active` for each state that the shipped contexts can put a document in,
its terms compiled when they are first met, and the way to the next state for each scoped context.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from pyld import jsonld

from .nquads import IRI, XSD

#: States kept for one thread. A badge needs about ten; strangers may stack contexts as they like.
MAX_STATES = 300
#: Lists of types remembered in one state, and their length.
MAX_KINDS = 100
MAX_KIND_LENGTH = 4

#: The library's own steps: it has no public way to process a scoped context.
_PROCESSOR = jsonld.JsonLdProcessor()
_OPTIONS = ("contextResolver", "documentLoader", "processingMode")


class NotCovered(Exception):
    """Not among the ordinary cases: the library must read the document."""


@dataclass(frozen=True, slots=True)
class Term:
    """A member's name under one state."""

    #: `@id` or `@type` when the name stands for that; the rest is then of no use.
    keyword: str | None
    #: `<iri>`.
    predicate: str
    #: The state in which the member's value is read.
    inside: Active
    #: The context scoped to this term, as `inside` knows it, for values that are objects.
    scoped: Any
    is_list: bool
    is_graph: bool
    #: `@id` or `@vocab` when a text is an address or a term, else None.
    text_is: str | None
    #: What follows a text's closing quotation mark: `` or `^^<type>`.
    suffix: str
    #: The type of a number or boolean; None is the type that its form gives.
    kind: str | None


class Active:
    """An active context of JSON-LD."""

    __slots__ = (
        "_after",
        "_kinds",
        "_realm",
        "context",
        "id_names",
        "mappings",
        "previous",
        "terms",
        "type_names",
    )

    def __init__(self, realm: Realm, context: Any) -> None:
        self._realm = realm
        self.context = context
        self.mappings = context["mappings"]
        self.terms: dict[str, Term] = {}
        before = context.get("previousContext")
        #: The state to go back to when a node ends the reach of its owner's types.
        self.previous: Active | None = None if before is None else realm.state(before)
        self.type_names = self._names_of("@type")
        self.id_names = self._names_of("@id")
        self._after: dict[tuple[int, bool, bool], tuple[Any, Active]] = {}
        self._kinds: dict[tuple[str, ...], tuple[Active, tuple[str, ...]]] = {}

    def _names_of(self, keyword: str) -> tuple[str, ...]:
        return tuple(
            name
            for name, mapping in self.mappings.items()
            if mapping is not None and mapping.get("@id") == keyword
        )

    # -- from state to state ------------------------------------------------------------------

    def enter(self, scoped: Any, *, protected: bool = False, propagate: bool = True) -> Active:
        """The state after a context scoped to a term (`protected`: may override) or a type."""
        key = (id(scoped), protected, propagate)
        known = self._after.get(key)
        if known is None:
            # `scoped` is kept beside the state, so that no other object can take its id.
            known = self._after[key] = (scoped, self._processed(scoped, protected, propagate))
        return known[1]

    def written(self, contexts: Any) -> Active:
        """The state after the contexts that a document writes, all of them addresses."""
        parts = tuple(contexts) if isinstance(contexts, list) else (contexts,)
        return self._realm.written(self, parts)

    def _processed(self, contexts: Any, protected: bool, propagate: bool) -> Active:
        return self._realm.state(
            _PROCESSOR._process_context(
                self.context,
                contexts,
                self._realm.options,
                override_protected=protected,
                propagate=propagate,
            )
        )

    def typed(self, types: list[Any]) -> tuple[Active, tuple[str, ...]]:
        """The state after the contexts of these types, and the types' `<iri>`s."""
        names = tuple(types)
        known = self._kinds.get(names)
        if known is not None:
            return known
        if not all(isinstance(name, str) for name in names):
            raise NotCovered
        state = self
        for name in sorted(names):
            scoped = (self.mappings.get(name) or {}).get("@context")
            if scoped is not None and scoped is not False:
                state = state.enter(scoped, propagate=False)
        found = state, tuple(self.word(name) for name in names)
        if len(names) <= MAX_KIND_LENGTH and len(self._kinds) < MAX_KINDS:
            self._kinds[names] = found
        return found

    # -- what is written ----------------------------------------------------------------------

    def address(self, text: str) -> str:
        """The `<iri>` of an identifier."""
        if not text.startswith(("https://", "http://")):
            text = _PROCESSOR._expand_iri(self.context, text, base=None)
        return _written(text)

    def word(self, text: str) -> str:
        """The `<iri>` of a type, or of a term that stands as a value."""
        return _written(_PROCESSOR._expand_iri(self.context, text, base=None, vocab=True))

    def term(self, name: str) -> Term:
        """What a member's name means."""
        found = self.terms.get(name)
        if found is None:
            found = self.terms[name] = self._compile(name)
        return found

    def keyword(self, name: str) -> str | None:
        """What the name stands for, if a keyword; anything else is of no interest here."""
        mapping = self.mappings.get(name)
        return None if mapping is None else mapping.get("@id")

    def _compile(self, name: str) -> Term:
        mapping = self.mappings.get(name)
        iri = None if mapping is None else mapping.get("@id")
        if iri in ("@id", "@type"):
            return Term(iri, "", self, None, False, False, None, "", None)
        if mapping is None or not isinstance(iri, str) or mapping.get("reverse"):
            raise NotCovered
        if iri.startswith("@") or not jsonld._is_absolute_iri(iri):
            raise NotCovered
        container = _containers(mapping)
        scoped = mapping.get("@context")
        inside = self
        if scoped is not None:
            inside = self.enter(scoped, protected=True)
        within = inside.mappings.get(name)
        # A context scoped to a term may define that very term again; ours never do.
        if within is None or within.get("@id") != iri or _containers(within) != container:
            raise NotCovered
        if any(
            key in part
            for part in (mapping, within, self.context, inside.context)
            for key in ("@language", "@direction")
        ):
            raise NotCovered
        kind = within.get("@type")
        if kind != mapping.get("@type"):
            raise NotCovered
        text_is = kind if kind in ("@id", "@vocab") else None
        if kind in ("@id", "@vocab", "@none"):
            kind = None
        if kind is not None and not IRI.fullmatch(kind):  # `@json` among others
            raise NotCovered
        return Term(
            keyword=None,
            predicate=_written(iri),
            inside=inside,
            scoped=within.get("@context"),
            is_list="@list" in container,
            is_graph="@graph" in container,
            text_is=text_is,
            suffix="" if kind in (None, f"{XSD}string") else f"^^<{kind}>",
            kind=kind,
        )


def _containers(mapping: Any) -> list[str]:
    container = mapping.get("@container") or []
    container = container if isinstance(container, list) else [container]
    if not {"@set", "@list", "@graph"}.issuperset(container):
        raise NotCovered
    return container


def _written(value: object) -> str:
    if not isinstance(value, str) or not IRI.fullmatch(value):
        raise NotCovered
    return f"<{value}>"


class Realm:
    """All the states of one thread: the library's caches are not made for two."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self._states: dict[int, Active] = {}
        self._written: dict[tuple[int, tuple[str, ...]], Active] = {}
        self.start = self.state(_PROCESSOR._get_initial_context(options))

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin again, so that memory has an end."""
        return len(self._states) + len(self._written) > MAX_STATES

    def state(self, context: Any) -> Active:
        """The one `Active` of a context of the library (kept alive by it: ids stay apart)."""
        found = self._states.get(id(context))
        if found is None:
            found = self._states[id(context)] = Active(self, context)
        return found

    def written(self, before: Active, parts: tuple[str, ...]) -> Active:
        """As `Active.written`."""
        key = (id(before), parts)
        found = self._written.get(key)
        if found is None:
            found = self._written[key] = before._processed(list(parts), False, True)
        return found


_local = threading.local()


def realm(options: dict[str, Any]) -> Realm:
    """This thread's states; `options` are the library's, the same at each call."""
    found: Realm | None = getattr(_local, "realm", None)
    if found is None or found.is_full:
        found = _local.realm = Realm(options)
    return found
