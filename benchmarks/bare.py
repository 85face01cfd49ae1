"""The bare floor of a page: one Flask route, one compiled template, no database."""

from __future__ import annotations

from flask import Flask, render_template
from jinja2 import DictLoader

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
