"""Where the fetcher goes, and where it does not."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from badges.engine.errors import FetchFailed, FetchGone, FetchRefused, FetchSpent
from badges.verification import fetching
from badges.verification.fetching import Fetcher, is_public
from tests.support.encryption import certify

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::80ff:fffe",
    "pas un nombre",
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_never_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


class Stranger:
    """A server on loopback that stands for one far away; says what it is told to."""

    def __init__(self) -> None:
        self.answers: list[Callable[[socket.socket], None]] = []
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self.context: ssl.SSLContext | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while self.answers or not self.asked:
            try:
                client, _peer = self.listener.accept()
            except OSError:
                return
            if self.context is not None:
                client = self.context.wrap_socket(client, server_side=True)
            self.open.append(client)
            self.asked.append(client.recv(65536))
            with client:
                try:
                    self.answers.pop(0)(client)
                except OSError:
                    continue

    def says(self, head: str, body: bytes = b"") -> None:
        data = head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body
        self.answers.append(lambda client: client.sendall(data))

    def connect(self, number: str, port: int, seconds: float) -> socket.socket:
        assert is_public(number), "nobody connects before having looked"
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    found = Stranger()
    yield found
    found.listener.close()


def going_to(stranger: Stranger | None, *numbers: str) -> Fetcher:
    """A fetcher for whom every name leads to these numbers, one answer a look-up."""
    answers = [[number] for number in numbers] or [["93.184.216.34"]]

    def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def nowhere(number: str, port: int, seconds: float) -> socket.socket:
        raise AssertionError("it should not have connected")

    connect = stranger.connect if stranger else nowhere
    return Fetcher(lambda address: None, resolve=resolve, connect=connect)


def test_a_public_address_is_read(stranger: Stranger) -> None:
    stranger.says("HTTP/1.1 200 OK\nContent-Type: application/json", b'{"a": 1}')
    assert going_to(stranger)("http://lieu.example/badge.json?x=1#y") == b'{"a": 1}'
    asked = stranger.asked[0].decode()
    assert asked.startswith("GET /badge.json?x=1 HTTP/1.1\r\n")
    assert "Host: lieu.example\r\n" in asked
    assert "Cookie" not in asked


def test_what_was_withdrawn_is_told_with_what_is_said_in_its_place(stranger: Stranger) -> None:
    stranger.says("HTTP/1.1 410 Gone", b'{"revoked": true}')
    with pytest.raises(FetchGone) as gone:
        going_to(stranger)("http://lieu.example/badge.json")
    assert gone.value.body == b'{"revoked": true}'
    assert gone.value.params["address"] == "http://lieu.example/badge.json"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.8", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"]
)
def test_a_number_inside_is_refused_before_any_connection(host: str) -> None:
    with pytest.raises(FetchRefused):
        going_to(None)(f"http://{host}/status/1")


@pytest.mark.parametrize("number", ["127.0.0.1", "10.1.2.3", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_refused(number: str) -> None:
    with pytest.raises(FetchRefused):
        going_to(None, number)("https://innocent.example/")


def test_a_name_that_leads_inside_and_outside_is_refused() -> None:
    fetcher = Fetcher(lambda a: None, resolve=lambda h, p: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(FetchRefused):
        fetcher("https://deux.example/")


def test_the_number_looked_at_is_the_number_gone_to(stranger: Stranger) -> None:
    """DNS rebinding: the second look-up would lead inside; there is none."""
    stranger.says("HTTP/1.1 200 OK", b"dehors")
    lookups = []

    def resolve(host: str, port: int) -> list[str]:
        lookups.append(host)
        return ["93.184.216.34"] if len(lookups) == 1 else ["127.0.0.1"]

    gone_to = []

    def connect(number: str, port: int, seconds: float) -> socket.socket:
        gone_to.append(number)
        return stranger.connect(number, port, seconds)

    fetcher = Fetcher(lambda a: None, resolve=resolve, connect=connect)
    assert fetcher("http://change.example/") == b"dehors"
    assert lookups == ["change.example"]
    assert gone_to == ["93.184.216.34"]
    with pytest.raises(FetchRefused):
        fetcher("http://change.example/")


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://[::1]:8000/", "//10.0.0.1/x", "file:///etc/passwd"]
)
def test_a_redirection_inside_is_refused(stranger: Stranger, target: str) -> None:
    stranger.says(f"HTTP/1.1 302 Found\nLocation: {target}")
    with pytest.raises(FetchRefused):
        going_to(stranger)("http://lieu.example/")


def test_a_redirection_outside_is_followed_a_few_times_only(stranger: Stranger) -> None:
    stranger.says("HTTP/1.1 301 Moved\nLocation: /ailleurs")
    stranger.says("HTTP/1.1 200 OK", b"ici")
    assert going_to(stranger)("http://lieu.example/") == b"ici"
    assert stranger.asked[1].startswith(b"GET /ailleurs ")


@pytest.mark.parametrize(
    "target",
    ["http://autre.example/", "http://sous.lieu.example/", "http://lieu.example:8080/"],
)
def test_what_a_badge_names_is_never_taken_from_another_site(
    stranger: Stranger, target: str
) -> None:
    """An open redirection on an issuer's site would let anybody publish in its name."""
    for _ in range(2):
        stranger.says(f"HTTP/1.1 302 Found\nLocation: {target}")
    stranger.says("HTTP/1.1 200 OK", b"d'un autre")
    with pytest.raises(FetchRefused) as refusal:
        going_to(stranger)("http://lieu.example/did.json")
    assert refusal.value.params["why"] == "elsewhere"
    assert len(stranger.asked) == 1
    assert going_to(stranger).follow("http://lieu.example/court") == b"d'un autre"


