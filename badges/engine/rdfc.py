"""RDFC-1.0: one text for one set of statements, whatever order or labels they came in.

W3C RDF Dataset Canonicalization (2024). Our own, because a stranger's document may hold a graph
that takes the textbook algorithm for ever: every step here is paid from a budget. Statements are
tuples of N-Quads terms (`<iri>`, `"literal"^^<type>`, `_:label`); the graph is `""` by default.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Literal

from .errors import UnsupportedError
from .nquads import Quad

#: Blank nodes to relate while breaking ties: an ordinary badge has none to break, six equal
#: alignments cost 4,500, a clique of eight nodes millions.
MAX_WORK = 20_000
#: What tells nodes apart. RDFC-1.0 leaves the choice to who signs; SHA-256 unless they say so.
Digest = Literal["sha256", "sha384"]
#: How far one tie may lead to the next.
MAX_CHAIN = 100


def canonicalize_quads(
    quads: Iterable[Quad], max_work: int = MAX_WORK, digest: Digest = "sha256"
) -> str:
    """The canonical N-Quads of these statements: sorted lines, each ended by a newline.

    Raises:
        UnsupportedError: ties between blank nodes would take more than `max_work`
            (`graph_too_tangled`).
    """
    unique = set(quads)
    labels = _Labeller(unique, max_work, digest).label()
    return "".join(sorted([write(quad, labels) for quad in unique]))


def write(quad: Quad, labels: Mapping[str, str]) -> str:
    """The line of a statement, unnamed nodes labelled."""
    subject, predicate, object_, graph = quad
    get = labels.get
    if graph:
        return (
            f"{get(subject, subject)} {predicate} {get(object_, object_)} {get(graph, graph)} .\n"
        )
    return f"{get(subject, subject)} {predicate} {get(object_, object_)} .\n"


def mask(quad: Quad, node: str) -> str:
    """The line of a statement as a node sees it: itself `_:a`, other unnamed nodes `_:z`."""
    subject, predicate, object_, graph = quad
    if subject[0] == "_":
        subject = "_:a" if subject == node else "_:z"
    if object_[0] == "_":
        object_ = "_:a" if object_ == node else "_:z"
    if not graph:
        return f"{subject} {predicate} {object_} .\n"
    if graph[0] == "_":
        graph = "_:a" if graph == node else "_:z"
    return f"{subject} {predicate} {object_} {graph} .\n"


def first_degree(lines: list[str], digest: Digest = "sha256") -> str:
    """The first-degree hash of a node, from the lines of its statements, masked (section 4.6)."""
    return _hash("".join(sorted(lines)), digest)


def _hash(text: str, digest: Digest) -> str:
    return hashlib.new(digest, text.encode()).hexdigest()


class _Issuer:
    """Hands out labels in the order they are asked for (section 4.6)."""

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = dict(issued or {})

    def issue(self, node: str) -> str:
        if node not in self.issued:
            self.issued[node] = f"{self.prefix}{len(self.issued)}"
        return self.issued[node]

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.issued)


class _Labeller:
    """Gives every blank node its canonical label (sections 4.4 to 4.8)."""

    def __init__(self, quads: set[Quad], max_work: int, digest: Digest) -> None:
        self.digest = digest
        self.budget = max_work
        self.chain = 0
        self.canonical = _Issuer("_:c14n")
        self.mentions: dict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            subject, _, object_, graph = quad
            # Terms begin with `<`, `"` or `_`; only the default graph is empty.
            if subject[0] == "_":
                self.mentions[subject].append(quad)
            if object_[0] == "_" and object_ != subject:
                self.mentions[object_].append(quad)
            if graph and graph[0] == "_" and graph != subject and graph != object_:
                self.mentions[graph].append(quad)
        self.first = {
            node: first_degree([mask(quad, node) for quad in known], digest)
            for node, known in self.mentions.items()
        }

    def label(self) -> dict[str, str]:
        by_hash: dict[str, list[str]] = defaultdict(list)
        for node, digest in self.first.items():
            by_hash[digest].append(node)
        tied: list[list[str]] = []
        for digest in sorted(by_hash):
            nodes = by_hash[digest]
            if len(nodes) == 1:
                self.canonical.issue(nodes[0])
            else:
                tied.append(nodes)
        for nodes in tied:
            paths: list[tuple[str, _Issuer]] = []
            for node in nodes:
                if node in self.canonical.issued:
                    continue
                issuer = _Issuer("_:b")
                issuer.issue(node)
                paths.append(self._n_degree(node, issuer))
            for _, issuer in sorted(paths, key=lambda path: path[0]):
                for node in issuer.issued:
                    self.canonical.issue(node)
        return self.canonical.issued

    def _related_hash(self, related: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        label = self.canonical.issued.get(related) or issuer.issued.get(related)
        predicate = "" if position == "g" else quad[1]
        return _hash(position + predicate + (label or self.first[related]), self.digest)

    def _n_degree(self, node: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """Hash N-Degree Quads: tell tied nodes apart by what surrounds them."""
        self.chain += 1
        if self.chain > MAX_CHAIN:
            raise _too_tangled()
        groups: dict[str, list[str]] = defaultdict(list)
        for quad in self.mentions[node]:
            for position, term in (("s", quad[0]), ("o", quad[2]), ("g", quad[3])):
                if term[:1] == "_" and term != node:
                    self._spend(1)
                    groups[self._related_hash(term, quad, issuer, position)].append(term)
        data = ""
        for digest in sorted(groups):
            data += digest
            chosen_path = ""
            chosen: _Issuer | None = None
            for order in permutations(groups[digest]):
                self._spend(len(order))
                found = self._path(order, issuer.copy(), chosen_path)
                if found and (chosen is None or found[0] < chosen_path):
                    chosen_path, chosen = found
            data += chosen_path
            if chosen is not None:
                issuer = chosen
        self.chain -= 1
        return _hash(data, self.digest), issuer

    def _path(
        self, order: tuple[str, ...], issuer: _Issuer, chosen: str
    ) -> tuple[str, _Issuer] | None:
        """The path of one permutation, or None once it cannot beat the chosen one."""

        def is_worse(path: str) -> bool:
            return bool(chosen) and len(path) >= len(chosen) and path > chosen

        path = ""
        pending: list[str] = []
        for related in order:
            if related in self.canonical.issued:
                path += self.canonical.issued[related]
            else:
                if related not in issuer.issued:
                    pending.append(related)
                path += issuer.issue(related)
            if is_worse(path):
                return None
        for related in pending:
            digest, deeper = self._n_degree(related, issuer)
            path += issuer.issue(related) + f"<{digest}>"
            issuer = deeper
            if is_worse(path):
                return None
        return path, issuer

    def _spend(self, amount: int) -> None:
        self.budget -= amount
        if self.budget < 0:
            raise _too_tangled()


def _too_tangled() -> UnsupportedError:
    return UnsupportedError(
        "graph_too_tangled", "the document's unnamed parts are too tangled to be compared"
    )
