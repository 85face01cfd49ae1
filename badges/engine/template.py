"""Signing many credentials of one badge: what they share is canonicalised once.

Credentials of one badge differ in a few texts: addresses, dates, the holder's hash, a status index.
`Template` learns which from the documents themselves. From the second document of a shape on, the
statements are not made anew: the texts that differ are spliced into those of the first. It gives,
byte for byte, what `proofs.sign` gives, and whatever it is not sure of goes that way::

    template = Template()                      # for one batch, one thread
    for award in awards:
        unsigned = credentials.build_credential(issuer, achievement, award)
        text = template.sign_text(unsigned, key, method, created=now)

Why the result is exact (RDFC-1.0, section 4):

- a document that is spliced has the keys, their order, the array lengths, and every value of the
  one before, but for texts (`_Form.values`), so that its contexts and types mean the same;
- each of those texts becomes one term of the statements: a literal, or an address that keeps the
  scheme for which it was seen to stand for itself;
- nodes without a name are labelled in the order of their first-degree hashes, when these are all
  different; those that hold a text which differs are hashed again. Two alike, or two statements
  alike, and the whole of RDFC-1.0 runs on the spliced statements.
"""

from __future__ import annotations

import copy
import hashlib
from datetime import datetime
from typing import Any

from . import proofs
from .canonical import canonicalize
from .encoding import multibase_encode
from .errors import EngineError
from .forms import Form, NotAlike, differences, to_json
from .keys import SigningKey

#: Shapes known at once (with and without evidence, with two statuses…), and attempts to learn: a
#: batch has few of either; where every document is another, nothing is to be gained.
MAX_FORMS = 8
MAX_ATTEMPTS = 60


class Template:
    """Canonicalises and signs documents that are mostly alike. Not for two threads at once."""

    def __init__(self) -> None:
        self._forms: list[Form] = []
        self._attempts = 0
        self._proof: tuple[Any, str, datetime, dict[str, Any], bytes, str] | None = None

    def canonicalize(self, document: dict[str, Any]) -> str:
        """As `canonical.canonicalize`, errors included."""
        found = self._spliced(document)
        return canonicalize(document) if found is None else found[0]

    def sign(
        self, document: dict[str, Any], key: SigningKey, method: str, *, created: datetime
    ) -> dict[str, Any]:
        """As `proofs.sign` with `eddsa-rdfc-2022`, errors included."""
        found = None if "proof" in document else self._spliced(document)
        if found is None:
            return proofs.sign(document, key, method, created=created)
        options, value, _ = self._prove(document, found[0], key, method, created)
        return {**document, "proof": [{**options, "proofValue": value}]}

    def sign_text(
        self, document: dict[str, Any], key: SigningKey, method: str, *, created: datetime
    ) -> str:
        """The JSON text of what `sign` gives, faster: as `json.dumps` would write it with
        `ensure_ascii=False, separators=(",", ":")`.
        """
        found = None if "proof" in document else self._spliced(document)
        if found is None:
            return to_json(proofs.sign(document, key, method, created=created))
        canonical, text = found
        _, value, head = self._prove(document, canonical, key, method, created)
        return f'{text[:-1]},"proof":[{head},"proofValue":"{value}"}}]}}'

    def _prove(
        self,
        document: dict[str, Any],
        canonical: str,
        key: SigningKey,
        method: str,
        created: datetime,
    ) -> tuple[dict[str, Any], str, str]:
        """The proof's options, its value, and the JSON text of the options without its end.

        The options are the same for a whole batch: they are canonicalised and hashed once.
        """
        context = document["@context"]
        known = self._proof
        if known is None or known[:3] != (context, method, created):
            options = proofs.options(method, created)
            written = canonicalize({**options, "@context": context})
            digest = hashlib.sha256(written.encode()).digest()
            known = (
                copy.deepcopy(context),
                method,
                created,
                options,
                digest,
                to_json(options)[:-1],
            )
            self._proof = known
        options, digest, head = known[3:]
        signature = key.sign(digest + hashlib.sha256(canonical.encode()).digest())
        return options, multibase_encode(signature), head

    def _spliced(self, document: dict[str, Any]) -> tuple[str, str] | None:
        """The canonical text and the JSON text, or None when the document goes the long way."""
        for form in self._forms:
            if form.pattern == document:
                try:
                    return form.splice(document)
                except NotAlike:
                    return None
        return self._learn(document) if self._attempts < MAX_ATTEMPTS else None

    def _learn(self, document: dict[str, Any]) -> tuple[str, str] | None:
        """Lets one more text differ in the form that is nearest, or begins a form."""
        paths: frozenset[Any] = frozenset()
        place = len(self._forms)
        for number, form in enumerate(self._forms):
            found = differences(form.sample, document)
            if found is not None:
                place, paths = number, frozenset([*form.paths, *found])
                break
        if place == MAX_FORMS:
            return None
        self._attempts += 1
        try:
            form = Form(document, paths)
            spliced = form.splice(document)
            expected = canonicalize(document)
        except (NotAlike, EngineError):
            return None
        # Looked at once more with the very document it was made from.
        if spliced[0] != expected:
            return None
        self._forms[place : place + 1] = [form]
        return spliced
