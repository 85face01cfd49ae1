"""The bare floors: of a page, one Flask route, one compiled template, no database; of a booking,
the statements of a seat behind the same web server, and nothing else."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace

from flask import Flask, render_template
from jinja2 import DictLoader

from benchmarks.booking_clients import Way, by_bare_sql

app = Flask(__name__)
app.jinja_loader = DictLoader(  # type: ignore[assignment]
    {
        "page.html": "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"
        + "<p>{{ text }}</p>" * 40
    }
)


@app.get("/")
def index() -> str:
    """A page of about 4 kB."""
    return render_template(
        "page.html", title="Bonjour", text="Une phrase de quatre-vingts signes. " * 2
    )


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """That it answers."""
    return {"status": "ok"}


_held = threading.local()


@app.post("/seats/<int:dates>/<who>")
def take(dates: int, who: str) -> dict[str, str]:
    """A seat on each of so many dates, by SQL alone."""
    if not hasattr(_held, "act"):
        way = Way("bare SQL", os.environ["BARE_DATABASE_URL"], (), 0)
        _held.act, _close = by_bare_sql(way)
    _held.act(SimpleNamespace(user_id=who), dates)
    return {"status": "confirmed"}
