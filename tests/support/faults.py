"""Every job of the place killed with SIGKILL, at random, again and again: what was lost?

``python -m tests.support.faults --kills 200`` fills a place with the demonstration, and has each
job, in a process of its own, end itself as ``kill -9`` would: before or after one of its
statements, or on either side of a commit. Between two deaths its leases run out, as time would
make them. Then the job is let run to its end, and the place must be as if nobody had died: the
same number of rows in each table, the same mails, nothing broken by the invariants of
``tierslieu audit``. It prints what it found as JSON, a line a job.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.engine import Engine

from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.backup import age
from tierslieu.base import Base
from tierslieu.clockwork import JobRun
from tierslieu.db import db as database
from tierslieu.house import House, Invariant, Job
from tierslieu.jobs import run_due_jobs
from tierslieu.mail import offers as mail_offers
from tierslieu.mail.models import OutboxMessage
from tierslieu.opening import open_place, play_demo
from tierslieu.settings import Settings

# When each is run, after the day the demonstration is played: what is due soon, and what is
# forgotten in the end. The one at which a job does more is the one at which it is killed.
LATER = (timedelta(days=2), timedelta(days=40), timedelta(days=1500))
MAILS = 24  # that wait in the base, for the job that sends them
NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNCOUNTED = {"job_run", "worker_beat"}
IN_A_ROW = 3  # deaths of one job before it may finish
LAST = 60  # times a job is called at most until it says there is nothing left


@dataclass
class Told:
    """What became of one job: kills, things done, what is missing or twice, what audit says."""

    job: str
    kills: int = 0
    moments: int = 0  # at which it could be killed
    things: int = 0
    differs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    sent_twice: int = 0

    def compare(self, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        """What this end has that an end without deaths has not, and the other way round."""
        # One job alone, years later, may leave what another job would see to.
        self.broken += [one for one in found["broken"] if one not in wanted["broken"]]
        self.broken += found["failed"]
        for table, count in wanted["rows"].items():
            if found["rows"][table] != count:
                self.differs.append(f"{table}: {found['rows'][table]} rows for {count}")
        if found["mails"] != wanted["mails"]:
            self.differs.append("other mails")

    @property
    def is_whole(self) -> bool:
        """Nothing is missing or one too many; a mail handed over and not yet noted goes twice."""
        return not self.differs and not self.broken and self.sent_twice <= self.kills


class Bench:
    """A place filled once, laid out afresh for each job."""

    def __init__(self, folder: Path) -> None:
        age.WORK = 6
        self.place, self.base, self.box = folder / "place", folder / "base", folder / "box"
        self.place.mkdir()
        (self.place / "backups").mkdir()
        self.settings = Settings(
            instance=self.place,
            database_url=f"sqlite:///{self.place / 'tierslieu.sqlite'}",
            base_url="http://localhost",
            secret_key="only-for-faults" * 4,
            place_name="Tiers-lieu d’essai",
            mail_from="no-reply@example.org",
            contact="equipe@lieu.example",
            smtp_url="smtp://127.0.0.1:9",  # nobody speaks to it: see _take
            backup_dir=self.place / "backups",
            backup_passphrase="une phrase de secours bien longue",
        )
        vars(mail_offers)["smtp_delivery"] = lambda url: self._take
        self.app: Flask = create_app(self.settings, TESTING=True)
        self.today = clock.now()
        open_place(self.app)
        play_demo(self.app)
        with self.app.app_context():
            for number in range(MAILS):
                database.session.add(
                    OutboxMessage(
                        recipient=f"p{number}@lieu.example",
                        template="security_reset_notice",
                        context={"name": "Ada"},
                        due_key=f"faults-{number}",
                    )
                )
            database.session.commit()
        self._let_go()
        shutil.copytree(self.place, self.base)

    @property
    def jobs(self) -> list[Job]:
        house: House = self.app.extensions["tierslieu.house"]
        return sorted(house.all(Job), key=lambda job: job.name)

    def _take(self, email: Any) -> None:
        with self.box.open("a") as file:
            file.write(f"{email['Message-ID']}\n")
        _Fate.step()

    def _let_go(self) -> None:
        with self.app.app_context():
            database.session.remove()
            database.engine.dispose()

    def lay_out(self) -> None:
        """The place as it was filled."""
        shutil.rmtree(self.place)
        shutil.copytree(self.base, self.place)
        self.box.unlink(missing_ok=True)

    def apart(self, act: Callable[[], Any], at: datetime, dies_at: int | None = None) -> Any:
        """What ``act`` gives, done in a process of its own at that instant; None if it died."""
        reading, writing = os.pipe()
        if (pid := os.fork()) == 0:
            try:
                os.close(reading)
                _Fate.begin(dies_at)
                with clock.fixed_at(at):
                    answer = act()
                with os.fdopen(writing, "w") as pipe:
                    json.dump([answer, _Fate.steps], pipe)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
                os._exit(1)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        _pid, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return None
        if status:
            raise AssertionError("a process of the place failed")
        return json.loads(said)

    def run(self, name: str) -> int:
        """Run the job as the clockwork does, once."""
        return run_due_jobs(self.app, only=frozenset({name})).get(name, 0)

    def let_leases_run_out(self) -> None:
        """As time would."""
        with self.app.app_context():
            for table in Base.metadata.sorted_tables:
                if "leased_until" in table.c:
                    held = table.c.leased_until.is_not(None)
                    database.session.execute(update(table).where(held).values(leased_until=None))
            database.session.execute(update(JobRun).values(last_started_at=None))
            database.session.commit()

    def finish(self, name: str) -> int:
        """Run the job until it says that there is nothing left."""
        done = 0
        for _turn in range(LAST):
            self.let_leases_run_out()
            count = self.run(name)
            done += count
            if not count:
                break
        return done

    def look(self) -> dict[str, Any]:
        """How many rows each table holds, the mails, and what the audit finds broken."""
        house: House = self.app.extensions["tierslieu.house"]
        with self.app.app_context():
            session = database.session()
            rows = {
                table.name: session.scalar(select(func.count()).select_from(table))
                for table in Base.metadata.sorted_tables
                if table.name not in UNCOUNTED
            }
            keys = select(OutboxMessage.recipient, OutboxMessage.due_key).where(
                OutboxMessage.due_key.is_not(None)
            )
            failed = select(JobRun.name, JobRun.last_error).where(JobRun.last_error != "")
            return {
                "rows": rows,
                # To whom, and for what: what a job makes has another number each time.
                "mails": sorted(
                    f"{to} {NUMBER.sub('*', key or '')}" for to, key in session.execute(keys)
                ),
                "failed": [f"{name}: {error}" for name, error in session.execute(failed)],
                "broken": [
                    f"{check.name}: {sentence}"
                    for check in house.all(Invariant)
                    for sentence in check.check(session).broken
                ],
            }

    def kill_in(self, job: Job, kills: int, random: Random) -> Told:
        """Have this job die so often, then finish, and compare."""
        name, told = job.name, Told(job.name)
        chosen = self.today + LATER[0]
        for later in LATER:
            self.lay_out()
            _done, moments = self.apart(lambda: self.run(name), self.today + later)
            if moments > told.moments:
                told.moments, chosen = moments, self.today + later
        self.lay_out()
        told.things, _moments = self.apart(lambda: self.finish(name), chosen)
        wanted, _moments = self.apart(self.look, chosen)
        tries = 0
        while told.kills < kills and tries < 4 * kills:
            self.lay_out()
            for _death in range(IN_A_ROW):
                tries += 1
                moment = random.randint(1, told.moments)
                self.apart(self.let_leases_run_out, chosen)
                # Less is left to do after each death: it may have ended before its moment.
                if self.apart(lambda: self.run(name), chosen, moment) is not None:
                    break
                told.kills += 1
                if told.kills == kills:
                    break
            self.apart(lambda: self.finish(name), chosen)
            found, _moments = self.apart(self.look, chosen)
            told.compare(wanted, found)
            if self.box.exists():
                came = Counter(self.box.read_text().split())
                told.sent_twice += sum(count - 1 for count in came.values())
        return told


class _Fate:
    """Counts the moments of a process, and ends it at the one that was chosen."""

    steps = 0
    dies_at: int | None = None

    @classmethod
    def begin(cls, dies_at: int | None) -> None:
        cls.steps, cls.dies_at = 0, dies_at

    @classmethod
    def step(cls, *args: Any, **kwargs: Any) -> None:
        cls.steps += 1
        if cls.steps == cls.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


for _moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
    event.listen(Engine, _moment, _Fate.step)


def kill_all(kills: int, seed: int, folder: Path, only: str = "") -> Iterator[Told]:
    """Every job of the house in turn, so that together they die ``kills`` times at least."""
    random, bench = Random(seed), Bench(folder)
    jobs = [job for job in bench.jobs if only in ("", job.name)]
    share = -(-kills // len(jobs))
    for job in jobs:
        yield bench.kill_in(job, share, random)


def main() -> None:
    """Kill, and print what was found."""
    parser = ArgumentParser()
    parser.add_argument("--kills", type=int, default=200, help="over all jobs together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the name of one job")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults") as folder:
        for told in kill_all(asked.kills, asked.seed, Path(folder), asked.only):
            print(json.dumps(asdict(told) | {"whole": told.is_whole}), flush=True)


if __name__ == "__main__":
    main()
