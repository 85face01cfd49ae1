"""Links that people give, and others follow."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from flask_babel import gettext as _

from tierslieu.errors import Refused

MAX_URL = 2000  # characters


def clean_url(url: str) -> str:
    """The link, if it leads to a page of the web. Raises :class:`Refused` (field ``url``)."""
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:
        host = None
        parts = urlsplit("")
    # Nothing invisible, nothing that turns the reading direction, nothing browsers read otherwise:
    # who answers must see where the link leads.
    is_plain = len(url) <= MAX_URL and not any(
        c.isspace() or c == "\\" or unicodedata.category(c)[0] == "C" for c in url
    )
    if parts.scheme.lower() not in ("http", "https") or not host or not is_plain:
        raise Refused(
            _("Ce lien n’est pas une adresse du Web : il doit commencer par https:// ou http://."),
            code="bad_link",
            field="url",
            status=422,
        )
    if "@" in parts.netloc:  # https://known.org@elsewhere.org leads elsewhere
        raise Refused(
            _(
                "Ce lien a un « @ » devant le nom du site, qui cache où il mène : copiez "
                "l’adresse que montre votre navigateur."
            ),
            code="bad_link",
            field="url",
            status=422,
        )
    return url
