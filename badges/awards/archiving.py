"""Everything a stranger needs to verify our badges in ten years without us, as static files.

Each file lies where its address ends: put on any web host under the place's name, the folder
answers what the place answered. Nothing in it is secret: only badges that their holders share,
public keys, status lists and contexts. `docs/archive.md` tells how to verify from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from badges.awards import badge2, files, publishing, tokens
from badges.awards.keys import issuer_did, load_signer, public_key
from badges.awards.queries import find_identity, list_keys, list_shared, list_status_lists
from badges.designs import pictures
from badges.designs.documents import OTHER, achievement_document, has_english
from badges.designs.models import BadgeClass
from badges.designs.queries import list_badges
from badges.engine import contexts
from tierslieu.errors import Refused
from tierslieu.settings import Settings

CONTEXTS = "contexts"
MANIFEST = "manifest.json"
GUIDE = Path(__file__).with_name("archive-guide.md")


@dataclass(frozen=True)
class Document:
    """One file of the archive; ``path`` relative to its folder."""

    path: str
    data: bytes


def gather(db: Session, settings: Settings, now: datetime) -> Iterator[Document]:
    """Every file of the archive, the manifest last.

    Raises :class:`Refused` (``not_opened``), :class:`KeyUnreadable`.
    """
    made: list[Document] = []
    for document in _gather(db, settings):
        made.append(document)
        yield document
    yield Document(MANIFEST, _json(_manifest(db, made, now)))


def write(folder: Path, documents: Iterator[Document]) -> int:
    """Write them into an empty or new folder; how many files there are.

    Raises :class:`Refused`: ``not_empty``.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused("the folder is not empty: name another", code="not_empty")
    count = 0
    for document in documents:
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.data)
        count += 1
    return count


def _gather(db: Session, settings: Settings) -> Iterator[Document]:
    identity = find_identity(db)
    if identity is None:
        raise Refused(
            "the place has not opened yet: there is nothing to archive", code="not_opened"
        )
    yield Document("README.md", GUIDE.read_bytes())
    yield Document(".well-known/did.json", _json(publishing.did_document(db)))
    yield Document("badges/issuer", _json(publishing.profile_document(db, settings)))
    for row in list_keys(db):
        name = public_key(row).name
        yield Document(f"badges/keys/{name}", _json(publishing.key_document(db, name)))
    for listing in list_status_lists(db):
        text = publishing.status_list_text(db, settings, listing.id) or ""
        yield Document(f"status/{listing.id}", text.encode())
        for algorithm in tokens.KINDS:
            token = publishing.status_list_token(db, settings, listing.id, algorithm) or ""
            yield Document(f"status/{listing.id}.{algorithm}.jwt", token.encode())
    for badge in [*list_badges(db), *list_badges(db, archived=True)]:
        yield from _badge(badge, identity.base_url)
    yield from _credentials(db, settings, identity.base_url)
    yield from _badge2(db, settings)
    yield from _contexts()


def _badge(badge: BadgeClass, base_url: str) -> Iterator[Document]:
    stem = f"badges/{badge.slug}"
    yield Document(stem, _json(achievement_document(badge, base_url)))
    if has_english(badge):
        # Not `…/en`, its address: a folder cannot bear the name of a file.
        yield Document(f"{stem}.en.json", _json(achievement_document(badge, base_url, OTHER)))
    yield Document(f"{stem}.ob2.json", _json(badge2.badge_class(badge, base_url)))
    yield Document(f"{stem}.svg", pictures.svg_of(badge))
    yield Document(f"{stem}.png", pictures.png_of(badge))


def _badge2(db: Session, settings: Settings) -> Iterator[Document]:
    """Open Badges 2.0: who issues, with which keys, and what was withdrawn."""
    paths = ["badges/issuer.ob2.json", "badges/revoked.ob2.json"]
    paths += [
        f"badges/keys/{public_key(row).name}.ob2.json" for row in list_keys(db) if row.kind == "RSA"
    ]
    for path in paths:
        try:
            found = badge2.find(db, settings, f"/{path}")
        except badge2.NoContact:
            continue  # the place publishes no such issuer: there is nothing to keep
        yield Document(path, _json(found))


def _credentials(db: Session, settings: Settings, base_url: str) -> Iterator[Document]:
    signers = [load_signer(db, settings, kind) for kind in tokens.KINDS.values()]
    for award in list_shared(db):
        stem = f"credentials/{award.id}"
        yield Document(f"{stem}.json", files.make_json(award).data)
        for signer in signers:
            algorithm = tokens.algorithm_of(signer)
            yield Document(f"{stem}.{algorithm}.jwt", files.make_jwt(award, signer).data)
            if algorithm == "rs256":
                yield Document(f"{stem}.ob2.jws", badge2.sign(db, award, signer).encode())
        # The address of one that is withdrawn or suspended answered 410, which a file cannot.
        if award.revoked_at is None and award.suspended_at is None:
            yield Document(f"{stem}.ob2.json", _json(badge2.hosted(award, base_url)))


def _contexts() -> Iterator[Document]:
    index = {}
    for number, (address, document) in enumerate(contexts.shipped().items(), start=1):
        path = f"{CONTEXTS}/{number:02}.json"
        index[address] = path
        yield Document(path, _json(document))
    yield Document(f"{CONTEXTS}/index.json", _json(index))


def _manifest(db: Session, made: list[Document], now: datetime) -> dict[str, Any]:
    identity = find_identity(db)
    assert identity is not None
    return {
        "made_at": now.isoformat(),
        "issuer": identity.did,
        "base_url": identity.base_url,
        "keys": [
            {
                "name": public_key(row).name,
                "kind": row.kind,
                "pem": public_key(row).pem,
                "controller": issuer_did(identity, public_key(row)),
                "created": row.created_at.isoformat(),
                "retired": row.retired_at.isoformat() if row.retired_at else None,
                "revoked": row.revoked_at.isoformat() if row.revoked_at else None,
            }
            for row in list_keys(db)
        ],
        "sha256": {one.path: hashlib.sha256(one.data).hexdigest() for one in made},
    }


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
