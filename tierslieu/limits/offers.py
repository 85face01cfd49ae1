"""What the limits offer: their rows are swept."""

from __future__ import annotations

from datetime import timedelta

from tierslieu.house import Job
from tierslieu.limits.rules import sweep

OFFERS = (Job("sweep_rate_counts", timedelta(minutes=30), sweep),)
