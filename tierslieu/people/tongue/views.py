"""Choosing French or English, at the foot of every page."""

from __future__ import annotations

from flask import current_app, redirect, request
from flask_login import current_user
from flask_security.utils import validate_redirect_url
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from tierslieu.db import db, lock_for_writing
from tierslieu.people.desk import blueprint
from tierslieu.people.rules import choose_language
from tierslieu.web.access import current_person, public
from tierslieu.web.language_choice import keep_in_browser
from tierslieu.web.languages import LOCALES


@blueprint.post("/langue")
@public
def choose() -> BaseResponse:
    """The language of this browser, and of who is signed in; back to the page one was on.

    Without the token of forms, which every page would have to carry then, in a cookie, the public
    ones too: another site can change the language of a browser it is open in, and nothing else,
    and not of an account (its cookies do not go along).
    """
    language = request.form.get("langue", "")
    if language not in LOCALES:
        raise NotFound
    if current_user.is_authenticated:
        lock_for_writing(db.session())
        choose_language(current_person(), language)
        db.session.commit()
    back = request.form.get("ou", "")
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\")) and "\n" not in back
    answer = redirect(back if is_ours and validate_redirect_url(back) else "/")
    keep_in_browser(answer, language, is_https=current_app.config["TIERSLIEU"].is_https)  # type: ignore[arg-type]
    return answer
