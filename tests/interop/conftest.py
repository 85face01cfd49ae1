"""1EdTech's validator of Open Badges 2.0, asked by the tests of this folder."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

#: `make test` puts it there (validator.lock).
VALIDATOR = Path(sys.prefix) / "validator"


class Web(Protocol):
    """Whoever publishes: bytes by address, in a tuple when they are what 410 answers."""

    @property
    def web(self) -> Mapping[str, bytes | tuple[bytes]]:
        """What stands where."""


Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask_validator() -> Iterator[Ask]:
    """`ask_validator(issuer, text_or_picture, email)` gives the report of 1EdTech's validator."""
    if not VALIDATOR.is_dir():
        pytest.skip("1EdTech's validator is missing: run make test")
    with subprocess.Popen(
        [sys.executable, "validator.py"],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(VALIDATOR)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:

        def question(issuer: Web, source: str | bytes, email: str | None = None) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            asked: dict[str, Any] = {"web": {at: answer(raw) for at, raw in issuer.web.items()}}
            if isinstance(source, str):
                asked["text"] = source
            else:
                asked["picture"] = base64.b64encode(source).decode()
                asked["name"] = "badge.png" if source.startswith(b"\x89PNG") else "badge.svg"
            if email is not None:
                asked["email"] = email
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            report: dict[str, Any] = json.loads(process.stdout.readline())
            assert "error" not in report, report
            return report

        yield question
        process.stdin.close()  # type: ignore[union-attr]


def answer(found: bytes | tuple[bytes]) -> list[Any]:
    """As the validator's process is told it: status, content type, body."""
    body, status = (found[0], 410) if isinstance(found, tuple) else (found, 200)
    kind = "image/png" if body.startswith(b"\x89PNG") else "application/ld+json"
    return [status, kind, base64.b64encode(body).decode()]
