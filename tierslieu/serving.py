"""Web server and worker under one command: started together, watched, stopped together."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from types import FrameType

from tierslieu.settings import Settings

READY_WITHIN = 60.0  # seconds until the place must answer
PR_SET_PDEATHSIG = 1  # linux/prctl.h
STOP_WITHIN = 20.0  # seconds a process has to end what it is doing


def why_not_there(host: str, port: int) -> str:
    """Why no server could listen there, in a sentence with the mend; nothing if one could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return f"port {port} is kept for the system: choose one above 1023 with --port"
        except socket.gaierror:
            return f"{host} is no address of this machine: say another with --host"
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return f"{host} is no address of this machine: say another with --host"
            return (
                f"port {port} is taken by another program: stop it, or choose one with "
                f"PORT={port + 1}"
            )
    return ""


def web_command(settings: Settings, host: str, port: int) -> list[str]:
    """gunicorn with threads; without its control socket, which all instances of a user share."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "--worker-class=gthread",
        f"--workers={settings.workers}",
        f"--threads={settings.threads}",
        f"--bind={host}:{port}",
        "--graceful-timeout=15",
        "--log-level=error",  # its warnings repeat what strangers sent, and from where
        "--config=python:tierslieu.webserver",
        "tierslieu.app:create_app()",
    ]


def worker_command() -> list[str]:
    """The background worker of the same instance."""
    return [sys.executable, "-m", "tierslieu.cli", "worker"]


def health(host: str, port: int) -> dict[str, object] | None:
    """What /healthz says, or None while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=5) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            return dict(json.load(error))
    except (OSError, ValueError):
        return None


def _end_with_parent() -> None:
    """Have the kernel end this process when the one that started it is gone, even killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def say(sentence: str) -> None:
    """To whoever started the place; a log whose disk is full is no reason to close it."""
    with suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)


class Household:
    """The processes of one running place."""

    def __init__(
        self, settings: Settings, host: str, port: int, *, has_worker: bool = True
    ) -> None:
        self.settings, self.host, self.port = settings, host, port
        self.commands = {"web": web_command(settings, host, port)}
        if has_worker:
            self.commands["worker"] = worker_command()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    def _share_measures(self) -> dict[str, str]:
        """Where the web processes count together what /metrics tells: anew at each opening, for
        the files of those that are gone would be counted on."""
        if not self.settings.metrics_token:
            return {}
        folder = self.settings.instance / f"metrics-{self.port}"
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # no room: they count nothing, and the place opens all the same
            folder.mkdir(mode=0o700)
        return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}

    def start(self, name: str) -> None:
        """Start one process in a group of its own: Ctrl-C reaches us alone, we tell the others."""
        more = self._share_measures() if name == "web" else {}
        self.processes[name] = subprocess.Popen(  # noqa: S603
            self.commands[name],
            start_new_session=True,
            env=os.environ | more,
            preexec_fn=_end_with_parent,  # safe: no thread has been started here
        )

    def ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        """A signal handler."""
        self.stopping = True

    def wait_until_ready(self) -> bool:
        """Whether the place became well in time."""
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and not self.stopping:
            said = health(self.host, self.port)
            if said and (said.get("status") == "ok" or self._can_open(said)):
                return True
            if any(process.poll() is not None for process in self.processes.values()):
                return False
            time.sleep(0.2)
        return False

    def _can_open(self, said: dict[str, object]) -> bool:
        """Whether nothing is wrong but what keeps nobody from reading: a disk that is full, or the
        worker, where it is for another host, or unit, to run."""
        wrong = said.get("wrong")
        bearable = {"disk"} | ({"worker"} - set(self.commands))
        if not isinstance(wrong, dict) or not set(wrong) <= bearable:
            return False
        if "disk" in wrong:
            say(f"take care: {wrong['disk']}")
        return True

    def start_all(self) -> None:
        """Start every process of this household."""
        for name in self.commands:
            self.start(name)

    def watch(self) -> int:
        """Until told to stop. A dead worker is started again; a dead web server ends the place."""
        while not self.stopping:
            time.sleep(0.3)
            if self.processes["web"].poll() is not None:
                say("the web server has stopped: the place closes")
                return 1
            if "worker" in self.processes and self.processes["worker"].poll() is not None:
                say("the worker has stopped: starting it again")
                time.sleep(1)
                self.start("worker")
        return 0

    def stop(self) -> None:
        """End every process, gently first."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_WITHIN
        for process in self.processes.values():
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
