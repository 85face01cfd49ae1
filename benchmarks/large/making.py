"""The demonstration place, grown: 200,000 people, 20,000 sessions, 2,000,000 bookings, 500,000
awards, 10,000,000 answers, or a share of them.

The rows are made where they lie, by one ``INSERT … SELECT`` a table: each is one of the
demonstration's rows with another person, session and day, so that every column is a believable one.
The same seed gives the same place. What stands in it:

- sessions lie sixteen a day in four rooms and end a month ago: as many are to come as in the
  demonstration, for a page of what is to come is as long as what is to come;
- a tenth of the sessions hold a third of the bookings, one person in two thousand a tenth of them;
- ten badges, the first of them held by nearly everybody, the last by few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, text

from benchmarks.large.functions import install, remove
from tierslieu import clock
from tierslieu.base import Base

SEED = 7
DAY = 86_400
QUIET_DAYS = 30  # the last of the sessions that were made is so many days ago
LIST_SIZE = 131_072
WAITING = 3_000  # people of whom a step waits for an answer: a team answers within days
# Which share of all awards each badge has, the best known first.
SHARES = (0.36, 0.24, 0.16, 0.10, 0.06, 0.04, 0.02, 0.01, 0.006, 0.004)


@dataclass(frozen=True)
class Size:
    """How much stands in a place."""

    people: int = 200_000
    sessions: int = 20_000
    bookings: int = 2_000_000
    awards: int = 500_000
    answers: int = 10_000_000

    def times(self, share: float) -> Size:
        """The same at another scale, at least a few of each."""
        return Size(*(max(20, round(n * share)) for n in vars(self).values()))


class Grower:
    """Adds rows to one database; each step says how it went."""

    def __init__(self, connection: Connection, size: Size, say: Callable[[str], object]) -> None:
        self.connection, self.size, self.say = connection, size, say
        self.is_postgresql = connection.dialect.name == "postgresql"

    def run(self, words: str, **values: Any) -> int:
        """One statement; gives how many rows it made or changed."""
        return self.connection.execute(text(words), values).rowcount

    def rows(
        self, name: str, count: int, given: Mapping[str, str], *, like: str = "1 = 1", tag: str = ""
    ) -> int:
        """So many rows like the table's own (those that are ``like``), with some columns given as
        SQL on ``x.n`` (from 0) and the row ``s``; what breaks a unique rule is left out."""
        table: Table = Base.metadata.tables[name]
        mine = {column.name: f's."{column.name}"' for column in table.columns} | dict(given)
        key = ", ".join(f'"{c.name}"' for c in table.primary_key.columns)
        many = self.connection.execute(
            text(f'SELECT count(*) FROM "{name}" s WHERE {like}')
        ).scalar_one()
        if not many:
            return 0
        columns = ", ".join(f'"{column}"' for column in mine)
        made = self.run(
            f'INSERT INTO "{name}" ({columns}) SELECT {", ".join(mine.values())} '
            f"FROM bench_number x JOIN (SELECT s.*, row_number() OVER (ORDER BY {key}) - 1 AS k "
            f'FROM "{name}" s WHERE {like}) s ON s.k = bench_rnd(:tag, x.n, :many) '
            "WHERE x.n < :count ON CONFLICT DO NOTHING",
            tag=tag or name,
            many=many,
            count=count,
        )
        self.say(f"{name}: {made:,}")
        return made

    def numbers(self, count: int) -> None:
        """0, 1, 2… to make rows of."""
        self.run("CREATE TABLE bench_number (n BIGINT PRIMARY KEY)")
        self.run(
            "INSERT INTO bench_number WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 "
            "FROM c WHERE n + 1 < :count) SELECT n FROM c",
            count=count,
        )
        self.refresh()

    def refresh(self) -> None:
        """Have the planner know what stands here, as the database's own daemon does."""
        self.run("ANALYZE")


