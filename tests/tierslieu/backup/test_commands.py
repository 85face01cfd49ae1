"""The two commands, as a person or a script uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from tests.support.backups import PASSPHRASE
from tierslieu.cli import main
from tierslieu.settings import RESTORING, Settings


def test_a_place_goes_into_a_file_and_back_by_two_commands(
    opened_place: Settings, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    def ask(settings: Settings, *words: str) -> dict[str, object]:
        environment = {
            "TIERSLIEU_INSTANCE": str(settings.instance),
            "TIERSLIEU_DATABASE_URL": settings.database_url,
            "TIERSLIEU_SECRET_KEY": settings.secret_key,
            "TIERSLIEU_BACKUP_PASSPHRASE": PASSPHRASE,
        }
        done = CliRunner().invoke(main, [*words, "--json"], env=environment)
        assert done.exit_code == 0, done.output
        told: dict[str, object] = json.loads(done.output)
        return told

    path, there = tmp_path / "place.tar.gz.age", empty_place()
    made = ask(opened_place, "backup", str(path))
    back = ask(there, "restore", str(path))
    assert {k: back[k] for k in made} == made
    assert (back["mails_held"], back["sessions_ended"]) == (0, 0)
    assert not (there.instance / RESTORING).exists()
    assert ask(there, "audit")["holds"] is True