def test_a_site_that_moves_to_https_stays_itself() -> None:
    assert fetching._is_same_site("http://lieu.example/a", "https://lieu.example/b")
    assert not fetching._is_same_site("https://lieu.example/a", "http://lieu.example/a")


def test_going_round_in_circles_ends(stranger: Stranger) -> None:
    for _ in range(9):
        stranger.says("HTTP/1.1 302 Found\nLocation: /encore")
    with pytest.raises(FetchFailed, match="redirections"):
        going_to(stranger)("http://lieu.example/")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://lieu.example/",
        "gopher://lieu.example/",
        "data:application/json,{}",
        "javascript:alert(1)",
        "http://",
        "https:///x",
        "lieu.example/badge",
        "http://qui:secret@lieu.example/",
        "http://lieu.example:22/",
        "http://lieu.example:99999/",
        "http://lieu.example/a b",
        "http://lieu.example/\r\nX: y",
        "http://[::1/",
        "",
    ],
)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    with pytest.raises(FetchRefused):
        going_to(None)(address)


def test_a_long_answer_is_cut_off(stranger: Stranger) -> None:
    stranger.says("HTTP/1.1 200 OK", b"x" * (fetching.MAX_BYTES + 1))
    with pytest.raises(FetchFailed, match="too long"):
        going_to(stranger)("http://lieu.example/")


def test_an_answer_that_trickles_is_cut_off_in_time(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.4)
    done = threading.Event()

    def trickle(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not done.wait(0.05):
            client.sendall(b"x")

    stranger.answers.append(trickle)
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        going_to(stranger)("http://lieu.example/")
    done.set()
    assert time.monotonic() - started < 2


def test_a_look_up_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    never = threading.Event()
    fetcher = Fetcher(lambda a: None, resolve=lambda h, p: [str(never.wait(20))])
    started = time.monotonic()
    with pytest.raises(FetchFailed, match="in time"):
        fetcher("http://lent.example/")
    never.set()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "head", ["HTTP/1.1 404 Not Found", "HTTP/1.1 500 Oops", "HTTP/1.1 204 None", "n’importe quoi"]
)
def test_anything_but_a_good_answer_is_nothing(stranger: Stranger, head: str) -> None:
    stranger.says(head)
    with pytest.raises(FetchFailed):
        going_to(stranger)("http://lieu.example/")


