"""One more record at the end of its chain."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tierslieu.attendance.models import Attendance, Half
from tierslieu.attendance.signing.chains import Link, Sealed, begin
from tierslieu.attendance.signing.models import Manner, Signature, SigningChain
from tierslieu.chaining import read_instant


def open_chain(
    db: Session, chain_id: UUID | None, session_id: UUID, *, now: datetime
) -> SigningChain:
    """A new chain of this session: a device's, or the place's own if it has no identifier yet."""
    chain = SigningChain(
        id=chain_id or uuid4(),
        session_id=session_id,
        is_place=chain_id is None,
        length=0,
        opened_at=now,
    )
    chain.head = begin(chain.id, session_id)
    db.add(chain)
    return chain


def append_link(
    db: Session,
    chain: SigningChain,
    link: Link,
    sealed: Sealed,
    line: Attendance | None,
    *,
    skew: int,
    now: datetime,
    actor_id: UUID,
) -> Signature:
    """Write a link that follows the head of its chain."""
    one = Signature(
        chain=chain,
        number=link.number,
        nonce=UUID(link.nonce),
        manner=Manner(link.manner),
        day=date.fromisoformat(link.day),
        half=Half(link.half),
        line=line,
        salt=sealed.salt,
        who=sealed.who,
        name=sealed.name,
        written=sealed.written,
        seal=link.seal,
        signed_at=read_instant(link.at),
        skew=skew,
        received_at=now,
        by_id=actor_id,
        previous=link.previous,
        digest=link.digest,
    )
    db.add(one)
    chain.head, chain.length = link.digest, link.number
    db.flush()
    return one
