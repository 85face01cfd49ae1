"""Accounts by Flask-Security: our tables, our addresses, our templates, our outbox."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask
from flask_security import MailUtil, Security, SQLAlchemyUserDatastore

from tierslieu import clock
from tierslieu.db import db
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import Role, User
from tierslieu.settings import Settings


class OutboxMailUtil(MailUtil):
    """Flask-Security's mails go through the outbox like all others."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Write the mail; it leaves after the commit of the view that asked for it."""
        write_mail(
            db.session(),
            recipient if isinstance(recipient, str) else recipient[1],
            "raw",
            {"subject": str(subject), "text": body or "", "html": html or ""},
            now=clock.now(),
        )


def install(app: Flask, settings: Settings) -> None:
    """Give ``app`` its accounts."""
    salt = hashlib.sha256(b"password salt\0" + settings.secret_key.encode()).hexdigest()
    app.config.from_mapping(
        SECURITY_PASSWORD_SALT=salt,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of the scheme
        SECURITY_DATETIME_FACTORY=clock.now,
        SECURITY_VERIFY_URL="/reconnexion",  # /verify checks badges
    )
    app.config["SECURITY_PASSWORD_SALT"] = salt
    datastore = SQLAlchemyUserDatastore(db, User, Role)
    app.extensions["tierslieu.security"] = Security(app, datastore, mail_util_cls=OutboxMailUtil)
