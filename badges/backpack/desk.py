"""What the pages of the backpack take from the application."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from badges.awards import publishing
from badges.awards.desk import settings
from badges.backpack.examining import with_recipient
from badges.engine.dids import Fetch
from badges.engine.errors import EngineError, FetchGone, FetchRefused
from badges.engine.report import Report
from badges.engine.verify import verify
from badges.verification.fetching import Fetcher
from badges.verification.reading import fetch_typed, find_address
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused


def fetcher() -> Fetcher:
    """What reads the documents of other places; ours are answered here. No transaction is open
    while it waits."""
    session = db.session()
    return Fetcher(publishing.own_documents(session, settings()), before_leaving=session.rollback)


def verify_again(text: str, addresses: Sequence[str]) -> Report:
    """Verify a kept badge now, and whether it is made out to one of these addresses. Ends the
    transaction, for it may take seconds."""
    fetch = fetcher()
    db.session.rollback()
    return with_recipient(verify(text, fetch=fetch, now=clock.now()), addresses)


def bring_from(typed: str, fetch: Fetch) -> bytes:
    """What lies at an address somebody typed, or of the page of a badge the badge itself. Raises
    :class:`Refused`, with the engine's code or ``own_address``."""
    url = find_address(typed)
    try:
        if url is None:
            raise FetchRefused("no web address", typed)
        return fetch_typed(url, fetch)
    except FetchGone as gone:
        if gone.body:
            return gone.body  # an Open Badge 2.0 that was withdrawn says so in its place
        raise _unreadable(gone) from gone
    except EngineError as error:
        if url is not None and url.startswith(f"{settings().base_url}/"):
            raise Refused(
                _("Cette adresse est de ce lieu : les badges d’ici sont déjà parmi les vôtres."),
                code="own_address",
                status=422,
            ) from error
        raise _unreadable(error) from error


def _unreadable(error: EngineError) -> Refused:
    return Refused(
        _("Rien de lisible n’a été trouvé à cette adresse : donnez plutôt le fichier."),
        code=error.code,
        status=422,
    )
