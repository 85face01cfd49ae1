"""Accounts by Flask-Security: our tables, our addresses, our templates, our outbox."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from flask_security import (
    MailUtil,
    SQLAlchemyUserDatastore,
    logout_user,
    user_authenticated,
)
from flask_security.mail_util import EmailValidateException
from flask_security.proxies import _datastore
from flask_security.utils import get_message, validate_redirect_url
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.people import account_forms as forms
from tierslieu.people import limiting, ways_in
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.codes import HouseSecurity, HouseTotp, RecoveryCodes, hold_to_reset
from tierslieu.people.devices import keeping
from tierslieu.people.entry import guard as entry
from tierslieu.people.entry.rules import admit
from tierslieu.people.messages import MESSAGES
from tierslieu.people.models import LEARNER, ConsentKind, Role, User
from tierslieu.people.passkeys.asking import ask_for_second, ask_to_enter
from tierslieu.people.passwords import HousePasswordUtil
from tierslieu.people.rules import (
    PASSWORD_MINIMUM,
    choose_language,
    create_user,
    give_consent,
)
from tierslieu.people.second import guard as second_factor
from tierslieu.people.stepping_up import RECENT, way_back
from tierslieu.people.unused import note_still_here
from tierslieu.settings import Settings
from tierslieu.web.errors import problem, wants_json
from tierslieu.web.languages import current
from tierslieu.web.unsent import unsent_texts

LINK_VALIDITY = timedelta(minutes=15)
# The library's pages that we do not open; its own re-authentication is a fresh sign-in here.
CLOSED = frozenset(
    f"security.{name}"
    for name in (
        "verify",
        "us_setup",
        "us_setup_validate",
        "us_verify",
        "us_verify_send_code",
        "two_factor_rescue",
        "tf_select",
    )
)
KEPT_AT_SIGN_IN = ("_", "fs_", "identity")  # prefixes of what the session keeps
WANTED = "_wanted"  # in the session: the page that made a visitor open an account


def _identity(text: Any) -> str | None:
    """The address in the one form it is kept in; None for what is no address."""
    try:
        return normalise_email(text) if isinstance(text, str) else None
    except BadAddress:
        return None


class HouseMailUtil(MailUtil):
    """Addresses in our one form; the library's mails through our outbox, in our templates."""

    def normalize(self, email: str) -> str:
        """The address as it is kept."""
        address = _identity(email)
        if address is None:
            raise EmailValidateException(get_message("INVALID_EMAIL_ADDRESS")[0])
        return address

    validate = normalize

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Write the mail; it leaves after the commit at the end of the request."""
        context = {"name": kwargs["user"].name}
        for key in ("confirmation_link", "reset_link", "login_link"):
            # The path alone: the host of our links is the place's own, never the request's.
            link = urlsplit(kwargs.get(key) or "")
            context[key] = link.path + (f"?{link.query}" if link.query else "")
        if context["login_link"]:
            # A page with a button: programs that try every link of a mail open no session.
            _, _, query = context["login_link"].partition("?")
            context["login_link"] = f"{url_for('people.open_link')}?{query}"
            asked = request.form.get("next", "")
            if asked.startswith("/") and validate_redirect_url(asked):
                context["login_link"] = url_for(
                    "people.open_link",
                    id=kwargs["user"].fs_uniquifier,
                    code=kwargs["login_token"],
                    next=asked,
                )
        context["code"] = kwargs.get("login_token") or ""
        write_mail(
            db.session(),
            recipient if isinstance(recipient, str) else recipient[1],
            f"security_{template.rpartition('/')[2]}",
            context,
            now=clock.now(),
        )

        # Not every view of the library commits after a mail.
        @after_this_request
        def commit(response: Response) -> Response:
            _datastore.commit()  # type: ignore[no-untyped-call]
            return response


class HouseDatastore(SQLAlchemyUserDatastore):
    """The library's way to our tables, by our rules."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        """The one account with these values; what cannot be stored is nobody's."""
        if any(isinstance(value, str) and "\0" in value for value in kwargs.values()):
            return None
        return cast("User | None", super().find_user(case_insensitive, **kwargs))

    def set_uniquifier(self, user: Any, uniquifier: str | None = None) -> None:
        """A new mark of the account: what was signed with the former one opens nothing. A lost
        password is replaced once a link, also when two come at the same instant."""
        if request and request.endpoint == "security.reset_password":
            hold_to_reset(user)
        super().set_uniquifier(user, uniquifier)  # type: ignore[no-untyped-call]

    def create_user(self, **kwargs: Any) -> User:
        """An account from the registration form, with its dated consents."""
        now = clock.now()
        user = create_user(
            db.session(),
            email=kwargs["email"],
            name=kwargs["name"],
            password_hash=kwargs["password"],
            is_15_or_over=kwargs["is_15_or_over"],
            confirmed=False,
            now=now,
        )
        admit(db.session(), user, entry.held(), now=now)
        choose_language(user, current())
        give_consent(db.session(), user.id, ConsentKind.NOTICE, now=now)
        if kwargs["research"]:
            give_consent(db.session(), user.id, ConsentKind.RESEARCH, now=now)
        return user


def _render(template: str, **context: Any) -> str:
    """A page of the library's views; one that shows a refused form is answered 422."""
    g.form_was_refused = request.method == "POST" and any(
        isinstance(value, FlaskForm) and value.errors for value in context.values()
    )
    return render_template(template, **context)


