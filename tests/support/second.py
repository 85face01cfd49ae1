"""An application that gives codes, and a second factor set up with it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from passlib.totp import TOTP

SETUP = "/compte/double-verification"
KEY = re.compile(r'id="cle">([A-Z2-7 \-]+)<')
STEP = 30  # seconds a code lasts


class Application:
    """What gives codes on somebody's phone; its clock is moved by hand, and the place's with it."""

    def __init__(self, patch: pytest.MonkeyPatch, start: int = 1_800_000_000) -> None:
        self.at = start
        self.key = ""
        patch.setattr(TOTP, "now", staticmethod(lambda: self.at))

    def read(self, page: str) -> None:
        """Take the key a page shows."""
        found = KEY.search(page)
        assert found is not None
        self.key = re.sub(r"[ \-]", "", found[1])

    def code(self, later: int = 0) -> str:
        """The code that is shown now, or in so many seconds."""
        return str(TOTP(key=self.key, format="base32").generate(self.at + later).token)

    def wait(self) -> str:
        """The next code, once it is shown."""
        self.at += STEP
        return self.code()


def set_up(client: FlaskClient, application: Application) -> Any:
    """Switch it on, as a page leads one through; gives the page of the codes for a rainy day."""
    page = client.post(SETUP, data={"setup": "authenticator"}).text
    application.read(page)
    action = re.search(rf'action="({SETUP}/[^"]+)"', page)
    assert action is not None
    return client.post(action[1], data={"code": application.wait()}, follow_redirects=True)
