"""Counting, in a short transaction of its own: what is counted stays counted, whatever becomes of
the request.

One row for each asker and limit, written by one statement (the generic cell rate algorithm of ATM
Forum TM 4.0): it slides, so that no edge of a window lets through twice as many, and two processes
that ask at once are counted one after the other by the database itself.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import math
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import apart, is_full, is_passing
from tierslieu.limits.kinds import Limit
from tierslieu.limits.models import RateCount

SLACK = 0.001  # seconds: sums of fractions are not exact
log = logging.getLogger(__name__)

Go = tuple[Limit, str]  # a limit, and for whom it counts


class Names:
    """Turns who asks into a name that tells nobody who it was."""

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(f"rate limits\0{secret_key}".encode()).digest()

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]

    def of_account(self, address: str) -> str:
        """The name of a mail address, in the form it is kept in; an account need not exist."""
        return self._hash("account", address.strip().casefold())

    def of_client(self, address: str, now: datetime) -> str:
        """The name of a network address, another one each day. Of IPv6 the first 64 bits count:
        the rest is one household's to choose."""
        try:
            number = ipaddress.ip_address(address)
        except ValueError:
            network = address
        else:
            inside = getattr(number, "ipv4_mapped", None)
            number = inside or number  # as a socket of both families says it: all of IPv4 is no /64
            kept = 64 if number.version == 6 else 32
            network = str(ipaddress.ip_network((number, kept), strict=False))
        return self._hash("client", now.date().isoformat(), network)


def _name(go: Go) -> str:
    return f"{go[0].name}:{go[1]}"


def _spend_one(connection: Connection, go: Go, now: float, factor: float) -> float:
    limit = go[0]
    within = limit.within.total_seconds()
    share = within / (limit.times * factor)
    make = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    # Farther ahead than a limit can reach only a clock that was wrong has written: set right, it
    # would keep people out for as long.
    reached = and_(
        RateCount.free_at > now,
        RateCount.free_at <= now + within + clock.DIFFERENCE.total_seconds(),
    )
    moved = case((reached, RateCount.free_at), else_=literal(now)) + share
    counted = connection.execute(
        make(RateCount)
        .values(name=_name(go), free_at=now + share)
        .on_conflict_do_update(
            index_elements=[RateCount.name],
            set_={"free_at": moved},
            where=moved <= now + within + SLACK,
        )
        .returning(RateCount.free_at)
    ).scalar()
    if counted is not None:
        return 0.0
    free_at = connection.scalar(select(RateCount.free_at).where(RateCount.name == _name(go)))
    return (free_at or now) + share - (now + within)


class _Over(Exception):
    pass


def spend(engine: Engine, goes: Sequence[Go], *, now: datetime, factor: float = 1.0) -> int:
    """Count these goes, all or none. Gives 0, or the seconds to wait when one is over its limit.

    ``factor`` multiplies every limit. Goes are given in the order of the list of limits for
    clients before accounts, so that two requests never wait for one another. A database that
    cannot count within a second lets the request go on: it has worse to do, and says so. One that
    can count nothing, its disk full, lets nobody guess meanwhile: raises DBAPIError when one
    of the goes may be a guess.
    """
    wait = 0.0
    try:
        with apart(engine) as connection:
            for go in goes:
                wait = _spend_one(connection, go, now.timestamp(), factor)
                if wait > 0:
                    raise _Over
    except _Over:
        return max(1, math.ceil(wait))
    except DBAPIError as error:
        if not is_passing(error) and not is_full(error):
            raise
        if is_full(error) and any(limit.is_of_guesses for limit, _name in goes):
            raise
        log.warning("a rate limit could not be counted: %s", type(error).__name__)
    return 0


def give_back(db: Session, go: Go, *, factor: float = 1.0) -> None:
    """Uncount one go: it turned out well."""
    limit = go[0]
    share = limit.within.total_seconds() / (limit.times * factor)
    db.execute(
        update(RateCount)
        .where(RateCount.name == _name(go))
        .values(free_at=RateCount.free_at - share)
    )


def forget(db: Session, go: Go) -> None:
    """Begin again from nothing."""
    db.execute(delete(RateCount).where(RateCount.name == _name(go)))


def sweep(db: Session, now: datetime) -> int:
    """Drop the rows that say nothing any more; how many they were."""
    dropped = delete(RateCount).where(RateCount.free_at < now.timestamp())
    return int(getattr(db.execute(dropped), "rowcount", 0))
