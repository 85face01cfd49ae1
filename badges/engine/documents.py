"""Reading JSON from strangers: strict, bounded, and the same answer everywhere.

What two readers could understand differently is refused: duplicate keys, NaN, numbers beyond
double precision, lone surrogates. Also JCS (RFC 8785), the canonical form of `eddsa-jcs-2022`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .errors import MalformedError, UnsupportedError

#: Pictures travel inside credentials as `data:` addresses, hence megabytes and not kilobytes.
MAX_TEXT_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
#: JSON values in one document; a rich badge has about 150.
MAX_VALUES = 5_000
#: Commas, those inside texts included: counted before parsing, which costs time for each value.
MAX_COMMAS = 100_000
#: The largest whole number that every JSON reader keeps exact (RFC 7493).
MAX_SAFE_INTEGER = 2**53 - 1

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(data: bytes | str) -> dict[str, Any]:
    """A JSON object from text, checked by `check_tree`.

    Raises:
        MalformedError: too large, not UTF-8, not JSON, not an object, a duplicate key, a number
            that is none, too deep, too many values, a lone surrogate.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise MalformedError("too_large", "the document is too large", {"limit": MAX_TEXT_BYTES})
    return check_tree(decode_json(data))


def decode_json(data: bytes | str) -> Any:
    """Any JSON value from text, as `parse_json` reads it; its size and its tree are the caller's to
    bound.

    Raises:
        MalformedError: not UTF-8, not JSON, a duplicate key, a number that is none, too deep, too
            many commas.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise MalformedError("not_utf8", "the text is not UTF-8") from None
    if text.count(",") > MAX_COMMAS:
        raise MalformedError("too_many_values", "the document holds too many values")
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_parse_number,
            parse_int=_parse_number,
        )
    except RecursionError:
        raise MalformedError("too_deep", "the document is nested too deep") from None
    except ValueError:
        raise MalformedError("not_json", "the text is not JSON, or it is cut short") from None


def check_tree(document: object) -> dict[str, Any]:
    """The same document, once it is sure to be an ordinary JSON object within the limits.

    Raises:
        MalformedError: as `parse_json`; also anything JSON does not have (a date, bytes…).
    """
    if not isinstance(document, dict):
        raise MalformedError("not_object", "the JSON is not an object")
    if not _is_ordinary(document):
        _examine(document)
    return document


def _is_ordinary(document: dict[str, Any]) -> bool:
    """Whether nothing is wrong, told in bulk; when something is, `_examine` says what."""
    texts: list[str] = []
    count = 0
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            kind = value.__class__
            if kind is str:
                texts.append(value)
            elif kind is dict:
                texts.extend(value)
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif kind is int or kind is float:
                try:
                    _check_scalar(value)
                except MalformedError:
                    return False
            elif value is not None and kind is not bool:
                return False
        count += len(level)
        if count > MAX_VALUES:
            return False
        if not below:
            break
        level = below
    else:
        return False
    try:
        "".join(texts).encode()
    except (TypeError, UnicodeEncodeError):  # a name that is no text; half a character
        return False
    return True


def _examine(document: dict[str, Any]) -> None:
    """As `check_tree`, value by value: the first thing wrong is the one to tell."""
    count = 0
    # An explicit stack: depth is a limit to state, not a way to crash.
    stack: list[tuple[object, int]] = [(document, 1)]
    while stack:
        value, depth = stack.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise MalformedError("too_deep", "the document is nested too deep")
        if count > MAX_VALUES:
            raise MalformedError("too_many_values", "the document holds too many values")
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise MalformedError("not_json", "a member's name is not text")
                _check_text(key)
            stack.extend((member, depth + 1) for member in value.values())
        elif isinstance(value, list):
            stack.extend((member, depth + 1) for member in value)
        else:
            _check_scalar(value)


def _check_scalar(value: object) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise MalformedError("number_invalid", "a number is infinite or not a number")
    elif isinstance(value, int) and value.bit_length() > 1000:
        raise MalformedError("number_invalid", "a number is too large")
    elif value is not None and not isinstance(value, bool | int | float):
        raise MalformedError("not_json", "a value is of no JSON type")


def _check_text(text: str) -> None:
    if _SURROGATE.search(text):
        raise MalformedError("lone_surrogate", "a text holds half a character")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("duplicate_key", "an object has the same member twice")
    return members


def _refuse_constant(name: str) -> None:
    raise MalformedError("number_invalid", "a number is infinite or not a number")


def _parse_number(text: str) -> int | float:
    """As JavaScript reads it: `3.0` is 3, and whole numbers beyond 2^53 lose their last digits.

    Signatures are computed on the number's canonical text, so every verifier must see the same.
    """
    value = float(text)
    if not math.isfinite(value):
        raise MalformedError("number_invalid", "a number is too large")
    return int(value) if value.is_integer() else value


def jcs(value: object) -> str:
    """RFC 8785 for text, whole numbers, booleans, null, arrays and objects.

    Raises:
        UnsupportedError: a number that is not a whole number within 2^53.
    """
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{jcs(name)}:{jcs(member)}" for name, member in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_SAFE_INTEGER
    ):
        raise UnsupportedError("number_unsupported", "such a number is not canonicalised here")
    return json.dumps(value, ensure_ascii=False)
