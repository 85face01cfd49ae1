"""A mail with its sample, as pages show it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Response, current_app, get_template_attribute

from tierslieu.mail.letters.kinds import Kind
from tierslieu.mail.rendering import RenderedMail, render_words
from tierslieu.mail.views import MAIL_POLICY
from tierslieu.settings import Settings

_BODY = re.compile(r"<body[^>]*>")
_PARTS = "mail/_draft.html"


def draw_sample(
    kind: Kind, language: str, written: Mapping[str, str], recipient: str
) -> RenderedMail:
    """The mail as this recipient would get it, with these texts in it."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return render_words(
        kind.template,
        kind.sample,
        language=language,
        settings=settings,
        recipient=recipient,
        written=written,
    )


def framed(page: str, status: int = 200) -> Response:
    """A page that runs nothing, fetches nothing and stands in our frame only."""
    response = Response(page, status)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def frame_draft(mail: RenderedMail) -> Response:
    """The whole mail in one page: subject, layout, plain text."""
    above = str(get_template_attribute(_PARTS, "above")(mail.subject, mail.language))
    below = str(get_template_attribute(_PARTS, "below")(mail.text, mail.language))
    page = _BODY.sub(lambda found: found[0] + above, mail.page, count=1)
    return framed(page.replace("</body>", f"{below}</body>", 1))


def frame_refusal(message: str, status: int) -> Response:
    """Why there is nothing to show."""
    return framed(str(get_template_attribute(_PARTS, "refused")(message)).strip(), status)
