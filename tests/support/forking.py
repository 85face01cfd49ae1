"""Where the processes of a race, and those that are killed, come from."""

from __future__ import annotations

import multiprocessing

START = multiprocessing.get_context("forkserver")
# A process of tests has one such server, and what it loads is said once: what said it last won, and
# the racers of all others loaded the house themselves, each of them.
START.set_forkserver_preload(["tests.support.forked"])
