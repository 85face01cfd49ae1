"""Following a page of documentation: its shell blocks are run, one command after the other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.served import ROOT, environment_of

HOST = "https://lieu.example.org"
BLOCK = re.compile(r"^```(\w*)(?: title=\"([\w.]+)\")?\n(.*?)^```$", re.M | re.S)
CONTEXTS = ROOT / "badges" / "engine" / "contexts"

# `serve` is run until it is open, then told to end as by Ctrl-C; everything else as it is.
TIERSLIEU = """#!{python}
import signal, socket, subprocess, sys
command = [sys.executable, "-m", "tierslieu.cli", *sys.argv[1:]]
if "serve" not in sys.argv:
    sys.exit(subprocess.run(command).returncode)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = str(probe.getsockname()[1])
signal.signal(signal.SIGINT, signal.SIG_DFL)  # in the background of a script it is ignored
served = subprocess.Popen([*command, "--port", port], stdout=subprocess.PIPE, text=True)
for line in served.stdout:
    if "Ctrl-C closes it" in line:
        served.send_signal(signal.SIGINT)
sys.exit(served.wait())
"""
# The place answers at its address, and who publishes contexts at theirs, without leaving here.
CURL = """#!{python}
import json, subprocess, sys
index = json.loads(open("{contexts}/index.json").read())
def here(word):
    if word in index:
        return "file://{contexts}/" + index[word]["file"]
    return word.replace("{host}", "{place}")
sys.exit(subprocess.run(["{curl}", *map(here, sys.argv[1:])]).returncode)
"""


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """Each block of a page: its language, the name of the file it is, its text."""
    for found in BLOCK.finditer(page.read_text("utf-8")):
        yield found[1], found[2] or "", found[3]


def commands(block: str) -> list[str]:
    """The commands of a shell block, each whole: continued lines and open quotes are joined."""
    made: list[str] = []
    begun = ""
    for line in block.splitlines():
        begun = f"{begun}\n{line}" if begun else line
        if line.endswith("\\"):
            continue
        try:
            words = shlex.split(begun, comments=True)
        except ValueError:
            continue  # a quote is open
        if words:
            made.append(begun)
        begun = ""
    assert not begun, f"a quote is never closed: {begun}"
    return made


def on_one_line(command: str) -> str:
    """A command as a list names it."""
    return " ".join(command.replace("\\\n", " ").split())


class Follower:
    """Somebody who types what a page says, in a folder of their own."""

    def __init__(self, folder: Path, place: str, **variables: str) -> None:
        self.folder = folder
        programs = folder / "programs"
        programs.mkdir(parents=True)
        told = {"python": sys.executable, "host": HOST, "place": place, "curl": "/usr/bin/curl"}
        for name, text in (("tierslieu", TIERSLIEU), ("curl", CURL)):
            for key, value in {**told, "contexts": str(CONTEXTS)}.items():
                text = text.replace(f"{{{key}}}", value)
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        # What `pip install` would have put there is here already.
        (folder / "verifying" / "bin").mkdir(parents=True)
        own = folder / "verifying" / "bin" / "python"
        own.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        own.chmod(0o755)
        environment = environment_of(folder / "instance", **variables)
        # What a page needs is what it says; only these were typed before.
        self.environment = environment | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def follow(
        self,
        page: Path,
        left_out: Mapping[str, str],
        said_instead: Mapping[str, str],
        typed: str = "",
    ) -> str:
        """Run every command that is not ``left_out``; gives what was printed.

        ``said_instead`` is put in the place of what a reader puts their own for; ``typed`` is read
        by what asks. Raises AssertionError with the command that failed.
        """
        script = ["set -euo pipefail", "trap 'echo \"failed: $BASH_COMMAND\"' ERR"]
        for language, name, text in blocks(page):
            if name:
                (self.folder / name).write_text(text)
            if language == "sh":
                script += [c for c in commands(text) if on_one_line(c) not in left_out]
        whole = "\n".join(script)
        for said, mine in said_instead.items():
            assert said in whole, f"{page.name} says no more: {said}"
            whole = whole.replace(said, mine)
        done = subprocess.run(
            ["bash", "-c", whole], cwd=self.folder, env=self.environment, input=typed,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{page.name}\n{done.stdout}"
        return done.stdout
