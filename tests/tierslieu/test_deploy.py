"""The files of docs/deploy do what they say: a place behind a real nginx with TLS."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, request

from tests.support.served import ServedPlace, free_port
from tierslieu import clock
from tierslieu.app import create_app

pytestmark = pytest.mark.xdist_group("served")

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
HOST = "lieu.example.org"
NGINX = "/usr/sbin/nginx"
TOKEN = "un-jeton-pour-le-moniteur"


def _certificate(folder: Path) -> ssl.SSLContext:
    """A certificate of our own for HOST (``cert.pem``, ``key.pem``); who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    names = x509.SubjectAlternativeName(
        [x509.DNSName(HOST), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


class Proxy:
    """nginx with the file of docs/deploy, but for ports, paths and certificate."""

    def __init__(self, folder: Path, backend: int) -> None:
        self.trust = _certificate(folder)
        self.tls, self.plain = free_port(), free_port()
        conf = (DEPLOY / "nginx.conf").read_text("utf-8")
        live = f"/etc/letsencrypt/live/{HOST}"
        for old, new in (
            ("127.0.0.1:8000", f"127.0.0.1:{backend}"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.tls} ssl http2;"),
            (f"{live}/fullchain.pem", f"{folder}/cert.pem"),
            (f"{live}/privkey.pem", f"{folder}/key.pem"),
            ("/var/log/nginx/tierslieu.log", f"{folder}/access.log"),
        ):
            assert old in conf
            conf = conf.replace(old, new)
        conf = re.sub(r"listen \[::\].*", "", conf)
        kept = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ include /etc/nginx/mime.types; {kept}\n{conf}\n}}"
        )
        self.access_log = folder / "access.log"
        self.process = subprocess.Popen(
            [NGINX, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
        )

    def _socket(self, port: int) -> socket.socket:
        for _try in range(2000):
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=30)
            except ConnectionRefusedError:
                assert self.process.poll() is None, "nginx did not start"
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.01)  # it has not come to its ports yet
        raise AssertionError("nginx does not listen")

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", *, tls: bool = True, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of an answer; of a header's name, ``_`` is read as ``-``."""
        connection = http.client.HTTPConnection(HOST)
        raw = self._socket(self.tls if tls else self.plain)
        connection.sock = self.trust.wrap_socket(raw, server_hostname=HOST) if tls else raw
        with connection.sock:
            connection.request(
                method, path, body, {k.replace("_", "-"): v for k, v in headers.items()}
            )
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def proxy_before(folder: Path, backend: int) -> Iterator[Proxy]:
    folder.mkdir()
    proxy = Proxy(folder, backend)
    try:
        yield proxy
    finally:
        proxy.close()


def test_a_place_behind_nginx_is_whole_and_closed(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    place = ServedPlace(
        tmp_path / "place", demo=False, TIERSLIEU_BASE_URL=f"https://{HOST}",
        TIERSLIEU_PROXIES="1", TIERSLIEU_METRICS_TOKEN=TOKEN,
    )  # fmt: skip
    try:
        place.wait_until_open()
        with proxy_before(tmp_path / "nginx", place.port) as proxy:
            status, headers, _body = proxy.ask("/agenda?x=1", tls=False)
            assert (status, headers["Location"]) == (301, f"https://{HOST}/agenda?x=1")
            status, headers, page = proxy.ask("/login")
            assert status == 200
            assert "max-age=31536000" in headers["Strict-Transport-Security"]
            cookie = headers["Set-Cookie"]
            assert "; Secure" in cookie
            assert "; HttpOnly" in cookie
            css = re.search(rb'href="(/static/[^"]+\.css[^"]*)"', page)
            assert css is not None
            status, headers, _body = proxy.ask(css[1].decode())
            assert (status, headers["Content-Type"].split(";")[0]) == (200, "text/css")
            status, _headers, body = proxy.ask("/.well-known/did.json")
            assert (status, HOST.encode() in body) == (200, True)
            status, headers, _body = proxy.ask("/administration/personnes")
            assert headers["Location"].startswith(("/login", f"https://{HOST}/login"))
            assert proxy.ask("/healthz")[0] == 200
            assert proxy.ask("/metrics", Authorization=f"Bearer {TOKEN}")[0] == 404
            form = {"Content_Type": "application/x-www-form-urlencoded"}
            large = b"text=" + b"x" * 13_000_000
            status, _headers, body = proxy.ask("/verify", "POST", large, **form)
            assert (status, b"nginx" in body) == (413, False), "the place says it in a sentence"
            too_large = {**form, "Content_Length": "17000000"}
            assert proxy.ask("/verify", "POST", **too_large)[0] == 413
            logged = proxy.access_log.read_text()
            assert "GET 200" in logged
            assert "agenda" not in logged
    finally:
        assert place.close() == 0, "".join(place.lines)


def test_nginx_throws_away_what_a_visitor_claims_of_themselves(tmp_path: Path) -> None:
    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with proxy_before(tmp_path / "nginx", server.server_port) as proxy:
            claims = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "http"}
            told = proxy.ask("/", X_Request_ID="mine", **claims)[2].decode()
        server.shutdown()
    assert "X-Forwarded-For: 127.0.0.1" in told
    assert "X-Forwarded-Proto: https" in told
    assert f"Host: {HOST}" in told
    assert re.search(r"X-Request-ID: [0-9a-f]{32}", told)
    assert "203.0.113.9" not in told


def test_as_many_proxies_are_believed_as_there_are(app: Flask) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    for count, seen in ((0, "127.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.9")):
        place = create_app(replace(app.config["TIERSLIEU"], proxies=count), TESTING=True)
        addresses: list[str | None] = []
        place.before_request_funcs.setdefault(None, []).insert(
            0, lambda addresses=addresses: addresses.append(request.remote_addr)
        )
        place.test_client().get("/static/nothing", headers=forwarded)
        assert addresses == [seen]


def test_the_units_are_well_formed(tmp_path: Path) -> None:
    units = sorted(DEPLOY.glob("*.service"))
    assert [unit.name for unit in units] == ["tierslieu-web.service", "tierslieu-worker.service"]
    for unit in units:
        text = unit.read_text("utf-8")
        assert "NoNewPrivileges=yes" in text
        command = "/opt/tierslieu/.venv/bin/tierslieu"
        assert command in text
        (tmp_path / unit.name).write_text(text.replace(command, sys.executable))
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", *[str(tmp_path / unit.name) for unit in units]],
            capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode, [u for u in units if u.name in done.stderr]) == (0, []), (
            done.stderr
        )
