"""The outbox against a real SMTP server: down, refusing, dying; tried again, never lost."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.encryption import certify
from tests.support.people import outbox
from tierslieu import clock
from tierslieu.house import Check, House, Job
from tierslieu.mail.models import NEVER, OutboxMessage
from tierslieu.mail.rules import Attachment, write_mail
from tierslieu.mail.sender import LEASE, MAX_ATTEMPTS, send_due, smtp_delivery, wait_before_retry

pytestmark = pytest.mark.both_databases


@dataclass
class Box:
    """A mail server's handler: ``rcpt`` and ``data`` are what it answers; None hangs up."""

    rcpt: str = "250 OK"
    data: str | None = "250 OK"
    leaves_rudely: bool = False
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.data is None:
            server.transport.abort()
        return self.data or "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.leaves_rudely:
            return "421 I am off"
        return "221 Bye"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(box: Box, **options: Any) -> Iterator[str]:
    """The address of a server that answers as ``box`` says."""
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@pytest.fixture
def run(app: Flask, db: Session) -> Callable[..., int]:
    """Send what is due at an instant through the server at an address."""

    def send(url: str, now: datetime) -> int:
        with clock.fixed_at(now):
            return send_due(db, now, app.config["TIERSLIEU"], smtp_delivery(url))

    return send


@pytest.fixture
def now() -> datetime:
    return clock.now()


def write(db: Session, now: datetime, recipient: str = "ada@example.org", **more: Any) -> None:
    """Put a mail into the outbox."""
    write_mail(db, recipient, "security_reset_notice", {"name": "Zoé — dite Z"}, now=now, **more)
    db.commit()


def test_a_mail_arrives_whole(db: Session, run: Callable[..., int], now: datetime) -> None:
    write(db, now, attachments=[Attachment("place.ics", "text/calendar", b"BEGIN:VCALENDAR")])
    box = Box()
    with serving(box) as url:
        assert run(url, now) == 1
        assert run(url, now) == 0  # once
    (mail,) = box.got
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == "Votre mot de passe a changé"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Bonjour Zoé — dite Z," in text.get_content()
    assert {part.get_content_type() for part in mail.walk()} >= {"text/html", "text/calendar"}
    assert "place.ics" in [part.get_filename() for part in mail.iter_attachments()]
    (row,) = outbox(db)
    assert (row.sent_at, row.attempts, row.last_error) == (now, 1, "")