def test_a_name_that_leads_nowhere_is_nothing() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("unknown")

    with pytest.raises(FetchFailed):
        Fetcher(lambda a: None, resolve=unknown)("https://inconnu.example/")


def test_one_verification_goes_to_a_few_addresses_only(stranger: Stranger) -> None:
    for _ in range(12):
        stranger.says("HTTP/1.1 200 OK", b"ok")
    fetcher = going_to(stranger)
    for number in range(fetching.MAX_ADDRESSES):
        assert fetcher(f"http://lieu.example/{number}") == b"ok"
    with pytest.raises(FetchFailed, match="too many addresses"):
        fetcher("http://lieu.example/encore")


def test_of_several_badges_each_has_its_addresses_and_all_have_a_bound(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_ADDRESSES", 3)
    monkeypatch.setattr(fetching, "MAX_TOGETHER", 7)
    for _ in range(12):
        stranger.says("HTTP/1.1 200 OK", b"ok")
    whole = going_to(stranger)
    gone_to = []
    for badge in range(3):
        one = whole.share()
        for number in range(3):
            address = f"http://lieu.example/{badge}/{number}"
            try:
                one(address)
            except FetchSpent:
                continue
            gone_to.append((badge, number))
        with pytest.raises(FetchSpent):
            one("http://lieu.example/encore")
    assert gone_to == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0)]


def test_of_several_badges_the_time_of_all_is_bounded_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And says nothing of the address: nobody went there, so it is not remembered as slow."""
    whole = going_to(None)
    monkeypatch.setattr(time, "monotonic", lambda: whole._ration.until)
    with pytest.raises(FetchSpent) as late:
        whole.share()("http://lieu.example/")
    assert late.value.params["why"] == "late"


def test_what_only_a_person_may_ask_for_is_given_to_no_badge() -> None:
    fetcher = Fetcher(
        lambda address: b"",
        typed=lambda address: b"une collection",
    )
    assert fetcher.follow("http://localhost/collections/1") == b"une collection"
    assert fetcher("http://localhost/collections/1") == b""
    assert fetcher.share().follow("http://localhost/collections/1") == b"une collection"


@pytest.mark.parametrize("how", ["what a badge names", "what somebody typed"])
def test_a_redirection_never_gives_up_encryption(
    stranger: Stranger, tmp_path: Path, how: str
) -> None:
    certificate, key = certify(tmp_path, "lieu.example")
    stranger.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger.context.load_cert_chain(certificate, key)
    stranger.says("HTTP/1.1 302 Found\nLocation: http://lieu.example/clair")
    fetcher = Fetcher(
        lambda address: None,
        resolve=lambda host, port: ["93.184.216.34"],
        connect=stranger.connect,
        context=ssl.create_default_context(cafile=str(certificate)),
    )
    go = fetcher if how == "what a badge names" else fetcher.follow
    with pytest.raises(FetchRefused, match="leaves https"):
        go("https://lieu.example/")
    assert len(stranger.asked) == 1, "it was asked, in secret, and nobody was asked in the open"


def test_our_own_addresses_never_leave_the_house_and_no_transaction_goes_out() -> None:
    left: list[bool] = []
    fetcher = Fetcher(
        lambda address: b"chez nous" if address.startswith("http://localhost/") else None,
        before_leaving=lambda: left.append(True),
        resolve=lambda host, port: ["10.0.0.1"],
    )
    assert fetcher("http://localhost/status/1") == b"chez nous"
    assert left == []
    with pytest.raises(FetchRefused):
        fetcher("http://ailleurs.example/")
    assert left == [True], "the transaction is ended before the name is looked up"
