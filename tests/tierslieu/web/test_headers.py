"""What every answer tells the browser to allow, to keep, and to send back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.app import create_app


def test_every_answer_allows_our_own_files_alone_and_no_frame(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user())
    for page in ("/", "/compte", "/nothing-here", "/static/css/parts.css", "/api/v1/nothing"):
        with client.get(page) as answer:  # a file is read while it is sent
            headers = answer.headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in policy, page
        assert {"script-src 'self'", "style-src 'self'", "connect-src 'self'"} <= set(policy)
        assert {"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert "unsafe" not in " ".join(policy)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers


def test_no_browser_keeps_what_somebody_saw_who_was_signed_in(
    client: LookingClient, make: Factory
) -> None:
    assert client.get("/verifier").headers["Cache-Control"] == "private, no-cache"
    client.sign_in(make.user())
    for page in ("/", "/agenda", "/compte"):
        assert client.get(page).headers["Cache-Control"] == "private, no-store"
    client.post("/deconnexion")
    assert client.get("/verifier").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("base_url", ["https://lieu.example.org", "http://localhost:8000"])
def test_over_tls_every_cookie_is_of_this_host_alone_and_stays_on_tls(
    app: Flask, base_url: str
) -> None:
    settings = replace(app.config["TIERSLIEU"], base_url=base_url)
    served = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=True)
    browser = served.test_client()
    answers = [
        browser.get("/login", base_url=base_url),
        browser.post("/langue", data={"langue": "en"}, base_url=base_url),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert "; HttpOnly" in cookie
        assert "; SameSite=Lax" in cookie
        assert "; Path=/" in cookie
        assert "Domain" not in cookie
        is_https = base_url.startswith("https")
        assert cookie.startswith("__Host-") is is_https
        assert ("; Secure" in cookie) is is_https
    strict = answers[0].headers.get("Strict-Transport-Security", "")
    assert ("max-age=31536000" in strict) is base_url.startswith("https")


def test_the_method_that_repeats_a_request_is_refused(client: LookingClient) -> None:
    assert client.open("/agenda", method="TRACE").status_code == 405
