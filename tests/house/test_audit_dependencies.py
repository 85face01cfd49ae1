"""``make audit-dependencies`` tells three things apart: none known, vulnerable, not reached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
AUDIT = Path(sys.prefix) / "audit"  # make test puts pip-audit there (tests/interop/audit.lock)
Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(not AUDIT.is_dir(), reason="pip-audit is missing: run make test")

CLEAN = {"vulnerabilities": {}, "metadata": {}}
KNOWS = {**CLEAN, "vulnerabilities": {"lodash": {"range": "<4.17.12", "severity": "critical"}}}
REFUSED = {"message": "405 Method Not Allowed", "statusCode": 405}


def advisory(name: str) -> dict[str, Any]:
    """An answer of OSV: one hole of a package."""
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}]
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}]
    hole = {
        "id": f"TEST-{name}",
        "schema_version": "1.4.0",
        "summary": "a hole",
        "published": "2020-01-01T00:00:00Z",
        "affected": affected,
    }
    return {"vulns": [hole]}


class Source(ThreadingHTTPServer):
    """A source of advisories on the loopback, which knows holes of ``holes``."""

    holes: set[str]
    status = 200
    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class Answer(BaseHTTPRequestHandler):
    server: Source

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = query["package"]["name"]
        self.server.asked.append(name)
        body = json.dumps(advisory(name) if name in self.server.holes else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def source() -> Iterator[Source]:
    with Source(("127.0.0.1", 0), Answer) as server:
        server.holes, server.asked = {"jinja2"}, []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def run(tmp_path: Path, source: Source) -> Run:
    """Run the audit on two versions, with an npm that says what it is told to."""
    lock = tmp_path / "some.lock"
    lock.write_text("alpha==1.0\nbeta==2.0\n", "utf-8")
    package = tmp_path / "package.json"
    package.write_text(json.dumps({"dependencies": {"gamma": "3.0.0"}}), "utf-8")
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        "if sys.argv[1] == 'audit':\n"
        "    wanted = json.loads(pathlib.Path('package.json').read_text())['dependencies']\n"
        "    print(os.environ['NPM_OF_LODASH' if 'lodash' in wanted else 'NPM_OF_OURS'])\n",
        "utf-8",
    )
    npm.chmod(0o755)

    def once(
        url: str | None = None,
        *,
        folder: Path = AUDIT,
        lodash: Any = KNOWS,
        ours: Any = CLEAN,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / ".ci" / "audit-dependencies"), "--pip-audit", str(folder),
             "--osv-url", url or source.url, "--package", str(package), str(lock)],
            env={
                **os.environ,
                "PATH": f"{npm.parent}:{os.environ['PATH']}",
                "NO_PROXY": "127.0.0.1",
                "NPM_OF_LODASH": json.dumps(lodash),
                "NPM_OF_OURS": json.dumps(ours),
            },
            capture_output=True,
            text=True,
        )  # fmt: skip

    return once


def test_where_nothing_is_known_it_says_so_and_how_much_was_asked(run: Run, source: Source) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "some.lock: 2 versions asked about",
        "package.json: 1 packages and what they need asked about",
        "no known advisory",
    ]
    assert source.asked[0] == "jinja2", "first whether the source knows anything"
    assert sorted(source.asked) == ["alpha", "beta", "jinja2"]


def test_a_version_with_an_advisory_is_named_and_the_audit_fails(run: Run, source: Source) -> None:
    source.holes.add("beta")
    done = run()
    assert done.returncode == 1
    assert "VULNERABLE  some.lock: beta 2.0: TEST-beta (mended in: 9.9)\n" in done.stdout
    assert "alpha" not in done.stdout


def test_a_package_of_node_with_an_advisory_is_named_too(run: Run) -> None:
    ours = {**CLEAN, "vulnerabilities": {"gamma": {"range": "<4", "severity": "high"}}}
    done = run(ours=ours)
    assert done.returncode == 1
    assert "VULNERABLE  package.json: gamma <4: high\n" in done.stdout


def test_a_source_that_knows_nothing_at_all_is_not_believed(run: Run, source: Source) -> None:
    source.holes.clear()
    done = run()
    assert done.returncode == 2
    assert "NOT ASKED   Python: it knows nothing of jinja2==2.10" in done.stdout
    assert "no known advisory" not in done.stdout
    assert source.asked == ["jinja2"]


def test_a_source_that_is_out_of_reach_or_fails_is_no_answer(run: Run, source: Source) -> None:
    source.status = 503
    for done in (run(), run("http://127.0.0.1:9/v1/query")):
        assert done.returncode == 2
        assert "NOT ASKED   Python: " in done.stdout
        assert done.stdout.endswith(
            "not reached: this is no answer, ask again from another network\n"
        )
        assert "Traceback" not in done.stdout + done.stderr


def test_npm_that_is_refused_or_knows_nothing_is_no_answer(run: Run) -> None:
    refused = run(lodash=REFUSED, ours=REFUSED)
    assert refused.returncode == 2
    assert "package.json: npm's source of advisories does not answer (405)" in refused.stdout
    silent = run(lodash=CLEAN)
    assert silent.returncode == 2
    assert "it knows nothing of" in silent.stdout


def test_what_was_not_reached_hides_nothing_that_was_found(run: Run, source: Source) -> None:
    source.holes.add("alpha")
    done = run(lodash=REFUSED)
    assert done.returncode == 1
    assert "VULNERABLE  some.lock: alpha" in done.stdout
    assert "NOT ASKED   package.json" in done.stdout


def test_a_version_that_was_skipped_was_not_asked_about(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    said = [
        {"name": "jinja2", "version": "2.10", "vulns": [{"id": "X", "fix_versions": []}]},
        {"name": "delta", "skip_reason": "it could not be looked at"},
    ]
    (folder / "pip_audit.py").write_text(
        "import json, sys\n"
        f"said = {said!r}\n"
        "known = sys.argv[-1].endswith('known.txt')\n"
        "print(json.dumps({'dependencies': said[:1] if known else said[1:]}))\n",
        "utf-8",
    )
    done = run(folder=folder)
    assert done.returncode == 2
    assert "NOT ASKED   some.lock: delta: it could not be looked at\n" in done.stdout
