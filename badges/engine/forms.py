"""One shape of document, its statements made once, and the places where texts are spliced in.

The parts of `template`, which says why this is exact.
"""

from __future__ import annotations

import copy
import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from .documents import check_tree
from .jsonld import holds_control_characters, to_quads
from .nquads import IRI, RDF_TYPE, Quad, escape
from .rdfc import canonicalize_quads, first_degree, mask, write

Path = tuple[str | int, ...]

#: Renderings kept, one for each unnamed node and label it has had; a badge has about ten nodes.
MAX_LABELLED = 2_000

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quote = json.encoder.encode_basestring

#: Characters of what a marker adds to the beginning of an address.
_OWN = len("slot-") + 24


#: The names of what `described` wants in one place: the document, its subject, the achievement.
DESCRIBED_ONCE: tuple[Path, ...] = (
    ("id",),
    ("credentialSubject", "id"),
    ("credentialSubject", "achievement", "id"),
)


class NotAlike(Exception):
    """The document is not one that this form can splice: it goes the long way."""


class _AnyText:
    """Equal to every text, so that a whole document is compared in one go."""

    def __eq__(self, other: object) -> bool:
        return other.__class__ is str

    __hash__ = None  # type: ignore[assignment]


def differences(sample: Any, other: Any, path: Path = ()) -> list[Path] | None:
    """Where two documents hold different texts; None when anything else differs."""
    if sample.__class__ is not other.__class__:
        return None
    if isinstance(sample, dict):
        if list(sample) != list(other):
            return None
        steps: Iterable[Any] = sample
    elif isinstance(sample, list):
        if len(sample) != len(other):
            return None
        steps = range(len(sample))
    elif sample == other:
        return []
    else:
        return [path] if isinstance(sample, str) else None
    found: list[Path] = []
    for step in steps:
        inner = differences(sample[step], other[step], (*path, step))
        if inner is None:
            return None
        found += inner
    return found


