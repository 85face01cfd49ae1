"""Going to an address a stranger wrote in a badge, without becoming their messenger.

Our own addresses are answered in-process. Elsewhere: https or http only, public addresses only,
looked up once and then gone to by number, 1 MB and 5 seconds at most, few redirections, each
looked at like the first. No database transaction is open meanwhile. Of several badges shown
together each may send to as many addresses as one alone, within a bound for all.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

from badges.engine.errors import FetchFailed, FetchGone, FetchRefused, FetchSpent

MAX_BYTES = 1024 * 1024
SECONDS = 5.0  # for one address, from its look-up to its last byte
TOTAL_SECONDS = 10.0  # for one badge
MAX_ADDRESSES = 8  # for one badge
SECONDS_TOGETHER = 20.0  # for all badges that are shown together
MAX_TOGETHER = 60  # addresses, for all of them: five for each of the twelve of a collection
MAX_REDIRECTS = 3
ACCEPT = "application/vc, application/ld+json, application/did+json, application/json, */*;q=0.5"

Resolve = Callable[[str, int], Sequence[str]]  # host, port → numeric addresses
Connect = Callable[[str, int, float], socket.socket]  # numeric address, port, seconds
Own = Callable[[str], bytes | None]


def resolve_host(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, as the system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether a numeric address is of the open Internet.

    Not: private, loopback, link-local (where clouds keep their secrets), shared, reserved, nor an
    IPv6 address that carries such an IPv4 one inside (mapped, 6to4, NAT64, Teredo).
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour
        if inside is None and found.teredo is not None:
            inside = found.teredo[1]
        if inside is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None and not is_public(str(inside)):
            return False
        if found.ipv4_mapped is not None:
            return True
        if found.is_site_local:  # given up in 2004, routed inside where it stayed
            return False
    return (
        found.is_global
        and not found.is_multicast
        and not found.is_reserved
        and not found.is_unspecified
    )


class _Ration:
    """What all badges shown together may use."""

    def __init__(self) -> None:
        self.left = MAX_TOGETHER
        self.until = time.monotonic() + SECONDS_TOGETHER


class Fetcher:
    """Fetches for one verification: make a new one each time, and :meth:`share` it among badges.

    ``own`` answers our addresses (None: not ours), and ``typed`` those that a person gives: what
    only they may ask for, as it costs more than a badge should be able to ask. ``before_leaving``
    is called before anything goes out: the caller ends its transaction there. ``resolve`` and
    ``connect`` are for tests.
    """

    def __init__(
        self,
        own: Own,
        *,
        before_leaving: Callable[[], None] = lambda: None,
        resolve: Resolve = resolve_host,
        connect: Connect | None = None,
        context: ssl.SSLContext | None = None,
        typed: Own | None = None,
        ration: _Ration | None = None,
    ) -> None:
        self._own = own
        self._typed = typed or own
        self._before_leaving = before_leaving
        self._resolve = resolve
        self._connect = connect or _connect
        self._context = context
        self._left = MAX_ADDRESSES
        self._ration = ration or _Ration()
        self._until = min(time.monotonic() + TOTAL_SECONDS, self._ration.until)

    def share(self) -> Fetcher:
        """The same for one badge of several: its addresses are counted for itself and for all."""
        return Fetcher(
            self._own,
            before_leaving=self._before_leaving,
            resolve=self._resolve,
            connect=self._connect,
            context=self._context,
            typed=self._typed,
            ration=self._ration,
        )

    def __call__(self, address: str) -> bytes:
        """The bytes at this address, or where its own site moved them to.

        Never at another site's: what a badge names (a hosted document, an issuer's keys, a status
        list) is believed for the site it lies on. Raises FetchRefused or FetchFailed.
        """
        return self._go(address, is_free=False)

    def follow(self, address: str) -> bytes:
        """The bytes that an address somebody typed leads to, be it at another site: what is found
        there is judged for itself. Raises FetchRefused or FetchFailed."""
        return self._go(address, is_free=True)

    def _go(self, address: str, *, is_free: bool) -> bytes:
        try:
            return self._walk(address, is_free=is_free)
        except FetchGone:
            raise
        except FetchFailed as error:
            if time.monotonic() < self._until:
                raise
            # Our time is over, not theirs: it says nothing about the address.
            raise _spent("late", "the time of this verification is over", address) from error

    def _walk(self, address: str, *, is_free: bool) -> bytes:
        url = address.strip()
        find = self._typed if is_free else self._own
        deadline = min(time.monotonic() + SECONDS, self._until)
        for _hop in range(MAX_REDIRECTS + 1):
            own = find(url)
            if own is not None:
                return own
            answer = self._visit(url, deadline)
            if isinstance(answer, bytes):
                return answer
            if not is_free and not _is_same_site(url, answer):
                raise _refused("elsewhere", "a redirection leads to another site", url)
            url = answer
        raise _failed("", "too many redirections", address)

    def _visit(self, url: str, deadline: float) -> bytes | str:
        """The body, or the address it redirects to."""
        parts, port = _read_address(url)
        if self._left <= 0 or self._ration.left <= 0:
            raise _spent("many", "this document sends to too many addresses", url)
        self._left -= 1
        self._ration.left -= 1
        self._before_leaving()
        host = parts.hostname or ""
        number = self._look_up(host, port, deadline, url)
        visit = _Visit(self, parts, port, number, deadline)
        try:
            return visit.run()
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = "slow" if isinstance(error, TimeoutError) else ""
            message = f"no usable answer ({type(error).__name__})"
            raise _failed(why, message, url) from error
        finally:
            visit.close()

    def _look_up(self, host: str, port: int, deadline: float, url: str) -> str:
        """The number to go to. One private number among several is enough to refuse: a name that
        leads inside and outside is a trap."""
        try:
            numbers: Sequence[str] = [str(ipaddress.ip_address(host))]
        except ValueError:
            numbers = _within(lambda: self._resolve(host, port), deadline, url)
        if not numbers:
            raise _failed("name", "the name leads nowhere", url)
        if not all(is_public(number) for number in numbers):
            raise _refused("private", "the address leads into a private network", url)
        return numbers[0]


class _Visit:
    """One request to one number, cut off at its deadline however slowly the other side speaks."""

    def __init__(
        self, fetcher: Fetcher, parts: SplitResult, port: int, number: str, deadline: float
    ) -> None:
        self.fetcher, self.parts, self.port = fetcher, parts, port
        self.number, self.deadline = number, deadline
        self.socket: socket.socket | None = None
        self.timer = threading.Timer(max(0.05, deadline - time.monotonic()), self._cut)
        self.timer.daemon = True

    def _cut(self) -> None:
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def run(self) -> bytes | str:
        """Ask and read. Raises OSError, HTTPException, FetchFailed."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.timer.start()
        host = self.parts.hostname or ""
        self.socket = self.fetcher._connect(self.number, self.port, left)
        if self.parts.scheme == "https":
            context = self.fetcher._context or ssl.create_default_context()
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
        connection = http.client.HTTPConnection(host, self.port, timeout=left)
        connection.sock = self.socket
        path = (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")
        connection.request(
            "GET",
            path,
            headers={
                "Host": self.parts.netloc,
                "Accept": ACCEPT,
                "Accept-Encoding": "identity",
                "User-Agent": "tierslieu-verify",
                "Connection": "close",
            },
        )
        return self._read(connection.getresponse())

    def _read(self, answer: http.client.HTTPResponse) -> bytes | str:
        url = self.parts.geturl()
        if answer.status in (301, 302, 303, 307, 308):
            target = urljoin(url, answer.getheader("Location") or "")
            if self.parts.scheme == "https" and not target.startswith("https://"):
                raise FetchRefused("a redirection leaves https", url)
            return target
        if answer.status not in (200, 410):
            why = "absent" if answer.status in (401, 403, 404) else ""
            raise _failed(why, f"the answer is {answer.status}", url)
        parts, size = [], 0
        while chunk := answer.read1(65_536):
            size += len(chunk)
            if size > MAX_BYTES:
                raise _failed("long", "the answer is too long", url)
            parts.append(chunk)
        if time.monotonic() > self.deadline:
            raise _failed("slow", "the answer is too slow", url)  # cut off: what came may be half
        if answer.status == 410:
            raise FetchGone(b"".join(parts), url)  # so does a withdrawn Open Badge 2.0 say it
        return b"".join(parts)

    def close(self) -> None:
        """Let go of everything."""
        self.timer.cancel()
        if self.socket is not None:
            self.socket.close()


def _read_address(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        raise _refused("malformed", "this is not a web address", url) from None
    if parts.scheme not in ("https", "http") or not host:
        raise _refused("malformed", "only web addresses are fetched", url)
    if parts.username or parts.password or any(ord(c) < 33 or ord(c) > 126 for c in url):
        raise _refused("malformed", "this is not a plain web address", url)
    if port not in (80, 443) and port < 1024:
        raise _refused("malformed", "this port is not one of the web's", url)
    return parts, port


def _is_same_site(url: str, target: str) -> bool:
    """Whether both are of one origin, or the second only adds encryption to the first."""
    here, there = _read_address(url), _read_address(target)
    if here[0].hostname != there[0].hostname:
        return False
    is_safer = (here[1], there[1]) == (80, 443) and there[0].scheme == "https"
    return is_safer or (here[0].scheme, here[1]) == (there[0].scheme, there[1])


def _failed(why: str, message: str, url: str) -> FetchFailed:
    """``why`` tells the cases apart that people are told apart: see `badges.awards.sentences`."""
    error = FetchFailed(message, url)
    if why:
        error.params["why"] = why
    return error


def _spent(why: str, message: str, url: str) -> FetchSpent:
    error = FetchSpent(message, url)
    error.params["why"] = why
    return error


def _refused(why: str, message: str, url: str) -> FetchRefused:
    error = FetchRefused(message, url)
    error.params["why"] = why
    return error


def _connect(number: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((number, port), timeout=seconds)


def _within(work: Callable[[], Sequence[str]], deadline: float, url: str) -> Sequence[str]:
    """``work`` in a thread of its own: the system's look-up knows no deadline."""
    found: list[Sequence[str]] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if found:
        return found[0]
    if failed:
        raise _failed("name", "the name leads nowhere", url) from failed[0]
    raise _failed("slow", "the name was not found in time", url)
