"""A place served for real, as `make run` does: its own process, database and port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _heed_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def environment_of(instance: Path, **variables: str) -> dict[str, str]:
    """The environment of a process of the place in that folder, with these variables beside."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TIERSLIEU_")}
    return inherited | {
        "TIERSLIEU_INSTANCE": str(instance),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),  # this copy, whichever one is installed
        **variables,
    }


class ServedPlace:
    """``tierslieu serve`` in a process group of its own, with what it prints.

    Another ``command`` that serves a place is typed at the root of the project, in a group of its
    own; ``{port}`` and ``{instance}`` in it are where the place is to be.
    """

    def __init__(
        self,
        instance: Path,
        *,
        demo: bool = True,
        arguments: Sequence[str] = (),
        command: Sequence[str] = (),
        **variables: str,
    ) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.instance = instance
        self.lines: list[str] = []
        self._open = threading.Event()
        own = {"TIERSLIEU_DEMO": "1" if demo else "0", "TIERSLIEU_WORKERS": "1"}
        self.environment = environment_of(instance, **(own | variables))
        serve = [sys.executable, "-m", "tierslieu.cli", "serve", "--port", str(self.port)]
        typed = [word.format(port=self.port, instance=instance) for word in command]
        self.process = subprocess.Popen(
            typed or [*serve, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT if command else instance,
            process_group=0 if command else None,
            # Under `nohup` or in the background of a script both are ignored, and inherited so.
            preexec_fn=_heed_signals,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "Ctrl-C closes it" in line:
                self._open.set()
        self._open.set()

    def wait_until_open(self, seconds: float = 120) -> None:
        """Return when it says it is open; fail with what it printed otherwise."""
        assert self._open.wait(seconds), "".join(self.lines)
        assert self.process.poll() is None, "".join(self.lines)

    def is_all_gone(self, seconds: float = 40) -> bool:
        """Whether every process of the place has ended (each holds the pipe it prints to)."""
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def close(self) -> int:
        """Ctrl-C, as a person would; gives the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        assert self.is_all_gone(), "a process of the place has outlived it"
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
