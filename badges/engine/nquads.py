"""Terms as canonical N-Quads writes them: IRIs, literals, numbers (RDFC-1.0, section 5)."""

from __future__ import annotations

import re
from typing import Any

from .documents import jcs
from .errors import MalformedError, UnsupportedError

#: Subject, predicate, object and graph, each as N-Quads writes it; `""` is the default graph.
Quad = tuple[str, str, str, str]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = f"<{RDF}type>"
RDF_FIRST = f"<{RDF}first>"
RDF_REST = f"<{RDF}rest>"
RDF_NIL = f"<{RDF}nil>"

#: An absolute address that holds nothing illegal in N-Quads.
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f]*")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def iri(value: str, code: str = "iri_relative") -> str:
    """The `<iri>` of an absolute address.

    Raises:
        MalformedError: it is none (`code`).
    """
    if not IRI.fullmatch(value):
        raise MalformedError(
            code, "an identifier, term or type is not an absolute address", {"value": value[:300]}
        )
    return f"<{value}>"


def literal(item: dict[str, Any]) -> str:
    """The literal of a value object (`@value`, with `@type` or `@language`).

    Raises:
        MalformedError, UnsupportedError: a language, type, direction or number that is declined.
    """
    value, kind = item["@value"], item.get("@type")
    if "@direction" in item:
        raise UnsupportedError("direction_unsupported", "texts with a direction are not checked")
    if kind == "@json":
        value, kind = jcs(value), f"{RDF}JSON"
    elif isinstance(value, bool):
        value, kind = ("true" if value else "false"), kind or f"{XSD}boolean"
    elif isinstance(value, int | float):
        value, kind = _number(value, kind)
    elif kind == f"{XSD}double":
        # Verifiers disagree on whether such a text is a number to be rewritten.
        raise UnsupportedError("number_unsupported", "such a number is not canonicalised here")
    text = f'"{escape(value)}"'
    if "@language" in item:
        if not LANGUAGE.fullmatch(item["@language"]):
            raise MalformedError("language_invalid", "a language tag is not valid")
        return f"{text}@{item['@language']}"
    if kind is None or kind == f"{XSD}string":
        return text
    return f"{text}^^{iri(kind)}"


def _number(value: int | float, kind: str | None) -> tuple[str, str]:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    if isinstance(value, int) and int(float(value)) != value:
        raise UnsupportedError("number_unsupported", "such a number is not canonicalised here")
    if isinstance(value, int) and abs(value) < 10**21 and kind != f"{XSD}double":
        return str(value), kind or f"{XSD}integer"
    mantissa, exponent = f"{float(value):.15E}".split("E")
    whole, _, fraction = mantissa.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}", kind or f"{XSD}double"


def escape(text: str) -> str:
    """Canonical N-Quads; other control characters must have been refused before."""
    return (
        text.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