def grow(
    connection: Connection,
    size: Size,
    key: bytes,
    *,
    seed: int = SEED,
    say: Callable[[str], object] = lambda words: None,
) -> None:
    """Grow a demonstration place to about ``size``. ``key`` is that of the study ``tiers-lieu``.

    Nothing is committed: the caller does.
    """
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    install(connection, seed, midnight, key)
    grower = Grower(connection, size, say)
    grower.numbers(max(size.bookings * 21 // 20, size.people, size.answers // 6))
    _people(grower)
    _sessions(grower, midnight)
    _bookings(grower)
    _paths(grower)
    _awards(grower)
    _answers(grower)
    _traces(grower)
    grower.run("DROP TABLE bench_number")
    grower.refresh()
    remove(connection)


def _people(grower: Grower) -> None:
    size = grower.size
    since = f"bench_ago(CAST({90 * DAY} + bench_rnd('joined', x.n, {1500 * DAY}) AS BIGINT))"
    like = "s.email LIKE 'learner%'"
    named = "'Personne ' || x.n"
    grower.rows(
        "user_account",
        size.people,
        {"id": "bench_id('person', x.n)", "email": "'personne' || x.n || '@example.net'",
         "name": named, "sort_name": "'personne ' || x.n", "fs_uniquifier": "'grown-' || x.n",
         "confirmed_at": since, "created_at": since, "password": "NULL"},
        like=like,
    )  # fmt: skip
    one = {"user_id": "bench_id('person', x.n)"}
    grower.rows("user_roles", size.people, one, like=f"s.user_id IN ({_ids(like)})")
    grower.rows("profile", size.people, one | {"updated_at": since})
    for kind, count in (("notice", size.people), ("research", size.people * 57 // 100)):
        given = one | {"id": f"bench_id('consent-{kind}', x.n)", "given_at": since}
        grower.rows("consent", count, given, like=f"s.kind = '{kind}' AND s.withdrawn_at IS NULL")


def _ids(like: str) -> str:
    return f"SELECT s.id FROM user_account s WHERE {like}"


def _starts(n: str) -> str:
    """How many seconds before midnight the session of this number began."""
    return f"CAST(({QUIET_DAYS} + {n} / 16) * {DAY} - (8 + 3 * (({n} / 4) % 4)) * 3600 AS BIGINT)"


def _sessions(grower: Grower, midnight: datetime) -> None:
    size, local = grower.size, ""
    if grower.is_postgresql:
        local = " AT TIME ZONE 'Europe/Paris'"
    begins, ends = f"bench_ago({_starts('x.n')})", f"bench_ago({_starts('x.n')} - 7200)"
    grower.rows("room", 4, {"id": "bench_id('room', x.n)", "name": "'Salle ' || (100 + x.n)"})
    grower.rows(
        "learning_session",
        size.sessions,
        {"id": "bench_id('session', x.n)", "room_id": "bench_id('room', x.n % 4)",
         "starts_at": begins, "ends_at": ends, "starts_local": begins + local,
         "ends_local": ends + local, "series_id": "NULL", "bookable_from": "NULL",
         "bookable_until": "NULL", "created_at": begins},
        like="s.cancelled_at IS NULL AND s.room_id IS NOT NULL AND s.series_id IS NULL",
    )  # fmt: skip
    # One facilitator of the demonstration has led a quarter of them all: theirs is a long list.
    grower.run(
        "INSERT INTO session_facilitator (session_id, user_id, starts_at, ends_at) "
        f"SELECT bench_id('session', x.n), u.id, {begins}, {ends} FROM bench_number x "
        "JOIN user_account u ON u.email = 'facilitator@example.org' "
        "WHERE x.n < :count AND x.n % 4 = 0",
        count=size.sessions,
    )
    for mode in ("onsite", "online"):
        grower.rows(
            "seat_pool",
            size.sessions,
            {"id": f"bench_id('pool-{mode}', x.n)", "session_id": "bench_id('session', x.n)",
             "mode": f"'{mode}'", "capacity": "12", "taken": "0", "kept": "0", "kept_taken": "0",
             "kept_for": "NULL", "kept_until": "NULL"},
        )  # fmt: skip


def _who(size: Size) -> tuple[str, str]:
    """Whose booking the one of this number is, and for which session."""
    regulars, popular = max(1, size.people // 2000), max(1, size.sessions // 10)
    person = (
        f"CASE WHEN bench_rnd('often', x.n, 10) = 0 THEN bench_rnd('who', x.n, {regulars}) "
        f"ELSE bench_rnd('who', x.n, {size.people}) END"
    )
    session = (
        f"CASE WHEN bench_rnd('liked', x.n, 4) = 0 THEN bench_rnd('what', x.n, {popular}) "
        f"ELSE bench_rnd('what', x.n, {size.sessions}) END"
    )
    return person, session


def _bookings(grower: Grower) -> None:
    size = grower.size
    person, session = _who(size)
    began = _starts(f"({session})")
    grower.rows(
        "booking",
        size.bookings * 21 // 20,
        {"id": "bench_id('booking', x.n)", "user_id": f"bench_id('person', {person})",
         "session_id": f"bench_id('session', {session})", "tap": "NULL",
         "cancelled_by_id": "NULL", "created_at": f"bench_ago({began} + {5 * DAY})",
         **{name: f"CASE WHEN s.{name} IS NULL THEN NULL ELSE bench_ago({began} + {DAY}) END"
            for name in ("waiting_since", "confirmed_at", "cancelled_at")}},
        like="s.status <> 'offered' AND s.offered_at IS NULL",
    )  # fmt: skip
    grower.refresh()
    held = (
        "(SELECT count(*) FROM booking b WHERE b.session_id = seat_pool.session_id "
        "AND b.mode = seat_pool.mode AND b.status = 'confirmed')"
    )
    made = "EXISTS (SELECT 1 FROM learning_session s JOIN room r ON r.id = s.room_id "
    made += "WHERE s.id = seat_pool.session_id AND r.name LIKE 'Salle 10_')"
    grower.run(f"UPDATE seat_pool SET taken = {held}, capacity = {held} + 3 WHERE {made}")
    day = "CAST(s.starts_local AS date)" if grower.is_postgresql else "date(s.starts_local)"
    digit = "substr(CAST(b.id AS text), 1, 1)"
    count = grower.run(
        "INSERT INTO attendance (id, session_id, day, half, user_id, guest_name, guest_email, mode,"
        " presence, walked_in, arrived_at, noted_at) "
        f"SELECT b.id, b.session_id, {day}, 'pm', b.user_id, '', '', b.mode, "
        f"CASE WHEN {digit} IN ('0', '1') THEN 'absent' WHEN {digit} = '2' THEN 'excused' "
        f"ELSE 'present' END, false, CASE WHEN {digit} IN ('0', '1', '2') THEN NULL "
        "ELSE s.starts_at END, s.ends_at FROM booking b "
        "JOIN learning_session s ON s.id = b.session_id JOIN room r ON r.id = s.room_id "
        "WHERE b.status = 'confirmed' AND r.name LIKE 'Salle 10_' ON CONFLICT DO NOTHING"
    )
    grower.say(f"attendance: {count:,}")


def _paths(grower: Grower) -> None:
    """Everybody follows one of the demonstration's paths, as far as somebody of it came."""
    many = grower.connection.execute(text("SELECT count(*) FROM enrolment")).scalar_one()
    samples = grower.connection.execute(
        text("SELECT id FROM enrolment ORDER BY id")
    ).scalars().all()  # fmt: skip
    since = f"bench_ago(CAST({60 * DAY} + bench_rnd('began', x.n, {1000 * DAY}) AS BIGINT))"
    given = {"id": "bench_id('enrolment', x.n)", "user_id": "bench_id('person', x.n)"}
    given |= {"cohort_id": "NULL", "started_at": since}
    grower.rows("enrolment", grower.size.people, given)
    # The samples as they were before: the new rows are not copied again.
    sample = (
        "(SELECT e.id, row_number() OVER (ORDER BY e.id) - 1 AS k FROM enrolment e "
        "JOIN user_account u ON u.id = e.user_id WHERE u.fs_uniquifier NOT LIKE 'grown-%') e"
    )
    assert len(samples) == many
    for name, own, like in (
        ("enrolment_event", {"actor_id": "bench_id('person', x.n)", "at": since}, "1 = 1"),
        ("step_record", {"upload_id": "NULL"}, f"(s.state <> 'declared' OR x.n < {WAITING})"),
    ):
        table = Base.metadata.tables[name]
        mine = {column.name: f's."{column.name}"' for column in table.columns} | own
        mine["enrolment_id"] = "bench_id('enrolment', x.n)"
        mine["id"] = f"bench_id('{name}' || bench_text(s.id), x.n)"
        columns = ", ".join(f'"{column}"' for column in mine)
        count = grower.run(
            f'INSERT INTO "{name}" ({columns}) SELECT {", ".join(mine.values())} '
            f"FROM bench_number x JOIN {sample} ON e.k = bench_rnd('enrolment', x.n, :many) "
            f'JOIN "{name}" s ON s.enrolment_id = e.id WHERE x.n < :count '
            f"AND {like} ON CONFLICT DO NOTHING",
            many=many,
            count=grower.size.people,
        )
        grower.say(f"{name}: {count:,}")


def _awards(grower: Grower) -> None:
    size = grower.size
    badges = grower.connection.execute(
        text(
            "SELECT badge_id, min(CAST(id AS text)) FROM award WHERE revoked_at IS NULL "
            "GROUP BY badge_id ORDER BY count(*) DESC, badge_id"
        )
    ).all()
    lists = -(-size.awards // LIST_SIZE)
    grower.rows("status_list", lists, {"id": "100 + x.n"}, like="s.id = 1")
    shares, done = SHARES[: len(badges)], 0
    for number, ((badge_id, sample), share) in enumerate(zip(badges, shares, strict=True)):
        count = min(round(size.awards * share / sum(shares)), size.people)
        when = f"bench_ago(CAST({40 * DAY} + bench_rnd('awarded', x.n, {900 * DAY}) AS BIGINT))"
        new = f"bench_id('award-{number}', x.n)"
        grower.rows(
            "award",
            count,
            {"id": new, "user_id": f"bench_id('person', (x.n * 7919 + {number * 101}) "
             f"% {size.people})", "awarded_at": when, "session_id": "NULL", "renews_id": "NULL",
             "renewed_at": "NULL", "end_told_at": "NULL", "recipient_email": "NULL",
             "claim_token": "NULL", "holder_name": "'Personne ' || x.n",
             "status_list_id": f"100 + (x.n + {done}) / {LIST_SIZE}",
             "status_index": f"(x.n + {done}) % {LIST_SIZE}",
             "credential": f"replace(s.credential, bench_text(s.id), bench_text({new}))",
             "sharing": "CASE WHEN bench_rnd('shared', x.n, 5) = 0 THEN 'link' "
             "ELSE 'private' END"},
            like=f"CAST(s.id AS text) = '{sample}'",
            tag=f"award-{badge_id}",
        )  # fmt: skip
        done += count


def _answers(grower: Grower) -> None:
    """What people answered after their sessions, in the place's own study."""
    size = grower.size
    asked = (
        "SELECT w.id FROM wave w JOIN study t ON t.id = w.study_id "
        "WHERE w.slug = 'after_session' AND t.slug = 'tiers-lieu'"
    )
    each = grower.connection.execute(
        text(
            "SELECT count(*) * 1.0 / count(DISTINCT a.sheet_id) FROM answer a "
            f"JOIN response_sheet s ON s.id = a.sheet_id WHERE s.wave_id IN ({asked})"
        )
    ).scalar_one()
    count = round(size.answers / float(each))
    person, session = _who(size)
    when = f"bench_ago({_starts(f'({session})')} - {2 * DAY})"
    grower.rows(
        "invitation",
        count,
        {"id": "bench_id('invitation', x.n)", "user_id": f"bench_id('person', {person})",
         "subject": f"'session:' || bench_text(bench_id('session', {session}))",
         "code": "'grown-' || bench_text(bench_id('code', x.n))", "occurred_at": when,
         "invited_at": when, "answered_at": when, "declined_at": "NULL", "closes_at": when},
        like=f"s.wave_id IN ({asked})",
    )  # fmt: skip
    many = grower.connection.execute(
        text(f"SELECT count(*) FROM response_sheet s WHERE s.wave_id IN ({asked})")
    ).scalar_one()
    sample = (
        "(SELECT s.id, row_number() OVER (ORDER BY s.id) - 1 AS k FROM response_sheet s "
        f"WHERE s.wave_id IN ({asked})) s"
    )
    grower.run(
        "CREATE TABLE bench_sheet_like AS SELECT s.k, a.item, a.value "
        f"FROM {sample} JOIN answer a ON a.sheet_id = s.id"
    )
    grower.rows(
        "response_sheet",
        count,
        {"id": "bench_id('sheet', x.n)",
         "sheet_key": "bench_sheet(bench_id('invitation', x.n))"},
        like=f"s.wave_id IN ({asked})",
        tag="sheet",
    )  # fmt: skip
    made = grower.run(
        "INSERT INTO answer (sheet_id, item, value) SELECT bench_id('sheet', x.n), s.item, s.value "
        "FROM bench_number x JOIN bench_sheet_like s ON s.k = bench_rnd('sheet', x.n, :many) "
        "WHERE x.n < :count",
        many=many,
        count=count,
    )
    grower.run("DROP TABLE bench_sheet_like")
    grower.say(f"answer: {made:,}")


def _traces(grower: Grower) -> None:
    """Mails that were sent, and who did what."""
    size = grower.size
    when = f"bench_ago(CAST({2 * DAY} + bench_rnd('when', x.n, {80 * DAY}) AS BIGINT))"
    first = grower.connection.execute(text("SELECT max(number) FROM logbook_entry")).scalar_one()
    grower.rows(
        "outbox_message",
        size.people // 2,
        {"id": "bench_id('mail', x.n)", "due_key": "NULL", "created_at": when,
         "next_try_at": when, "sent_at": when,
         "recipient": "'personne' || x.n || '@example.net'"},
    )  # fmt: skip
    grower.rows(
        "logbook_entry",
        size.people,
        {"number": f"{first} + 1 + x.n", "at": when},
        like=f"s.number <= {first}",
    )


def count_all(connection: Connection) -> dict[str, int]:
    """How many of each stand in the place."""
    names = ("user_account", "learning_session", "booking", "award", "answer")
    return {
        name: connection.execute(
            select(text("count(*)")).select_from(Base.metadata.tables[name])
        ).scalar_one()
        for name in names
    }
