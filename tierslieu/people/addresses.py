"""One form for an e-mail address, so that one person is found whichever way they type it."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

MOST = 320  # characters, spaces around it included: twice what any server takes


class BadAddress(ValueError):
    """This text is no address a mail can be sent to."""


def normalise_email(text: str) -> str:
    """The address as it is kept: lower case, its domain in ASCII (RFC 5890), deliverable anywhere.

    ``plus+signs`` are kept, for they may be part of the mailbox (RFC 5233). The domain is not
    looked up. Raises :class:`BadAddress`, also for accents before the ``@``: few servers
    take them (RFC 6531); and for a long text, before anything else looks at it: whoever counts
    the tries of an address and whoever finds its account read the same.
    """
    if len(text) > MOST:
        raise BadAddress("too long")
    text = unicodedata.normalize("NFC", text).strip()
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as wrong:
        raise BadAddress(str(wrong)) from None
    return (found.ascii_email or found.normalized).lower()
