"""Policy headers of every answer: nothing from another host, nothing inline."""

from __future__ import annotations

from flask import Flask, Response, make_response, request, session

from tierslieu.web.unseen import is_the_same_for_everybody

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# For the few pages that are made to stand within other people's: they know nobody, hold no form
# and set no cookie, so that nobody can be tricked into pressing anything there.
FRAMED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "form-action 'self'", "form-action 'none'"
)


def answer_secretly(page: str, status: int = 200) -> Response:
    """A page whose address is a secret of its reader: no browser keeps it, no other site is told
    of it, no index finds it.
    """
    answer = make_response(page, status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def cookie_name(name: str, *, is_https: bool) -> str:
    """What a cookie of ours is called: over TLS so that no neighbour under the same domain, and
    nobody on the way, can set one (RFC 6265bis, section 4.1.3).
    """
    return f"__Host-{name}" if is_https else name


def install(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every answer of ``app``."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        # A page that needs the camera says so itself.
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static" and "Cache-Control" not in headers:
            # A page may carry a person's data: no shared cache keeps it unless it says so itself,
            # and no browser what somebody saw who was signed in: the next at that screen goes back.
            is_personal = not is_the_same_for_everybody() and "_user_id" in session
            headers["Cache-Control"] = "private, no-store" if is_personal else "private, no-cache"
        return response
