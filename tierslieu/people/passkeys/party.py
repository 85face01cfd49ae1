"""Who asks for a passkey: the place under its own address, never the one a request claims."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tierslieu.settings import Settings

PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Party:
    """The «relying party» of the standard: ``id`` a host, ``origin`` as a browser writes it."""

    id: str
    origin: str
    name: str


def find_party(settings: Settings, name: str) -> Party | None:
    """The place as browsers know it, called ``name``; None where no browser makes a passkey: an
    address of the network, or a host without TLS that is not this machine."""
    parts = urlsplit(settings.base_url)
    host = (parts.hostname or "").encode("idna").decode()
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_number(host) or not (parts.scheme == "https" or is_local):
        return None
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    return Party(host, f"{parts.scheme}://{host}{port}", name)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
