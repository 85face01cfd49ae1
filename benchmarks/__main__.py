"""Every measurement of docs/performance.md, one after the other."""

from __future__ import annotations

import subprocess
import sys

MEASUREMENTS = (
    "benchmarks.bookings",
    "benchmarks.weeks",
    "benchmarks.agenda",
    "benchmarks.large",
    "benchmarks.pages",
    "benchmarks.public",
    "benchmarks.credentials",
    "benchmarks.awarding",
    "benchmarks.certificates",
    "benchmarks.imports",
    "benchmarks.packages",
)

for name in MEASUREMENTS:
    print(f"\n== python -m {name}", flush=True)
    subprocess.run([sys.executable, "-m", name], check=True)
