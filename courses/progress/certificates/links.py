"""The link of a certificate, read strictly where it matters and kindly elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_babel import gettext as _

from tierslieu.errors import Refused

HOST = "certificates.mooc.fi"
_PATH = re.compile(r"/validate/([a-z0-9]{10,11})/?", re.ASCII)


def read_link(text: str) -> str:
    """The id in ``https://certificates.mooc.fi/validate/<id>``: ten or eleven lower-case letters or
    digits. A slash at the end, a query and capitals of the host change nothing.

    Raises :class:`Refused` ``bad_certificate`` beside ``link``.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise _refusal() from None
    found = _PATH.fullmatch(parts.path)
    is_there = parts.scheme.lower() == "https" and parts.netloc.lower() == HOST and port is None
    if not is_there or found is None:
        raise _refusal()
    return found[1]


def link_of(code: str) -> str:
    """The page of this certificate."""
    return f"https://{HOST}/validate/{code}"


def _refusal() -> Refused:
    return Refused(
        _(
            "Ce n’est pas le lien d’un certificat : il commence par "
            "https://certificates.mooc.fi/validate/ et finit par dix ou onze lettres et chiffres. "
            "Ouvrez votre certificat, puis copiez l’adresse de la page."
        ),
        code="bad_certificate",
        field="link",
        status=422,
    )
