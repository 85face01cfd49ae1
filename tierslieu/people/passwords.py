"""Which passwords are taken: long ones, that nobody would try and nobody has read yet."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_security.password_util import PasswordUtil
from flask_security.utils import get_message

from tierslieu.people.leaked import has_leaked
from tierslieu.people.rules import is_guessable
from tierslieu.place.showing import the_place
from tierslieu.settings import Settings


class HousePasswordUtil(PasswordUtil):
    """Length first (12 characters); then what anybody would try; then what leaked elsewhere."""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        """The sentences that refuse this password, if any, and the password normalised."""
        wrong, normal = super().validate(password, is_register, **kwargs)
        if wrong:
            return wrong, normal
        person = kwargs.get("user")
        known = [kwargs.get("email"), kwargs.get("name")]
        if person is not None:
            known = [person.email, person.name]
        settings: Settings = current_app.config["TIERSLIEU"]
        known += [the_place().name, settings.place_name, urlsplit(settings.base_url).hostname]
        if is_guessable(normal, [text for text in known if text]):
            return [get_message("PASSWORD_TOO_SIMPLE")[0]], normal
        if settings.leaked_passwords and has_leaked(normal, settings.leaked_passwords):
            return [get_message("PASSWORD_BREACHED")[0]], normal
        return None, normal
