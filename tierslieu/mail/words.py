"""Words of a mail that are made when it is written, in each language its reader may have.

A mail may wait for the morning, go to several people, tell how things were before a change: so
what depends on the language (a day, a number of nights) is kept in each, and the reader's is taken
when it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tierslieu.web.languages import LOCALES, MAIN, speaking
from tierslieu.web.written import Said, Theirs

_MARK = "$"  # no context of ours has such a key


def in_each(write: Callable[[], str]) -> Any:
    """What ``write`` says, for the context of a mail: ``{"$fr": "jeudi", "$en": "Thursday"}``,
    or the text alone where it is the same in all."""
    said = {}
    for language in LOCALES:
        with speaking(language):
            said[_MARK + language] = str(write())
    texts = set(said.values())
    return texts.pop() if len(texts) == 1 else said


def take_language(value: Any, language: str) -> Any:
    """A context, or a part of one, with the words of ``language`` alone."""
    if isinstance(value, Mapping):
        if _MARK + MAIN in value:
            return value.get(_MARK + language, value[_MARK + MAIN])
        return {key: take_language(part, language) for key, part in value.items()}
    if isinstance(value, list):
        return [take_language(part, language) for part in value]
    return value


def mark_theirs(value: Any, sample: Any) -> Any:
    """A context, or a part of one, whose words mark themselves where the sample of its mail is
    :class:`Theirs`. What was kept in each language is ours: it stays as it is."""
    if isinstance(sample, Theirs):
        return Said(value) if isinstance(value, str) else value
    if isinstance(value, Mapping) and isinstance(sample, Mapping):
        return {key: mark_theirs(part, sample.get(key)) for key, part in value.items()}
    if isinstance(value, list) and isinstance(sample, list) and sample:
        return [mark_theirs(part, sample[0]) for part in value]
    return value


def each_said(value: Any) -> Iterator[Said]:
    """What people wrote in a context that :func:`mark_theirs` went through."""
    if isinstance(value, Said):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from each_said(part)
