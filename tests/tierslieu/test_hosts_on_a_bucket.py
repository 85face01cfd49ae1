"""Two hosts on one PostgreSQL and one bucket: no folder is shared."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import stamp
from moto.server import ThreadedMotoServer

from tests.support.buckets import environment_of_bucket, make_bucket
from tests.support.hosts import open_url, start_worker
from tests.support.served import ServedPlace, environment_of, free_port
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db as database
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import read_settings
from tierslieu.store.buckets import BucketShelf
from tierslieu.store.sealing import MAGIC, SealedShelf
from tierslieu.surveys.pseudonyms import key_file

pytestmark = [pytest.mark.proof, pytest.mark.beside]

PASSPHRASE = "quatre mots bien choisis"
AT_ONCE = 4
MAKES_A_KEY = """
import hashlib, sys
from tierslieu.settings import read_settings
from tierslieu.surveys.pseudonyms import make_key
keys = read_settings().keys
keys.is_empty()  # what is loaded late is loaded
print("ready", flush=True)
sys.stdin.readline()
print(hashlib.sha256(make_key(keys, "a-la-fois")).hexdigest())
"""


def _wait_for(hosts: list[ServedPlace], wanted: set[str]) -> None:
    """Until each host says that this, and nothing else, is wrong."""
    until = time.monotonic() + 60
    while (found := [_wrong(host) for host in hosts]) != [wanted, wanted]:
        assert time.monotonic() < until, found
        time.sleep(0.3)


def _wrong(host: ServedPlace) -> set[str]:
    try:
        with open_url(host.url + "/healthz") as answer:
            said: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            said = json.load(error)
    return set(said.get("wrong", {}))


def _make_tables(environment: dict[str, str]) -> None:
    """As every migration one after the other would, which other tests hold."""
    app = create_app(read_settings(environment))
    with app.app_context():
        Base.metadata.create_all(database.engine)
        stamp(directory=str(MIGRATIONS))
        database.engine.dispose()


def test_two_hosts_without_a_shared_folder_make_each_key_once_and_both_sign(
    tmp_path: Path, new_postgresql: Callable[[str], str]
) -> None:
    port = free_port()
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    store.start()
    bucket = make_bucket(f"http://127.0.0.1:{port}")
    common = environment_of_bucket(bucket) | {
        "TIERSLIEU_DATABASE_URL": new_postgresql("hosts_bucket"),
        "TIERSLIEU_SECRET_KEY": "one secret for every host of this place",
        "TIERSLIEU_KEY_PASSPHRASE": PASSPHRASE,
        "TIERSLIEU_BASE_URL": "http://localhost",
    }
    hosts, worker = [], None
    (tmp_path / "first").mkdir()
    _make_tables(environment_of(tmp_path / "first", **common))
    try:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            place = ServedPlace(tmp_path / name, demo=False, arguments=["--no-worker"], **common)
            hosts.append(place)
        for host in hosts:
            host.wait_until_open()
        inner = BucketShelf(bucket, "keys")
        names = [entry.name for entry in inner.entries()]
        assert len([name for name in names if name.startswith("badges-")]) == 3
        assert len(names) == 4
        assert all(inner.read(name).startswith(MAGIC) for name in names)
        worker = start_worker(tmp_path / "w", common)
        _wait_for(hosts, set())  # each host reads every key that it needs
        _race_for_a_key(tmp_path, common)
        assert SealedShelf(inner, PASSPHRASE).has(key_file("a-la-fois"))
        store.stop()
        _wait_for(hosts, {"files"})
        store = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        store.start()
        _wait_for(hosts, set())
        for name in ("a", "b", "w"):
            left = {path.name for path in (tmp_path / name).iterdir()}
            assert not left & {"keys", "uploads", "packages", "papers"}
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(30)
        codes = [host.close() for host in hosts]
        store.stop()
    assert codes == [0, 0], "".join(line for host in hosts for line in host.lines)
    printed = "".join(line for host in hosts for line in host.lines)
    for text in (printed, (tmp_path / "w.log").read_text()):
        assert bucket.secret not in text
        assert bucket.name not in text


def _race_for_a_key(tmp_path: Path, common: dict[str, str]) -> None:
    """Many processes make the key of one study at the same moment: all have the same."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKES_A_KEY],
            env=environment_of(tmp_path / "a", **common),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _number in range(AT_ONCE)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert len(set(said)) == 1
    assert len(said[0]) == 64
