"""What must always hold of signatures."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tierslieu.attendance.signing.chains import Link, Sealed, begin
from tierslieu.attendance.signing.models import Manner, Signature, SigningChain
from tierslieu.chaining import find_break, write_instant
from tierslieu.house import Finding


def link_of(one: Signature) -> Link:
    """What was hashed of a record, from what is stored of it."""
    return Link(
        chain=str(one.chain_id),
        number=one.number,
        previous=one.previous,
        nonce=str(one.nonce),
        manner=one.manner.value,
        day=one.day.isoformat(),
        half=one.half.value,
        at=write_instant(one.signed_at),
        seal=one.seal,
    )


def check_chains(db: Session) -> Finding:
    """Every chain follows hash for hash from its beginning to its head, and every seal that was
    not emptied holds."""
    wrong, checked = [], 0
    records = db.scalars(
        select(Signature)
        .order_by(Signature.chain_id, Signature.number)
        .execution_options(yield_per=1000)
    )
    seen = {}
    for chain_id, group in groupby(records, key=lambda one: one.chain_id):
        of_chain = list(group)
        checked += len(of_chain)
        seen[chain_id] = of_chain[-1].digest, of_chain[-1].number
        chain = db.get_one(SigningChain, chain_id)
        after = begin(chain.id, chain.session_id)
        if number := find_break([(link_of(one), one.digest) for one in of_chain], after=after):
            wrong.append(f"signing chain {chain_id}: record {number} does not follow")
        for one in of_chain:
            sealed = Sealed(one.salt, one.who, one.name, one.written)
            if one.salt and sealed.seal != one.seal:
                wrong.append(f"signature {one.id}: what it says is not what was sealed")
    for chain in db.scalars(select(SigningChain).order_by(SigningChain.id)):
        head = seen.get(chain.id, (begin(chain.id, chain.session_id), 0))
        if head != (chain.head, chain.length):
            wrong.append(f"signing chain {chain.id}: its last records are missing")
    return Finding(checked, wrong)


def check_lines(db: Session) -> Finding:
    """Each signature is of a line of the same session and half-day."""
    records = db.scalars(
        select(Signature)
        .where(Signature.manner != Manner.COUNTER)
        .options(joinedload(Signature.line), joinedload(Signature.chain))
        .order_by(Signature.id)
    ).all()
    wrong = [
        f"signature {one.id}: its line is of another session or half-day"
        for one in records
        if one.line is None
        or (one.line.session_id, one.line.day, one.line.half)
        != (one.chain.session_id, one.day, one.half)
    ]
    return Finding(len(records), wrong)
