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

from badges.awards import files, publishing, tokens
from badges.awards.keys import issuer_did, load_signer, public_key
from badges.awards.queries import find_identity, list_keys, list_shared, list_status_lists
from badges.designs import pictures
from badges.designs.documents import achievement_document
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
        document = achievement_document(badge, identity.base_url)
        yield Document(f"badges/{badge.slug}", _json(document))
        yield from _pictures(badge)
    yield from _credentials(db, settings)
    yield from _contexts()


def _pictures(badge: Any) -> Iterator[Document]:
    parts = (badge.shape, badge.colour, badge.icon)
    yield Document(f"badges/{badge.slug}.svg", pictures.draw(*parts).encode())
    yield Document(f"badges/{badge.slug}.png", pictures.draw_png(*parts))


def _credentials(db: Session, settings: Settings) -> Iterator[Document]:
    signers = [load_signer(db, settings, kind) for kind in tokens.KINDS.values()]
    for award in list_shared(db):
        stem = f"credentials/{award.id}"
        yield Document(f"{stem}.json", files.make_json(award).data)
        for signer in signers:
            algorithm = tokens.algorithm_of(signer)
            yield Document(f"{stem}.{algorithm}.jwt", files.make_jwt(award, signer).data)


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
