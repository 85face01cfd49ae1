"""An application is made quickly: nothing is compiled for addresses that nobody asks for."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from tierslieu.app import create_app


def test_what_builds_an_address_is_compiled_when_it_is_first_asked_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_now = Rule._compile_builder

    def watched(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return compile_now(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", watched)
    other = create_app(app.config["TIERSLIEU"], TESTING=True)
    assert set(compiled) == {"/static/<path:filename>"}  # Flask's own, made before any setting
    compiled.clear()
    with other.test_request_context():
        for _turn in range(2):
            assert url_for("security.login", next="/agenda") == "/login?next=/agenda"
            assert url_for("paths.path", slug="snt", page=2) == "/parcours/snt?page=2"
    assert len(compiled) == 2
