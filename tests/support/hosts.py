"""Hosts of one place: web processes and workers with folders of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.served import ServedPlace, environment_of

PASSWORD = "une phrase bien longue et calme"


def start_worker(folder: Path, common: dict[str, str]) -> subprocess.Popen[bytes]:
    """A worker of a host of its own, which logs beside its folder."""
    folder.mkdir()
    with folder.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tierslieu.cli", "worker"],
            env=environment_of(folder, **common), stderr=log,
        )  # fmt: skip


def open_url(url: str, cookie: str = "", body: dict[str, str] | None = None) -> Any:
    """What this address answers, to a program."""
    data = json.dumps(body).encode() if body else None
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Cookie": cookie}
    return urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30)


def share_a_session(hosts: list[ServedPlace]) -> None:
    """Who signs in on the first host is signed in on the second."""
    subprocess.run(
        [
            *(sys.executable, "-m", "tierslieu.cli", "user", "create", "ada@lieu.example"),
            *("--name", "Ada", "--password-stdin"),
        ],
        env=hosts[0].environment, input=PASSWORD + "\n", text=True, check=True,
    )  # fmt: skip
    with open_url(
        hosts[0].url + "/login", body={"email": "ada@lieu.example", "password": PASSWORD}
    ) as answer:
        cookies = answer.headers.get_all("Set-Cookie")
    cookie = "; ".join(cookie.split(";")[0] for cookie in cookies)
    with open_url(hosts[1].url + "/", cookie) as answer:
        assert "Bonjour Ada" in answer.read().decode()
