"""Awards a second in number, from the lease of a slice to its commit, and where the time goes.

One process, SQLite, addresses unknown to the place: the dry run of a CSV list, then slices of a
hundred lines as the worker does them. Seconds are those of the processor: they mean the same on a
machine that does other things meanwhile.

    python -m benchmarks.awarding [--lines 2000] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from badges.awards.batches import rules, slices
from badges.awards.batches.csv_lines import read_lines
from badges.awards.keys import load_signer, open_keys
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition, Design, create_badge
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db, set_wal
from tierslieu.settings import Settings


def measure(lines: int) -> dict[str, float]:
    """Seconds of each part, and lines a second."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        settings = Settings(
            instance=instance,
            database_url=f"sqlite:///{instance / 'bench.sqlite'}",
            base_url="http://localhost",
            secret_key="only-for-the-bench" * 3,
            place_name="Lieu",
            mail_from="no-reply@example.org",
        )
        app = create_app(settings)
        with app.app_context():
            set_wal(db.engine)
            Base.metadata.create_all(db.engine)
            try:
                return _measure(settings, app.extensions["tierslieu.house"], lines)
            finally:
                db.session.remove()
                db.engine.dispose()


def _measure(settings: Settings, house: object, lines: int) -> dict[str, float]:
    session, now = db.session(), clock.now()
    open_keys(session, settings, now)
    signer = load_signer(session, settings)
    design = Design(
        "Premiers pas en Python", "Sait lire et écrire un programme court.", "Être venue.", 12, 36,
        "hexagon", "mer", "code", [], [Condition(CriterionKind.HALF_DAYS, count=1)],
    )  # fmt: skip
    badge = create_badge(session, design, now=now, actor_id=None)
    session.commit()
    data = "e-mail;nom;note\n" + "".join(
        f"personne{n}@example.org;Personne Numéro{n};activité n° {n}\n" for n in range(lines)
    )
    spent: dict[str, float] = defaultdict(float)
    began = time.process_time()
    batch = rules.draft_batch(
        session,
        badge.id,
        read_lines(data.encode()),
        house=house,  # type: ignore[arg-type]
        now=now,
        actor_id=None,
        filename="liste.csv",
    )
    session.commit()
    spent["dry run"] = time.process_time() - began
    rules.confirm_batch(session, batch.id, ground="Vue.", now=now, actor_id=None)
    session.commit()
    while True:
        began = time.process_time()
        piece = slices.lease_slice(session, now)
        session.commit()
        leased = time.process_time()
        spent["lease"] += leased - began
        if piece is None:
            break
        signed = slices.sign_slice(session, piece, signer, house=house, now=now)  # type: ignore[arg-type]
        finished = time.process_time()
        spent["look and sign"] += finished - leased
        slices.record_slice(session, piece, signed, now=now)
        session.commit()
        spent["write and commit"] += time.process_time() - finished
    work = spent["lease"] + spent["look and sign"] + spent["write and commit"]
    return {**spent, "lines per second": lines / work}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    found = measure(wanted.lines)
    if wanted.json:
        print(json.dumps(found))
        return
    print(f"{wanted.lines} lines: {found.pop('lines per second'):.0f} awards a second\n")
    print("| part | seconds | ms a line |\n| --- | ---: | ---: |")
    for part, seconds in found.items():
        print(f"| {part} | {seconds:.2f} | {seconds / wanted.lines * 1000:.2f} |")


if __name__ == "__main__":
    main()
