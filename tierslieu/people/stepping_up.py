"""What asks for a recent sign-in, since somebody may have left an open screen behind: what leaves
with data or keys, and what changes who may do what. A test names every page that does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request
from flask_security import auth_required

from tierslieu.web.access import own_path

View = TypeVar("View", bound=Callable[..., Any])
RECENT = 15  # minutes since one proved who one is


def step_up(view: View) -> View:
    """Sign in again first, if that was more than a quarter of an hour ago; below the guard that
    says who may come."""
    asked = auth_required("session", within=RECENT, grace=0)(view)
    asked.asks_again = True
    return cast(View, asked)


def step_up_to_send(view: View) -> View:
    """The same where the page may be read as before, and what is sent asks."""
    asked = step_up(view)

    @wraps(view)
    def chosen(*args: Any, **kwargs: Any) -> Any:
        return (view if request.method == "GET" else asked)(*args, **kwargs)

    chosen.asks_again = True  # type: ignore[attr-defined]
    return cast(View, chosen)


def way_back() -> str | None:
    """Where to go once one has signed in again: this page, or for what is no page (a form that was
    sent, a file) the one it stood on, so that one presses again knowingly."""
    methods = request.url_rule.methods if request.url_rule is not None else None
    is_page = "GET" in (methods or ()) and "." not in request.path.rpartition("/")[2]
    return request.path if is_page else own_path(request.referrer)
