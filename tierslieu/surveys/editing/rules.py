"""Drafts of questionnaires: begun, changed until somebody answers, followed by another version."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.surveys.editing.changes import Change, without_old_names
from tierslieu.surveys.editing.queries import (
    count_waves,
    last_version,
    list_waves_asking,
    was_answered,
)
from tierslieu.surveys.instruments.reading import (
    bounds_faults,
    check_names,
    content_hash,
    find_faults,
    read_questionnaire,
)
from tierslieu.surveys.instruments.wording import languages_of, say
from tierslieu.surveys.models import Instrument
from tierslieu.surveys.queries import list_instruments

MOST_ITEMS, MOST_VARIABLES = 200, 600  # of a questionnaire
LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/deed.fr"


def make_name(words: str, joint: str, most: int) -> str:
    """``words`` in small letters without accents, as a name of at most ``most`` characters."""
    plain = (
        unicodedata.normalize("NFKD", words.replace("’", " "))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9]+", joint, plain).strip(joint)[:most].strip(joint)


def name_after(label: str) -> str:
    """The name of a variable made of a label, whatever it begins with: 20 characters at most."""
    name = make_name(label, "_", 20)
    if name[:1].isalpha():
        return name
    return f"q_{name}"[:20].strip("_") if name else "question"


def begin_instrument(db: Session, title: str, *, now: datetime) -> Instrument:
    """The draft of a new questionnaire, in French, with one empty page."""
    content = {
        "title": {"fr": title},
        "language": "fr",
        "languages": ["fr"],
        "validated_languages": [],
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
        "source": "",
        "scoring": "",
        "minutes": 5,
        "pages": [{"title": {"fr": _("Première page")}, "intro": "", "items": []}],
    }
    return keep_new(db, content, now=now)


def keep_new(db: Session, content: Mapping[str, Any], *, now: datetime) -> Instrument:
    """This document as the first version of a questionnaire of a name of its own."""
    lock_for_writing(db)
    title = say(content["title"], languages_of(content)[0])
    stem = make_name(title, "-", 40) or "questionnaire"
    known = {one.slug for one in list_instruments(db)}
    slug, number = stem, 2
    while slug in known:
        slug, number = f"{stem}-{number}", number + 1
    found = {**content, "slug": slug, "version": 1}
    _check_bounds(found)
    return _write(db, Instrument(), found, now)


def _write(
    db: Session, instrument: Instrument, content: dict[str, Any], now: datetime
) -> Instrument:
    """Keep a well-made document. Raises :class:`Refused` ``bad_instrument``, ``draft_changed``."""
    try:
        read = read_questionnaire(content)
    except ValueError as fault:
        raise Refused(str(fault), code="bad_instrument", status=422) from None
    counted = len(list(read.items())), len(list(read.variables()))
    if counted[0] > MOST_ITEMS or counted[1] > MOST_VARIABLES:
        raise Refused(
            _(
                "Un questionnaire a %(most)s questions au plus, et %(cells)s lignes, cases "
                "et rangs.",
                most=MOST_ITEMS,
                cells=MOST_VARIABLES,
            ),
            code="bad_instrument",
            status=422,
        )
    instrument.slug, instrument.version = read.slug, read.version
    instrument.title = read.title
    instrument.licence, instrument.source = content["licence"], content["source"]
    instrument.content, instrument.content_sha256 = content, content_hash(content)
    instrument.updated_at = now
    try:
        with db.begin_nested():
            db.add(instrument)
    except IntegrityError:  # somebody began the same at the same instant
        raise _changed() from None
    return instrument


def _changed() -> Refused:
    return Refused(
        _(
            "Quelqu’un a changé ce questionnaire entre-temps, et rien n’a été écrasé. Relisez-le "
            "dans un autre onglet, puis gardez de nouveau ce que vous aviez écrit."
        ),
        code="draft_changed",
    )


def why_frozen(db: Session, instrument: Instrument) -> str:
    """Why it can be changed no more, in a sentence; empty while it can."""
    if instrument.is_shipped:
        return str(_("Ce questionnaire est livré avec le logiciel : il ne change pas."))
    if was_answered(db, instrument.id):
        return str(_("Quelqu’un a déjà répondu à cette version : elle ne change plus."))
    return ""


def _hold(db: Session, instrument_id: UUID) -> Instrument:
    lock_for_writing(db)
    found = db.get(Instrument, instrument_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotYours
    return found


def change_draft(
    db: Session, instrument_id: UUID, change: Change, *, revision: int | None, now: datetime
) -> Instrument:
    """Apply ``change``. ``revision``: the one that was read (None: whichever, for a change that
    does not rest on what was read).

    Raises :class:`Refused` ``frozen``, ``draft_changed``, ``bad_instrument``.
    """
    instrument = _hold(db, instrument_id)
    reason = why_frozen(db, instrument)
    if reason:
        raise Refused(_("%(reason)s Faites-en une nouvelle version.", reason=reason), code="frozen")
    if revision is not None and revision != instrument.revision:
        raise _changed()
    content = change(dict(instrument.content))
    instrument.revision += 1
    _check_bounds(content)
    _check_waves(db, instrument, content)
    return _write(db, instrument, content, now)


def _check_bounds(content: Mapping[str, Any]) -> None:
    """The next version of an instrument that reaches further is begun all the same: its draft says
    what is wrong with it, and is kept once that is mended."""
    try:
        faults = bounds_faults(read_questionnaire(content))
    except ValueError:
        return  # said when it is written
    if faults:
        raise Refused(faults[0], code="bad_instrument", status=422)


def _check_waves(db: Session, instrument: Instrument, content: Mapping[str, Any]) -> None:
    """What a wave asks stays fit to be asked, and its columns fit the files."""
    for wave in list_waves_asking(db, instrument.id):
        try:
            check_names(read_questionnaire(content), wave.slug)
        except ValueError as fault:
            raise Refused(str(fault), code="bad_instrument", status=422) from None
        faults = find_faults(content) if wave.study.opened_at is not None else []
        if faults:
            raise Refused(
                _(
                    "L’étude « %(title)s » pose ce questionnaire : il doit rester complet. %(why)s",
                    title=wave.study.title,
                    why=faults[0],
                ),
                code="bad_instrument",
                status=422,
            )


def begin_version(db: Session, instrument_id: UUID, *, now: datetime) -> Instrument:
    """The next version, a draft like this one; each item follows the one of its name.

    Raises :class:`Refused` ``version_exists`` when a later one is there already.
    """
    instrument = _hold(db, instrument_id)
    newest = last_version(db, instrument.slug)
    if newest != instrument.version:
        raise Refused(
            _("La version %(number)s existe déjà : reprenez celle-là.", number=newest),
            code="version_exists",
        )
    content = without_old_names(dict(instrument.content)) | {
        "version": instrument.version + 1,
        "follows": {"version": instrument.version},
    }
    return _write(db, Instrument(), content, now)


def remove_draft(db: Session, instrument_id: UUID) -> None:
    """Forget a draft. Raises :class:`Refused` ``frozen``, ``in_use`` (a wave asks it)."""
    instrument = _hold(db, instrument_id)
    reason = why_frozen(db, instrument)
    if reason:
        raise Refused(reason, code="frozen")
    if count_waves(db, instrument.id):
        raise Refused(
            _("Une étude pose ce questionnaire : retirez-le d’abord de ses vagues."), code="in_use"
        )
    db.delete(instrument)
    db.flush()
