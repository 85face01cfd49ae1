"""The bare floor of a page: one Flask route, one template, no database."""

from __future__ import annotations

from flask import Flask, render_template_string

app = Flask(__name__)
PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>" + "<p>{{ text }}</p>" * 40


@app.get("/")
def index() -> str:
    """A page of about 4 kB."""
    return render_template_string(
        PAGE, title="Bonjour", text="Une phrase de quatre-vingts signes. " * 2
    )