def test_while_the_server_is_down_mails_wait_and_leave_when_it_is_back(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    write(db, now)
    down = f"smtp://127.0.0.1:{free_port()}"
    assert run(down, now) == 0
    (row,) = outbox(db)
    assert (row.sent_at, row.last_error) == (None, "ConnectionRefusedError")
    assert run(down, now) == 0  # not before its time
    assert outbox(db)[0].attempts == 1
    box = Box()
    with serving(box) as url:
        assert run(url, now + timedelta(minutes=1)) == 1
    assert len(box.got) == 1


@pytest.mark.parametrize("answer", ["451 Try later", "550 No such box"])
def test_a_refusal_is_tried_again_and_keeps_no_other_mail_back(
    db: Session, run: Callable[..., int], now: datetime, answer: str
) -> None:
    write(db, now)
    with serving(Box(rcpt=answer)) as url:
        assert run(url, now) == 0
    (row,) = outbox(db)
    assert (row.sent_at, row.last_error) == (None, "SMTPRecipientsRefused")
    assert row.next_try_at == now + timedelta(minutes=1)
    write(db, now, "leila@example.org")
    box = Box()
    with serving(box) as url:
        assert run(url, now) == 1
    assert box.got[0]["To"] == "leila@example.org"


def test_a_server_that_dies_over_a_mail_gets_it_again_under_the_same_name(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    write(db, now)
    dying, well = Box(data=None), Box()
    with serving(dying) as url:
        assert run(url, now) == 0
    assert outbox(db)[0].last_error == "SMTPServerDisconnected"
    with serving(well) as url:
        assert run(url, now + timedelta(hours=1)) == 1
    # It may have been kept the first time: programs know the second by its Message-ID.
    assert dying.got[0]["Message-ID"] == well.got[0]["Message-ID"]


def test_a_mail_the_server_took_is_not_sent_again_for_a_rude_farewell(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    write(db, now)
    box = Box(leaves_rudely=True)
    with serving(box) as url:
        assert run(url, now) == 1
        assert run(url, now + timedelta(days=1)) == 0
    assert len(box.got) == 1


def test_a_mail_that_cannot_be_drawn_up_keeps_no_other_back(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    write_mail(db, "ada@example.org", "there_is_no_such_template", {}, now=now)
    write(db, now, "leila@example.org")
    box = Box()
    with serving(box) as url:
        assert run(url, now) == 1
    told = {row.recipient: (row.sent_at, row.last_error) for row in outbox(db)}
    assert told == {
        "ada@example.org": (None, "TemplateNotFound"),
        "leila@example.org": (now, ""),
    }


def test_a_worker_that_dies_leaves_its_mail_to_the_next(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    write(db, now)
    message = outbox(db)[0]
    message.leased_until, message.attempts = now + LEASE, 1  # as the dead one left it
    db.commit()
    box = Box()
    with serving(box) as url:
        assert run(url, now) == 0
        assert run(url, now + LEASE) == 1


def test_waiting_grows_to_six_hours_and_the_last_attempt_loses_nothing(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    waits = [wait_before_retry(n) for n in range(1, MAX_ATTEMPTS)]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
    write(db, now)
    down, at = f"smtp://127.0.0.1:{free_port()}", now
    for _ in range(MAX_ATTEMPTS + 2):
        run(down, at)
        at += timedelta(hours=7)
    (row,) = outbox(db)
    assert (row.attempts, row.sent_at) == (MAX_ATTEMPTS, None)
    row.next_try_at = at  # somebody repairs the address and asks again
    db.commit()
    with serving(Box()) as url:
        assert run(url, at) == 1


def test_a_due_thing_is_written_once(db: Session, now: datetime) -> None:
    write(db, now, due_key="reminder:1")
    write(db, now, due_key="reminder:1")
    assert len(outbox(db)) == 1


def test_the_class_of_an_error_is_kept_and_no_address(
    db: Session, run: Callable[..., int], now: datetime
) -> None:
    write(db, now)
    with serving(Box(rcpt="550 ada@example.org is unknown here")) as url:
        run(url, now)
    assert "ada" not in outbox(db)[0].last_error


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return certify(tmp_path, "127.0.0.1")


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_server_that_offers_encryption_is_spoken_to_in_it_or_not_at_all(
    db: Session,
    run: Callable[..., int],
    now: datetime,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    is_trusted: bool,
) -> None:
    write(db, now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if is_trusted:
        trusting = ssl.create_default_context(cafile=str(certificate[0]))
        monkeypatch.setattr("ssl.create_default_context", lambda: trusting)
    box = Box()
    with serving(box, tls_context=context, require_starttls=True) as url:
        assert run(url, now) == int(is_trusted)
    assert len(box.got) == int(is_trusted)
    assert outbox(db)[0].last_error == ("" if is_trusted else "SSLCertVerificationError")


def _offered(app: Flask, kind: type[Any], name: str) -> Any:
    house: House = app.extensions["tierslieu.house"]
    return next(offer for offer in house.all(kind) if offer.name == name)


def test_without_a_server_a_real_place_keeps_its_mails_and_says_so(
    app: Flask, db: Session, now: datetime
) -> None:
    write(db, now - timedelta(hours=1))
    assert _offered(app, Job, "send_mail").run(db, now) == 0
    assert outbox(db)[0].sent_at is None
    assert "1 mails have waited" in _offered(app, Check, "mail").ask(db, now)
    db.get_one(OutboxMessage, outbox(db)[0].id).sent_at = now
    assert _offered(app, Check, "mail").ask(db, now) is None


def test_a_clock_that_was_a_day_ahead_and_is_set_right_holds_no_mail_back(
    app: Flask, db: Session
) -> None:
    now = clock.now()
    tomorrow = now + timedelta(days=1)
    common = {"template": "security_reset_notice", "context": {"name": "Ada"}}
    rows = {
        "written": {"created_at": tomorrow, "next_try_at": tomorrow},
        "leased": {"created_at": now, "next_try_at": now, "leased_until": tomorrow + LEASE},
        "tried": {"created_at": now, "next_try_at": tomorrow, "attempts": 2},
        "given up": {"created_at": now, "next_try_at": NEVER, "attempts": MAX_ATTEMPTS},
        "at a worker": {"created_at": now, "next_try_at": now, "leased_until": now + LEASE},
        "to leave later": {"created_at": now, "next_try_at": tomorrow},
    }
    for name, row in rows.items():
        db.add(OutboxMessage(recipient="ada@lieu.example", due_key=name, **common, **row))
    db.commit()
    send_due(db, now, app.config["TIERSLIEU"], lambda email: None)
    sent = {mail.due_key for mail in outbox(db) if mail.sent_at}
    assert sent == {"written", "leased", "tried"}