def _derived(settings: Settings, purpose: str) -> str:
    return hashlib.sha256(f"{purpose}\0{settings.secret_key}".encode()).hexdigest()


def _fernet_key(settings: Settings) -> bytes:
    return base64.urlsafe_b64encode(bytes.fromhex(_derived(settings, "recovery codes")))


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECURITY_PASSWORD_SALT=_derived(settings, "password salt"),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of the scheme
        SECURITY_PASSWORD_LENGTH_MIN=PASSWORD_MINIMUM,
        SECURITY_PASSWORD_CONFIRM_REQUIRED=False,  # it can be read while it is typed
        # What tokens carry of an address or of a hash: the token is signed, so quick is enough,
        # and the default (535,000 rounds) would run inside the transaction that registers.
        SECURITY_HASHING_SCHEMES=["hex_sha256"],
        SECURITY_DEPRECATED_HASHING_SCHEMES=[],
        SECURITY_DATETIME_FACTORY=clock.now,
        # One more statement by the key, where the join has SQLite read everybody's roles each time.
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[
            {"email": {"mapper": _identity, "case_insensitive": False}}
        ],
        # The library's own pages that need a recent sign-in: second factor, recovery codes, a first
        # password.
        SECURITY_FRESHNESS=timedelta(minutes=RECENT),
        SECURITY_FRESHNESS_GRACE_PERIOD=timedelta(0),
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_REGISTERABLE=True,
        SECURITY_CONFIRMABLE=True,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_UNIFIED_SIGNIN=True,
        SECURITY_US_ENABLED_METHODS=["email"],
        SECURITY_US_MFA_REQUIRED=["email"],
        SECURITY_US_TOKEN_VALIDITY=int(LINK_VALIDITY.total_seconds()),
        SECURITY_TOTP_SECRETS={"1": _derived(settings, "mailed codes")},
        SECURITY_TOTP_ISSUER=settings.place_name.replace(":", " "),  # as applications show it
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY=30,  # seconds a phone's clock may be off
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,  # a mailbox is one of the ways to the first factor
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=10,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[_fernet_key(settings)],
        SECURITY_STATIC_FOLDER=None,
        SECURITY_CACHE_CONTROL={"private": None, "no-store": None},  # a flag has no value
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_EMAIL_PLAINTEXT=False,  # our outbox renders them
        SECURITY_EMAIL_HTML=False,
        SECURITY_LOGIN_URL="/login",
        SECURITY_LOGOUT_URL="/deconnexion",
        SECURITY_REGISTER_URL="/inscription",
        SECURITY_CONFIRM_URL="/confirmation",
        SECURITY_RESET_URL="/mot-de-passe-oublie",
        SECURITY_CHANGE_URL="/compte/mot-de-passe",
        SECURITY_VERIFY_URL="/reconnexion",  # /verify checks badges
        SECURITY_US_SIGNIN_URL="/connexion-par-mail",
        SECURITY_US_SIGNIN_SEND_CODE_URL="/connexion-par-mail/envoi",
        SECURITY_US_VERIFY_LINK_URL="/connexion-par-mail/entrer",
        SECURITY_TWO_FACTOR_SETUP_URL="/compte/double-verification",
        SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL="/connexion/code",  # noqa: S106 - an address
        SECURITY_TWO_FACTOR_RESCUE_URL="/connexion/secours",
        SECURITY_TWO_FACTOR_SELECT_URL="/connexion/choix",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL="/compte/codes-de-secours",
        SECURITY_MULTI_FACTOR_RECOVERY_URL="/connexion/code-de-secours",
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="/compte/codes-de-secours?show_codes=1",
        SECURITY_POST_REGISTER_VIEW="/inscription/suite",
        SECURITY_POST_CONFIRM_VIEW="/login?next=/compte/profil",
        SECURITY_POST_CHANGE_VIEW="/compte",
        SECURITY_I18N_DOMAIN="messages;flask_security",
        SECURITY_I18N_DIRNAME=[app.config["BABEL_TRANSLATION_DIRECTORIES"], "builtin"],
        **{f"SECURITY_MSG_{key}": message for key, message in MESSAGES.items()},
    )


