"""An answer, a choice of lines, one's usual words: parse and shape."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import TextAreaField

from courses.progress.answering.queries import Narrowing
from tierslieu.web.forms import OwnForm, tidy

MAX_DAYS = 3650


class WordsForm(OwnForm):
    """One's usual words, one a line."""

    words = TextAreaField(_("Mes mots, un par ligne"), filters=[tidy])


def read_narrowing(args: MultiDict[str, str]) -> Narrowing:
    """What the address asks of the queue; what it says strangely is not asked."""
    slug, _colon, key = args.get("etape", "").partition(":")
    days, group = args.get("depuis", ""), args.get("groupe", "")
    is_number = days.isascii() and days.isdigit() and len(days) < 5
    return Narrowing(
        slug=slug[:200],
        key=key[:200],
        days=min(int(days), MAX_DAYS) if is_number else 0,
        cohort_id=next(iter(read_ids([group])), None),
        is_own=group == "miens",
    )


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """The ids among these, each once."""
    found: dict[UUID, None] = {}
    for text in texts:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)
