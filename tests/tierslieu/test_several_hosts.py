"""Two hosts with web processes and workers, folders of their own, one PostgreSQL, shared files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from badges.awards.models import IssuerIdentity, SigningKey
from tests.support.hosts import open_url, share_a_session, start_worker
from tests.support.served import ServedPlace, environment_of, free_port
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import Role
from tierslieu.settings import read_settings

pytestmark = [pytest.mark.proof, pytest.mark.beside]

MAILS = 80


@dataclass
class Box:
    """A mail server that counts to whom it was sent, and says when a few have come."""

    came: Counter[str] = field(default_factory=Counter)
    some: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.came[envelope.rcpt_tos[0]] += 1
        if self.came.total() >= 10:
            self.some.set()
        return "250 OK"


@contextmanager
def mail_server(box: Box) -> Iterator[str]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def test_two_hosts_open_at_once_share_sessions_and_do_each_thing_due_once(
    tmp_path: Path, new_postgresql: Callable[[str], str]
) -> None:
    url, box = new_postgresql("hosts"), Box()
    (tmp_path / "shared").mkdir()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with mail_server(box) as smtp:
        common = {
            "TIERSLIEU_DATABASE_URL": url,
            "TIERSLIEU_FILES": str(tmp_path / "shared"),
            "TIERSLIEU_SECRET_KEY": "one secret for every host of this place",
            "TIERSLIEU_KEY_PASSPHRASE": "quatre mots bien choisis",
            "TIERSLIEU_BASE_URL": "http://localhost",
            "TIERSLIEU_SMTP_URL": smtp,
        }
        hosts = [
            ServedPlace(tmp_path / name, demo=False, arguments=["--no-worker"], **common)
            for name in ("a", "b")
        ]
        workers: list[subprocess.Popen[bytes]] = []
        engine, clockwork = create_engine(url), None
        try:
            for host in hosts:
                host.wait_until_open()
            with Session(engine) as session:
                assert session.scalar(select(func.count()).select_from(IssuerIdentity)) == 1
                assert session.scalar(select(func.count()).select_from(SigningKey)) == 3
                assert session.scalar(select(func.count()).select_from(Role)) == 5
            assert len(list((tmp_path / "shared" / "keys").glob("badges-*.pem"))) == 3
            assert not [f for n in ("a", "b") for f in (tmp_path / n).iterdir() if f.name == "keys"]
            workers = [start_worker(tmp_path / name, common) for name in ("wa", "wb")]
            share_a_session(hosts)
            _write_mails(session)
            # Woken as by a web process: each wake is taken by one of the workers.
            app = create_app(read_settings(environment_of(tmp_path / "a", **common)))
            clockwork = app.extensions["tierslieu.huey"].storage
            for _turn in range(2):
                app.extensions["tierslieu.wake"]("send_mail")
            assert box.some.wait(90), "no mail came"
            os.kill(workers[0].pid, signal.SIGKILL)
            workers[0].wait(20)
            in_its_hand = _let_leases_run_out(engine)
            app.extensions["tierslieu.wake"]("send_mail")
            _wait_until_sent(engine, workers[1])
            assert set(box.came) >= {f"p{number}@lieu.example" for number in range(MAILS)}
            # What it had handed over, and not yet noted, is the one thing nobody can know.
            twice = [address for address, count in box.came.items() if count > 1]
            assert len(twice) <= in_its_hand <= 2
            for host in hosts:
                with open_url(host.url + "/healthz") as answer:
                    assert json.load(answer) == {"status": "ok"}
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(30)
            codes = [host.close() for host in hosts]
            engine.dispose()
            if clockwork is not None:
                clockwork.close()
    assert codes == [0, 0], "".join(line for host in hosts for line in host.lines)
    for name in ("wa", "wb"):
        assert " error " not in (tmp_path / f"{name}.log").read_text()


def _write_mails(session: Session) -> None:
    for number in range(MAILS):
        session.add(
            OutboxMessage(
                recipient=f"p{number}@lieu.example",
                template="security_reset_notice",
                context={"name": "Ada"},
                due_key=f"hosts-{number}",
            )
        )
    session.commit()


def _let_leases_run_out(engine: Any) -> int:
    """As five minutes would; how many mails somebody had in their hand."""
    with engine.begin() as connection:
        held = update(OutboxMessage).where(
            OutboxMessage.leased_until.is_not(None), OutboxMessage.sent_at.is_(None)
        )
        return int(connection.execute(held.values(leased_until=clock.now())).rowcount)


def _wait_until_sent(engine: Any, worker: subprocess.Popen[bytes]) -> None:
    waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
    until = clock.now().timestamp() + 100
    while clock.now().timestamp() < until:
        with engine.connect() as connection:
            if not connection.scalar(waiting):
                return
        try:
            worker.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError("the other worker has ended")
    raise AssertionError("mails are left")