def texts(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where the texts of a document stand, in its order."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from texts(value[step], (*path, step))


def get(document: Any, path: Path) -> Any:
    """One value inside a document."""
    for step in path:
        document = document[step]
    return document


def has(document: Any, path: Path) -> bool:
    """Whether there is a text at that path."""
    for step in path:
        if not isinstance(document, dict) or step not in document:
            return False
        document = document[step]
    return isinstance(document, str)


def put(document: Any, path: Path, value: Any) -> None:
    """Sets one value inside a document."""
    get(document, path[:-1])[path[-1]] = value


@dataclass(frozen=True)
class _Slot:
    """A text that differs from document to document."""

    path: Path
    marker: str
    #: What an address begins with; None for a literal.
    prefix: str | None

    @property
    def written(self) -> str:
        """The marker as a term, without a literal's type or language."""
        return f'"{self.marker}"' if self.prefix is None else f"<{self.marker}>"

    def term(self, text: str) -> str:
        """The text as a term of N-Quads, without a literal's type or language."""
        if self.prefix is None:
            return f'"{escape(text)}"'
        if not text.startswith(self.prefix) or not IRI.fullmatch(text):
            raise NotAlike
        return f"<{text}>"


class _Lines:
    """Lines in which texts are spliced in the place of markers."""

    def __init__(self, lines: Sequence[str], markers: Sequence[str]) -> None:
        text = "\n".join(line[:-1] for line in lines).replace("%", "%%")
        places: list[tuple[int, int]] = []
        for number, marker in enumerate(markers):
            at = text.find(marker)
            while at >= 0:
                places.append((at, number))
                at = text.find(marker, at + 1)
        for marker in markers:
            text = text.replace(marker, "%s")
        self._text = text
        self._is_empty = not lines
        self._pick = itemgetter(*(number for _, number in sorted(places))) if places else None

    def splice(self, texts: Sequence[str]) -> list[str]:
        """The lines with these texts, one for each marker."""
        if self._is_empty:
            return []
        picked = () if self._pick is None else self._pick(texts)
        return (self._text % picked).split("\n")


class Form:
    """A document's shape; `paths` leads to the texts that may differ.

    Raises:
        NotAlike: a text may not differ there (it decides what others mean, or is no whole term).
        EngineError: the document cannot be canonicalised.
    """

    def __init__(self, sample: dict[str, Any], paths: frozenset[Path]) -> None:
        self.sample = copy.deepcopy(check_tree(sample))
        self.paths = [path for path in texts(sample) if path in paths]
        #: Equal to every document of this shape, whatever the texts, the order of its members and
        #: the kind of its numbers; `_values` looks at those.
        self.pattern = copy.deepcopy(sample)
        marked = copy.deepcopy(sample)
        markers: list[str] = []
        for path in self.paths:
            if "@context" in path:  # also one written inline, which is checked by other rules
                raise NotAlike
            markers.append(_marker(get(sample, path)))
            put(self.pattern, path, _AnyText())
            put(marked, path, markers[-1])
        self._names = tuple(sample)
        self._containers: list[tuple[int, str | int, tuple[str, ...] | None]] = []
        self._numbers: list[tuple[int, str | int, type]] = []
        self._places: list[tuple[int, str | int]] = []
        self._survey(self.pattern, 0)
        #: The JSON text between the slots.
        self._between = _cut(to_json(marked), markers)
        self._quads = set(to_quads(marked))
        self.slots = [
            _slot(path, marker, self._quads)
            for path, marker in zip(self.paths, markers, strict=True)
        ]
        self._written = [slot.written for slot in self.slots]
        #: Addresses that do not change, and the slots of what is described in one place alone.
        self._addresses = {
            term for quad in self._quads for term in (quad[0], quad[2]) if term[:1] == "<"
        }
        self._once = [n for n, path in enumerate(self.paths) if path in DESCRIBED_ONCE]
        self._named = {
            f"<{get(sample, path)}>"
            for path in DESCRIBED_ONCE
            if path not in self.paths and has(sample, path)
        }
        self._arrange()

    def _arrange(self) -> None:
        """Sorts the statements by what must be done with them for each document."""
        self._nodes = sorted({term for quad in self._quads for term in quad if term[:1] == "_"})
        #: First-degree hashes of the nodes that no slot touches; for the others, their lines.
        self._still: dict[str, str] = {}
        self._hashed: dict[str, tuple[list[str], _Lines]] = {}
        for node in self._nodes:
            known = [quad for quad in self._quads if node in quad]
            moving = [mask(quad, node) for quad in known if self._is_moving(quad)]
            lines = [mask(quad, node) for quad in known if not self._is_moving(quad)]
            if moving:
                self._hashed[node] = ([line[:-1] for line in lines], _Lines(moving, self._written))
            else:
                self._still[node] = first_degree(lines)
        #: Lines without slot: of no unnamed node, or by the one they speak of and its label.
        self._fixed: list[str] = []
        self._blocks: dict[str, list[Quad]] = {node: [] for node in self._nodes}
        self._labelled: dict[tuple[str, str], list[str]] = {}
        loose: list[Quad] = []
        for quad in self._quads:
            nodes = {term for term in quad if term[:1] == "_"}
            if self._is_moving(quad) or len(nodes) > 1:
                loose.append(quad)
            elif nodes:
                self._blocks[nodes.pop()].append(quad)
            else:
                self._fixed.append(write(quad, {})[:-1])
        self._fixed.sort()
        names = {node: f"_:{secrets.token_hex(12)}" for node in self._nodes}
        self._loose = _Lines(
            [write(quad, names) for quad in loose], [*self._written, *names.values()]
        )

    def _survey(self, value: Any, owner: int) -> None:
        """Notes every container within one, every number, and every slot."""
        for step in value if isinstance(value, dict) else range(len(value)):
            part = value[step]
            if isinstance(part, dict | list):
                names = tuple(part) if isinstance(part, dict) else None
                self._containers.append((owner, step, names))
                self._survey(part, len(self._containers))
            elif isinstance(part, _AnyText):
                self._places.append((owner, step))
            elif not isinstance(part, str):
                if part.__class__ is float and part == 0:  # which `-0.0` equals
                    raise NotAlike
                self._numbers.append((owner, step, part.__class__))

    def _is_moving(self, quad: Quad) -> bool:
        return any(slot.marker in term for slot in self.slots for term in quad)

    # -- one document -------------------------------------------------------------------------

    def splice(self, document: dict[str, Any]) -> tuple[str, str]:
        """The canonical text and the compact JSON text of a document that equals `pattern`.

        Raises:
            NotAlike: it is not of this shape after all, or holds a text that may not stand there.
        """
        values, text = self._values(document)
        terms = [slot.term(value) for slot, value in zip(self.slots, values, strict=True)]
        once = [terms[number] for number in self._once]
        if not self._addresses.isdisjoint(once):
            raise NotAlike  # two nodes would be one: that is judged on the document itself
        for term in (*once, *self._named):
            if terms.count(term) > (term in once):
                raise NotAlike
        hashes = dict(self._still)
        for node, (still, moving) in self._hashed.items():
            lines = still + moving.splice(terms)
            lines.sort()
            lines.append("")
            hashes[node] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        if len(set(hashes.values())) == len(hashes):
            order = sorted(hashes, key=hashes.__getitem__)
            labels = {node: f"_:c14n{number}" for number, node in enumerate(order)}
            lines = self._fixed + self._loose.splice(
                [*terms, *map(labels.__getitem__, self._nodes)]
            )
            for item in labels.items():
                lines += self._labelled.get(item) or self._label(*item)
            if len(set(lines)) == len(lines):
                lines.sort()
                lines.append("")
                return "\n".join(lines), text
        return canonicalize_quads(self._all(terms)), text

    def _label(self, node: str, label: str) -> list[str]:
        """The lines that speak of one unnamed node alone, under this label."""
        if len(self._labelled) > MAX_LABELLED:
            self._labelled.clear()
        labels = {node: label}
        lines = sorted(write(quad, labels)[:-1] for quad in self._blocks[node])
        self._labelled[node, label] = lines
        return lines

    def _values(self, document: dict[str, Any]) -> tuple[list[str], str]:
        """The texts in the slots, and the document's JSON text."""
        # The order of members, and `true` where `1` stood: equality does not see them.
        parts: list[Any] = [document]
        for owner, step, names in self._containers:
            part = parts[owner][step]
            if names is not None and tuple(part) != names:
                raise NotAlike
            parts.append(part)
        if tuple(document) != self._names:
            raise NotAlike
        for owner, step, kind in self._numbers:
            if parts[owner][step].__class__ is not kind:
                raise NotAlike
        values = [parts[owner][step] for owner, step in self._places]
        if holds_control_characters("".join(values)):
            raise NotAlike
        text = [self._between[0]]
        for value, after in zip(values, self._between[1:], strict=True):
            text += (_quote(value), after)
        return values, "".join(text)

    def _all(self, terms: Sequence[str]) -> list[Quad]:
        """Every statement with these terms."""
        found: list[Quad] = []
        for quad in self._quads:
            for written, term in zip(self._written, terms, strict=True):
                if any(written in part for part in quad):
                    subject, predicate, object_, graph = (
                        part.replace(written, term) for part in quad
                    )
                    quad = subject, predicate, object_, graph
            found.append(quad)
        return found


def _marker(text: str) -> str:
    """A text found nowhere else; it begins as an address does where one stood."""
    own = f"slot-{secrets.token_hex(12)}"
    if not IRI.fullmatch(text):
        return own
    scheme, rest = text.split(":", 1)
    return f"{scheme}://{own}" if rest.startswith("//") else f"{scheme}:{own}"


def _cut(text: str, markers: Sequence[str]) -> list[str]:
    """The text around the quoted markers; they stand in the order of the members."""
    between: list[str] = []
    for marker in markers:
        before, found, text = text.partition(_quote(marker))
        if not found:
            raise NotAlike
        between.append(before)
    return [*between, text]


def _slot(path: Path, marker: str, quads: Iterable[Quad]) -> _Slot:
    """How the text at `path` stands in the statements.

    Raises:
        NotAlike: as a type, as a part of something, in two ways, or not at all.
    """
    kinds: set[bool] = set()
    for subject, predicate, object_, graph in quads:
        for place, term in (("s", subject), ("p", predicate), ("o", object_), ("g", graph)):
            if marker not in term:
                continue
            is_literal = term.startswith(f'"{marker}"')
            if is_literal:
                fits = place == "o" and marker not in term[len(marker) + 2 :]
            else:
                is_type = place == "o" and predicate == RDF_TYPE
                fits = place != "p" and term == f"<{marker}>" and not is_type
            if not fits:
                raise NotAlike
            kinds.add(is_literal)
    if len(kinds) != 1:
        raise NotAlike
    prefix = None if kinds.pop() else marker[:-_OWN]
    return _Slot(path, marker, prefix)
