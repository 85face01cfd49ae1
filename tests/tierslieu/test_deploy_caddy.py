"""The Caddyfile of docs/deploy does what it says: a real Caddy, with an authority of its own."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.served import free_port

pytestmark = pytest.mark.xdist_group("served")

CADDYFILE = Path(__file__).parents[2] / "docs" / "deploy" / "Caddyfile"
HOST = "lieu.example.org"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


class Echo(BaseHTTPRequestHandler):
    """Stands for the place: says what it was told, and takes what is sent."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        pass


class Caddy:
    """Caddy with the file of docs/deploy, but for ports and the authority: its own, not a public
    one."""

    def __init__(self, folder: Path, backend: int) -> None:
        self.tls, plain = free_port(), free_port()
        site = CADDYFILE.read_text("utf-8")
        assert "127.0.0.1:8000" in site
        (folder / "Caddyfile").write_text(
            f"{{\n admin off\n https_port {self.tls}\n http_port {plain}\n local_certs\n"
            " skip_install_trust\n default_bind 127.0.0.1\n}\n"
            + site.replace("127.0.0.1:8000", f"127.0.0.1:{backend}")
        )
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["caddy", "run", "--config", "Caddyfile"],
                cwd=folder,
                env={**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
                stderr=log,
            )
        self.authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def _connect(self) -> ssl.SSLSocket:
        """A connection, once it listens and has its certificate."""
        for _try in range(4000):
            assert self.process.poll() is None, "Caddy did not start"
            raw = None
            try:
                trust = ssl.create_default_context(cafile=str(self.authority))
                raw = socket.create_connection(("127.0.0.1", self.tls), timeout=30)
                return trust.wrap_socket(raw, server_hostname=HOST)
            except OSError:  # not yet its port, not yet its certificate
                if raw is not None:
                    raw.close()
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.01)
        raise AssertionError("Caddy does not listen")

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, str]:
        """Status and body of an answer; of a header's name, ``_`` is read as ``-``."""
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self._connect()
        with connection.sock:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@contextmanager
def caddy_before(folder: Path, backend: int) -> Iterator[Caddy]:
    caddy = Caddy(folder, backend)
    try:
        yield caddy
    finally:
        caddy.process.terminate()
        caddy.process.wait(20)


@pytest.fixture
def caddy(tmp_path: Path) -> Iterator[Caddy]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with caddy_before(tmp_path, server.server_port) as proxy:
            yield proxy
        server.shutdown()


def test_caddy_throws_away_what_a_visitor_claims_and_keeps_figures_inside(caddy: Caddy) -> None:
    status, told = caddy.ask(
        "/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http", X_Request_ID="mine"
    )
    assert status == 200
    told = told.lower()
    assert "x-forwarded-for: 127.0.0.1" in told
    assert "x-forwarded-proto: https" in told
    assert f"host: {HOST}" in told
    assert re.search(r"x-request-id: [0-9a-f-]{36}", told)
    assert "203.0.113.9" not in told
    assert caddy.ask("/metrics")[0] == 404


def test_caddy_lets_a_picture_of_a_badge_through_and_nothing_larger(caddy: Caddy) -> None:
    assert caddy.ask("/verify", "POST", b"x" * 13_000_000, **FORM)[0] == 200
    assert caddy.ask("/verify", "POST", Content_Length="17000000", **FORM)[0] == 413
