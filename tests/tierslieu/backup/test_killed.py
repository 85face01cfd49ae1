"""kill -9 in a restore or in the nightly backup: no half place, and the next one works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.backup_killing import (
    NIGHT_MOMENTS,
    RESTORE_MOMENTS,
    die_at_night,
    die_restoring,
)
from tests.support.backups import (
    PASSPHRASE,
    app_of,
    back_up,
    broken_in,
    copy_of,
    put_back,
    tables_of,
    within,
)
from tierslieu import clock
from tierslieu.backup.copying import read_contents
from tierslieu.backup.jobs import NAME, STALE_AFTER
from tierslieu.backup.models import RunState
from tierslieu.backup.queries import list_runs
from tierslieu.db import db as database
from tierslieu.jobs import run_due_jobs
from tierslieu.settings import PREFIX, BadSetting, Settings, read_settings

pytestmark = [pytest.mark.proof, pytest.mark.beside]


@pytest.mark.both_databases
def test_a_restore_killed_at_any_moment_opens_nowhere_and_is_done_again(
    database_kind: str, small_backup: Path, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    there = empty_place(database_kind)
    for moment in RESTORE_MOMENTS:
        die_restoring(small_backup, there, moment)
        with pytest.raises(BadSetting, match="restore was cut short"):
            read_settings({f"{PREFIX}INSTANCE": str(there.instance)})
    put_back(small_backup, there)
    read_settings({f"{PREFIX}INSTANCE": str(there.instance)})
    left = {path.name for path in there.instance.iterdir()} - {"queue.sqlite", "tierslieu.sqlite"}
    assert left == {"keys", "secret_key"}
    again = back_up(there, tmp_path / "again.age")
    assert tables_of(again) == tables_of(read_contents(small_backup, PASSPHRASE))
    with within(app_of(there)) as app:
        assert broken_in(app) == []


def test_a_nightly_backup_killed_at_any_moment_is_made_again_and_leaves_no_part(
    opened_place: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    settings = replace(
        copy_of(opened_place, tmp_path / "place"),
        backup_dir=folder,
        backup_passphrase=PASSPHRASE,
    )
    now = clock.now()
    for moment in NIGHT_MOMENTS:
        die_at_night(settings, now, moment)
        now += timedelta(minutes=11)  # the lease of the one that was killed is over
    with within(app_of(settings)) as app:
        later = now + STALE_AFTER
        with clock.fixed_at(later):
            assert run_due_jobs(app, only=frozenset({NAME})) == {NAME: 1}
        runs = list_runs(database.session())
        assert [run.state for run in runs] == [RunState.KEPT]
        assert not list(folder.glob(".*")), "a part lies there still"
        # A file that has its name is whole, whether or not the worker lived to say so.
        files = sorted(folder.iterdir())
        assert runs[0].name == files[-1].name
        for path in files:
            assert read_contents(path, PASSPHRASE).rows > 100
