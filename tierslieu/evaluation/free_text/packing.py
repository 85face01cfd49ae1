"""The files of a package that hold people's own words: texts and wave, without a pseudonym."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.anonymity import K
from tierslieu.evaluation.free_text.gathering import find_owners, list_questions
from tierslieu.evaluation.free_text.queries import list_let_out
from tierslieu.evaluation.tables import Table, Variable
from tierslieu.surveys.instruments.items import short_label
from tierslieu.surveys.models import Study
from tierslieu.web.sheets import harmless


def text_tables(db: Session, study: Study, key: bytes, people: Sequence[UUID]) -> list[Table]:
    """One table for each question of a wave whose texts were read and let out, of ``people`` alone.

    What one request let out goes out whole or not at all: of five people at least, or a text that
    is new in a package would be of who is new in its other tables. The order is that of the words.
    """
    owners = find_owners(db, study, key, people)
    texts: dict[tuple[UUID, str], dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    writers: dict[tuple[UUID, str], dict[UUID, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for one in list_let_out(db, study.id):
        owner = owners.get(one.sheet_key)
        if owner is not None:
            texts[one.wave_id, one.item][one.request_id].append(one.text)
            writers[one.wave_id, one.item][one.request_id].add(owner)
    found = []
    for question in list_questions(study):
        kept = [
            text
            for request_id, some in texts.get(question.key, {}).items()
            if len(writers[question.key][request_id]) >= K
            for text in some
        ]
        if kept:
            wave, item = question.wave, question.item
            rows = tuple((harmless(text), wave.slug) for text in sorted(kept))
            variables = (
                Variable(
                    "text",
                    "string",
                    short_label(item.label),
                    wording=item.text,
                    instrument=f"{wave.instrument.slug} v{wave.instrument.version}",
                ),
                Variable("wave", "string", "Vague", categories={wave.slug: wave.title}),
            )
            name = f"free-text-{item.name}_{wave.slug}"
            label = f"Réponses écrites : {short_label(item.label)}"
            found.append(Table(name, label, variables, rows, is_words=True))
    return found
