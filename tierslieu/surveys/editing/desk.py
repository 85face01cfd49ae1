"""What the pages that write questionnaires share: the blueprint, the version at hand, trying."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.surveys.editing import rules
from tierslieu.surveys.editing.changes import Change
from tierslieu.surveys.instruments.items import ItemVariable
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.instruments.wording import languages_of
from tierslieu.surveys.models import Instrument
from tierslieu.surveys.queries import find_instrument
from tierslieu.web.forms import Form

BASE = "/questionnaires/<slug>/<int:version>"
Answer = str | BaseResponse | tuple[str, int]


def version_of(slug: str, version: int) -> Instrument:
    """This version. Raises :class:`NotYours`."""
    # An address may hold any number; a column may not.
    found = find_instrument(db.session(), slug, version) if version < 2**31 else None
    if found is None:
        raise NotYours
    return found


def to_version(instrument: Instrument, anchor: str | None = None) -> BaseResponse:
    """Back to the page of a version, at that place of it."""
    return redirect(
        url_for(
            "surveys.instrument",
            slug=instrument.slug,
            version=instrument.version,
            _anchor=anchor,
        )
    )


def languages(instrument: Instrument) -> tuple[str, ...]:
    """The languages it is written in."""
    return languages_of(instrument.content)


def variables_before(instrument: Instrument, page: int, item: str | None) -> list[ItemVariable]:
    """What a condition may look at: the variables asked before this item, or before this page."""
    found: list[ItemVariable] = []
    for number, sheet in enumerate(read_questionnaire(instrument.content).pages):
        if number > page or (number == page and item is None):
            break
        for one in sheet.items:
            if one.name == item:
                return found
            found += [variable for variable in one.variables if variable.is_coded]
    return found


def try_to(form: Form, act: Callable[[], Any]) -> bool:
    """Whether ``act`` could be done, for the view to commit; else why not stands in the form."""
    try:
        act()
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
    except ValueError as fault:
        db.session.rollback()
        form.form_errors.append(str(fault))
    else:
        return True
    return False


def change(slug: str, version: int, form: Any, act: Change) -> Instrument:
    """Apply a change that was read from a form."""
    return rules.change_draft(
        db.session(),
        version_of(slug, version).id,
        act,
        revision=form.revision.data or 0,
        now=clock.now(),
    )


def answer_with(page: str, form: Form) -> Answer:
    """The page; 422 where something in the form is wrong."""
    return (page, 422) if form.errors or form.form_errors else page
