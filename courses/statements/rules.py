"""Statements received once; steps validated as soon as it is known which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.paths.queries import current_version, list_steps
from courses.progress.imports.applying import GRADED, Import, apply
from courses.progress.imports.matching import Match
from courses.progress.imports.models import Provider
from courses.progress.imports.outcomes import Origin, Outcome
from courses.progress.imports.queries import (
    living_enrolments,
    lock_path,
)
from courses.progress.models import RecordSource
from courses.statements.claims import ask_team, proof_of
from courses.statements.matching import match_actors
from courses.statements.models import (
    ActivityState,
    StatementState,
    XapiActivity,
    XapiSource,
    XapiStatement,
)
from courses.statements.queries import (
    find_activities,
    find_home_page,
    find_source,
    find_statements,
    list_old,
    list_ready,
    list_voided,
)
from courses.statements.reading import Received
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note

KEPT_FOR = timedelta(days=365)  # from its receipt, whatever became of it
TRIES = 4
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
SLICE = 1_000  # statements forgotten with one statement


def receive(db: Session, statements: Sequence[Received], token_id: UUID, *, now: datetime) -> None:
    """Keep what is new of these, and validate the steps they say. All or none.

    The same statement again changes nothing, but that one of nobody is looked at anew: its person
    may have come meanwhile. Raises :class:`Refused` 409 ``statement_conflict`` (with ``ids``).
    """
    lock_for_writing(db)
    source = _source(db, token_id, now)
    successes = [one for one in statements if one.success]
    activities = _activities(db, successes, now)
    people = match_actors(db, successes, now)
    for _try in range(TRIES):
        known = find_statements(db, [one.id for one in statements])
        _check_conflicts(statements, known)
        new = [one for one in statements if one.id not in known]
        try:
            with db.begin_nested():
                # In one order, so that two who send the same never wait for each other.
                rows = [
                    _row(one, source, people, activities, now)
                    for one in sorted(new, key=lambda one: one.id)
                ]
                db.add_all(rows)
                db.flush()
            break
        except IntegrityError:  # another sent one of them, this very moment
            continue
    else:
        raise Refused(
            _("D’autres envoient les mêmes traces en ce moment : recommencez."),
            code="try_again",
            status=409,
        )
    again = _look_again(statements, known, people, activities, now)
    _count(source, new, people, now)
    _void(db, source, new)
    db.flush()
    use_waiting(db, [row.id for row in (*rows, *again)], now=now)


def _source(db: Session, token_id: UUID, now: datetime) -> XapiSource:
    found = find_source(db, token_id)
    if found is None:
        try:
            with db.begin_nested():
                db.add(XapiSource(token_id=token_id, first_at=now, last_at=now))
                db.flush()
        except IntegrityError:  # its first two calls came at once
            pass
        found = find_source(db, token_id)
    if found is None:
        raise NotYours
    return found


def _check_conflicts(statements: Sequence[Received], known: dict[UUID, XapiStatement]) -> None:
    changed = [
        str(one.id)
        for one in statements
        if (had := known.get(one.id)) is not None and not _is_same(one, had)
    ]
    if changed:
        raise Refused(
            _("Une autre trace porte déjà cet identifiant : rien de cet envoi n’est gardé."),
            code="statement_conflict",
            status=409,
            more={"ids": changed},
        )


def _is_same(one: Received, had: XapiStatement) -> bool:
    """Whether they say the same; a time that only one of them says makes no difference."""
    times = {one.time_digest, had.time_digest} - {""}
    return one.digest == had.digest and len(times) <= 1


def _row(
    one: Received,
    source: XapiSource,
    people: dict[UUID, UUID],
    activities: dict[str, XapiActivity],
    now: datetime,
) -> XapiStatement:
    row = XapiStatement(
        statement_id=one.id,
        source_id=source.id,
        digest=one.digest,
        time_digest=one.time_digest,
        received_at=now,
        state=StatementState.ASIDE,
        voids=one.voids,
    )
    if one.id in people and activities[one.iri].state is not ActivityState.NOT_COUNTED:
        _let_wait(row, one, people[one.id], activities[one.iri], now)
    return row


def _let_wait(
    row: XapiStatement, one: Received, user_id: UUID, activity: XapiActivity, now: datetime
) -> None:
    row.state, row.verb = StatementState.WAITING, one.success
    row.user_id, row.activity_id = user_id, activity.id
    said = one.happened_at
    # A clock that was never set says the year 1: then when it was received is what is known.
    row.happened_at = min(said, now) if said is not None and said >= EARLIEST else now
    row.by_username = one.agent is not None and one.agent.account is not None


def _look_again(
    statements: Sequence[Received],
    known: dict[UUID, XapiStatement],
    people: dict[UUID, UUID],
    activities: dict[str, XapiActivity],
    now: datetime,
) -> list[XapiStatement]:
    """Statements sent again whose person was nobody here the first time."""
    found = []
    for one in statements:
        had = known.get(one.id)
        counts = one.id in people and activities[one.iri].state is not ActivityState.NOT_COUNTED
        if had is not None and had.state is StatementState.ASIDE and counts:
            _let_wait(had, one, people[one.id], activities[one.iri], now)
            found.append(had)
    return found


def _count(
    source: XapiSource, new: Sequence[Received], people: dict[UUID, UUID], now: datetime
) -> None:
    source.last_at = now
    source.known += sum(1 for one in new if one.id in people)
    source.strangers += sum(1 for one in new if one.success and one.id not in people)
    source.others += sum(1 for one in new if not one.success)


def _void(db: Session, source: XapiSource, new: Sequence[Received]) -> None:
    """What waits and is taken back by who sent it waits no more, whichever came first; what was
    used stays used."""
    voided = [one.voids for one in new if one.voids is not None]
    voided += list_voided(db, source.id, [one.id for one in new])
    if voided:
        _set_aside(
            [
                had
                for had in find_statements(db, voided).values()
                if had.source_id == source.id and had.state is not StatementState.USED
            ],
            StatementState.VOIDED,
        )


def _set_aside(statements: Iterable[XapiStatement], state: StatementState) -> None:
    """Keep of these only what makes them known again."""
    for one in statements:
        one.state, one.verb = state, ""
        one.user_id = one.activity_id = one.happened_at = None
        one.by_username = False


def _activities(
    db: Session, successes: Sequence[Received], now: datetime
) -> dict[str, XapiActivity]:
    """The activities of these, those not met before written down."""
    names: dict[str, str] = {}
    for one in successes:
        names[one.iri] = names.get(one.iri) or one.name
    for _try in range(TRIES):
        found = find_activities(db, sorted(names))
        missing = sorted(names.keys() - found.keys())
        if not missing:
            break
        try:
            with db.begin_nested():
                db.add_all(
                    [XapiActivity(iri=iri, name=names[iri], first_at=now) for iri in missing]
                )
                db.flush()
        except IntegrityError:
            continue
    met = find_activities(db, sorted(names))
    for iri, activity in met.items():
        activity.name = activity.name or names[iri]
    return met


def use_waiting(
    db: Session,
    ids: Sequence[UUID] | None = None,
    *,
    now: datetime,
    activity_id: UUID | None = None,
) -> int:
    """Validate what waiting statements say, where the step is known and its person follows the
    path; how many were used. By the rules of imports: nothing is taken back, nobody validates
    themselves, whoever waits for an answer is told."""
    lock_for_writing(db)
    ready = list_ready(db, ids=ids, activity_id=activity_id)
    groups: dict[tuple[UUID, UUID], list[XapiStatement]] = {}
    for one in ready:
        if one.activity is not None and one.activity.path_id is not None:
            groups.setdefault((one.activity.path_id, one.source_id), []).append(one)
    used = 0
    for path_id, source_id in sorted(groups):
        used += _use(db, path_id, groups[path_id, source_id], now)
    return used


def _use(db: Session, path_id: UUID, statements: list[XapiStatement], now: datetime) -> int:
    lock_path(db, path_id)
    people = sorted({one.user_id for one in statements if one.user_id is not None})
    following = living_enrolments(db, path_id, people, locked=False)
    keys_of: dict[UUID, set[str]] = {}
    for step in list_steps(db, sorted({version for _enrolment, version in following.values()})):
        keys_of.setdefault(step.version_id, set()).add(step.key)
    # Who follows a version without that step may go on in one that has it.
    usable = [
        one
        for one in statements
        if one.user_id in following
        and one.activity is not None
        and one.activity.step_key in keys_of.get(following[one.user_id][1], set())
    ]
    ask_team(db, [one for one in usable if one.by_username], following)
    certain = [one for one in usable if not one.by_username]
    if certain:
        _validate(db, path_id, certain, now)
    _set_aside(usable, StatementState.USED)
    db.flush()
    return len(usable)


def _validate(db: Session, path_id: UUID, usable: list[XapiStatement], now: datetime) -> None:
    by_person: dict[UUID, list[XapiStatement]] = {}
    for one in usable:
        if one.user_id is not None:
            by_person.setdefault(one.user_id, []).append(one)
    token = usable[0].source.token
    keys = frozenset(one.activity.step_key for one in usable if one.activity is not None)
    # The provider matters only where people are looked for, and these are known.
    origin = Origin(RecordSource.XAPI, Provider.H5P, keys)
    order = Import(path_id, origin, now, token.user_id if token is not None else None)
    outcomes = [_outcome(number, said) for number, said in enumerate(by_person.values())]
    apply(db, order, outcomes, [Match(user_id, by_username=False) for user_id in by_person])


def _outcome(position: int, statements: Sequence[XapiStatement]) -> Outcome:
    """What these say of one person: of a step said twice, the first time."""
    done: dict[str, str] = {}
    times: dict[str, datetime] = {}
    for one in statements:
        activity, when = one.activity, one.happened_at
        if activity is None or when is None or when >= times.get(activity.step_key, LATEST):
            continue
        done[activity.step_key] = proof_of(one)
        times[activity.step_key] = when
    return Outcome(position, done=done, times=times)


def decide_activity(
    db: Session,
    activity_id: UUID,
    path_id: UUID | None,
    step_key: str,
    *,
    actor_id: UUID,
    now: datetime,
) -> int:
    """Say which step an activity is about, or that it does not count (no path); what waited for it
    is used at once, or forgotten. Gives how many statements were used.

    Raises :class:`NotYours`; :class:`Refused` ``unknown_step``. What is validated stays.
    """
    lock_for_writing(db)
    found = db.get(
        XapiActivity, activity_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotYours
    if path_id is not None:
        version = current_version(db, path_id)
        keys = {step.key for step in version.steps if step.kind in GRADED} if version else set()
        if step_key not in keys:
            raise Refused(
                _("Cette étape n’est plus dans ce parcours : rechargez la page."),
                code="unknown_step",
                field="step",
                status=422,
            )
    found.path_id, found.step_key = path_id, step_key if path_id is not None else ""
    found.state = ActivityState.COUNTED if path_id is not None else ActivityState.NOT_COUNTED
    found.decided_at, found.decided_by_id = now, actor_id
    db.flush()
    if path_id is not None:
        return use_waiting(db, now=now, activity_id=activity_id)
    db.execute(
        update(XapiStatement)
        .where(
            XapiStatement.activity_id == activity_id,
            XapiStatement.state == StatementState.WAITING,
        )
        .values(
            state=StatementState.ASIDE, verb="", user_id=None, activity_id=None, happened_at=None
        )
    )
    return 0


def decide_home_page(db: Session, home_page_id: UUID, provider: Provider | None) -> None:
    """Say whose usernames the accounts of a site are. Raises :class:`NotYours`."""
    lock_for_writing(db)
    found = find_home_page(db, home_page_id)
    if found is None:
        raise NotYours
    if found.provider is provider:
        return
    found.provider = provider
    db.flush()
    about = {"site": found.address, "provider": provider.value if provider else ""}
    note(db, Act.SITE_NAMED, about=about)


def forget_old(db: Session, now: datetime) -> int:
    """Forget statements a year after they were received; how many, at most ``SLICE`` at once."""
    lock_for_writing(db)
    old = list_old(db, now - KEPT_FOR, SLICE)
    if old:
        db.execute(delete(XapiStatement).where(XapiStatement.id.in_(old)))
    return len(old)
