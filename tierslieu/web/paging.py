"""Pages of a list, counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

from tierslieu import counting

T = TypeVar("T")
PER_PAGE = 25


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: ``number`` counts from 1, ``total`` counts the whole list's items.

    ``is_long``: there are more of them than ``total``, nobody counted how many; ``is_followed``
    says then whether a page comes after this one.
    """

    items: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE
    is_long: bool = False
    is_followed: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one; of a long list, those that were counted."""
        return max(1, -(-self.total // self.per_page))

    @property
    def has_next(self) -> bool:
        """Whether a page comes after this one."""
        return self.is_followed if self.is_long else self.number < self.pages

    def url(self, number: int) -> str:
        """The address of another page of the same list, its filters kept."""
        values = {**(request.view_args or {}), **request.args.to_dict(flat=False), "page": number}
        return url_for(request.endpoint or "", **values)


def long_page(read: Sequence[T], number: int, count: int) -> Page[T]:
    """A page of a list that may be long. ``read``: what stands on it and, if there is any, one item
    more; ``count``: as ``count_to_cap`` (``tierslieu/counting.py``) gives it."""
    return Page(
        read[:PER_PAGE],
        number,
        min(count, counting.COUNTED),
        is_long=count > counting.COUNTED,
        is_followed=len(read) > PER_PAGE,
    )


def asked_page() -> int:
    """The page number in the address; anything strange is the first page."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