def install(app: Flask, settings: Settings) -> None:
    """Give ``app`` its accounts."""
    _configure(app, settings)
    security = HouseSecurity(
        app,
        HouseDatastore(db, User, Role),
        mail_util_cls=HouseMailUtil,
        password_util_cls=HousePasswordUtil,
        totp_cls=HouseTotp,
        mf_recovery_codes_util_cls=RecoveryCodes,
        render_template=_render,
        register_form=forms.RegistrationForm,
        login_form=forms.SignInForm,
        us_signin_form=forms.LinkForm,
        forgot_password_form=forms.RecoveryForm,
        reset_password_form=forms.NewPasswordForm,
        send_confirmation_form=forms.ConfirmationForm,
        change_password_form=forms.PasswordForm,
        two_factor_setup_form=forms.SecondFactorForm,
        two_factor_rescue_form=forms.NoRescueForm,
        two_factor_verify_code_form=forms.CodeForm,
        mf_recovery_form=forms.RecoveryCodeForm,
    )
    app.extensions["tierslieu.security"] = security
    # A session signs in, nothing else: no token in an address, and no body parsed before its view.
    app.login_manager.request_loader(None)  # type: ignore[attr-defined]
    # A script signs in with JSON, which no form of another site can send. The exempted view
    # checks the token itself for everything else.
    app.extensions["csrf"].exempt("flask_security.views.login")
    app.extensions["csrf"].exempt("tierslieu.people.tongue.views.choose")
    # The library also takes its own tokens, from a query string even: nobody comes in that way.
    app.login_manager.request_loader(lambda request: None)  # type: ignore[attr-defined]
    app.before_request(_guard)
    app.before_request(entry.turn_away)
    app.jinja_env.globals["sign_up_door"] = entry.sign_up_door
    app.after_request(_answer_refused)
    app.register_error_handler(CSRFError, _no_token)
    user_authenticated.connect(_renew_session, app)
    limiting.install(app)
    keeping.install(app)
    second_factor.install(app)
    user_authenticated.connect(_note_still_here, app)
    user_authenticated.connect(_note_team, app)
    ways_in.install(app, security)
    security.reauthn_handler(_sign_in_again)
    security.login_context_processor(lambda: {"passkey_options": ask_to_enter()})
    security.tf_token_validation_context_processor(lambda: {"passkey_options": ask_for_second()})


def _guard() -> Response | None:
    if request.endpoint in CLOSED:
        abort(404)
    asked = request.args.get("next", "")
    if (
        request.endpoint == "security.register"
        and asked.startswith("/")
        and validate_redirect_url(asked)
    ):
        session[WANTED] = asked
    if request.blueprint != "security" or not request.is_json:
        return None
    if request.content_length and not limiting.is_plain(request.get_json(silent=True)):
        return problem(400, "bad_json", "The body must be one JSON object without lists.")
    if request.endpoint == "security.login":
        g.csrf_valid = not current_user.is_authenticated
    return None


def _answer_refused(response: Response) -> Response:
    if g.pop("form_was_refused", False) and response.status_code == 200:
        response.status_code = 422
    return response


def _renew_session(app: Flask, **extra: Any) -> None:
    """What a session held before the sign-in does not outlive it, the form token least of all."""
    for key in [key for key in session if not key.startswith(KEPT_AT_SIGN_IN)]:
        session.pop(key)
    g.pop("csrf_token", None)


def _note_still_here(app: Flask, user: User, **extra: Any) -> None:
    """Who was told that their account will be closed keeps it by coming; the library commits."""
    note_still_here(db.session(), user.id, now=clock.now())


def _note_team(app: Flask, user: User, **extra: Any) -> None:
    """Whoever may act on others is seen to come; learners come and go unseen."""
    if any(role.name != LEARNER for role in user.roles):
        note(db.session(), Act.SIGNED_IN, actor_id=user.id)


def _sign_in_again(within: timedelta, grace: timedelta) -> BaseResponse:
    """A change that needs a recent sign-in: sign out, and come back to it. What was written at
    length, a reason or a word, is shown to be taken along."""
    logout_user()
    if request.method == "POST" and (texts := unsent_texts()):
        page = render_template("security/sign_in_again.html", texts=texts, back=way_back())
        return make_response(page, 401, {"Cache-Control": "no-store"})
    flash(*get_message("REAUTHENTICATION_REQUIRED"))
    return redirect(url_for("security.login", next=way_back()))


def _no_token(error: CSRFError) -> Response | tuple[str, int, dict[str, str]]:
    if wants_json() or request.is_json:
        return problem(400, "csrf", str(error.description))
    page = render_template("security/no_token.html", texts=unsent_texts())
    return page, 400, {"Cache-Control": "no-store"}
