"""What the pages that write a path share: who writes, trying a rule, answering."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import redirect, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from courses.paths.editing.problems import say_errors
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person
from tierslieu.web.forms import Form

Answer = str | BaseResponse | tuple[str, int]


def me() -> UUID:
    """Who writes."""
    return current_person().id


def to_draft(slug: str, anchor: str | None = None) -> BaseResponse:
    """Back to the draft, at that place of it."""
    return redirect(url_for("paths.edit", slug=slug, _anchor=anchor))


def try_to(form: Form, act: Callable[[], object]) -> bool:
    """Whether ``act`` could be done, for the view to commit; else why not stands beside its field,
    and nothing is half-written."""
    session = db.session()
    try:
        act()
    except ValidationError as error:
        session.rollback()
        form.form_errors.extend(say_errors(error))
        return False
    except Refused as refused:
        session.rollback()
        if isinstance(refused, NotYours):
            raise
        form.refuse(refused)
        return False
    return True


def answer_with(page: str, form: Form) -> Answer:
    """The page; 422 where something in the form is wrong."""
    return (page, 422) if form.errors or form.form_errors else page
