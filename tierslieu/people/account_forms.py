"""The forms of accounts: Flask-Security's, with our fields, our words and equal answers."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    MfRecoveryForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    UnifiedSigninForm,
    hash_password,
    lookup_identity,
)
from flask_security.forms import EmailValidation, unique_user_email, valid_user_email
from flask_security.proxies import _datastore, _security
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired

from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.people.entry import guard as entry
from tierslieu.people.entry.rules import not_for_you
from tierslieu.people.rules import NAME_LIMIT, check_name
from tierslieu.web.forms import tidy

PASSWORD_HINT = _("Douze caractères au moins. Une phrase connue de vous seulement fait l’affaire.")


def is_text(form: Any, field: Field) -> None:
    """Refuse what is no text that can be stored: a number in JSON, half a character."""
    if field.data is None:
        return
    if not isinstance(field.data, str):
        field.data = ""
        raise ValidationError(_("Un texte est attendu ici."))
    try:
        field.data.encode("utf-8")
    except UnicodeEncodeError:
        field.data = ""
        raise ValidationError(_("Ce texte contient un caractère illisible.")) from None


def _password(label: Any, autocomplete: str, hint: Any = "") -> PasswordField:
    return PasswordField(
        label,
        description=hint,
        render_kw={"autocomplete": autocomplete, "maxlength": 128},
        validators=[is_text, DataRequired(message=_("Écrivez un mot de passe."))],
    )


def _address(verify: bool, *more: Any) -> EmailField:
    return EmailField(
        _("Adresse mail"),
        render_kw={"autocomplete": "email"},
        validators=[
            is_text,
            DataRequired(message=_("Écrivez votre adresse mail.")),
            EmailValidation(verify=verify),
            *more,
        ],
    )


def _showable_name(form: Any, field: Field) -> None:
    try:
        check_name(field.data)
    except Refused as refusal:
        raise ValidationError(refusal.message) from None


class RegistrationForm(RegisterFormV2):
    """Name, address, password; being 15 or over; two separate boxes."""

    name = StringField(
        _("Votre nom"),
        description=_("Tel que vous voulez qu’on vous appelle, et qu’il figure sur vos badges."),
        filters=[lambda value: tidy(value) if isinstance(value, str) else value],
        render_kw={"autocomplete": "name", "maxlength": NAME_LIMIT},
        validators=[is_text, DataRequired(message=_("Écrivez votre nom.")), _showable_name],
    )
    email = _address(True, unique_user_email)
    password = _password(_("Mot de passe"), "new-password", PASSWORD_HINT)
    is_15_or_over = BooleanField(
        _("J’ai 15 ans ou plus"),
        validators=[
            InputRequired(
                message=_(
                    "Avant 15 ans, on vient avec un parent : c’est lui qui ouvre le compte "
                    "et réserve."
                )
            )
        ],
    )
    notice = BooleanField(
        _("J’ai lu comment mes données sont protégées"),
        validators=[InputRequired(message=_("Lisez la page sur vos données, puis cochez."))],
    )
    research = BooleanField(
        _("J’accepte de prendre part à la recherche"),
        description=_(
            "Sans votre nom, vos réponses et votre progression aident à améliorer les cours. "
            "Dire non ne change rien pour vous, et vous pourrez changer d’avis en un clic."
        ),
    )

    def validate(self, **kwargs: Any) -> bool:
        """As the library does; and in a closed pilot the address is that of the invitation. Said
        of the whole form, and always: it tells nothing of who has an account."""
        valid = bool(super().validate(**kwargs))
        if entry.fits(self.email.data):
            return valid
        self.form_errors.append(not_for_you().message)
        return False

    def to_dict(self, only_user: bool) -> dict[str, Any]:
        """What the account is made of, the answer about research included."""
        return {**super().to_dict(only_user), "research": bool(self.research.data)}


class SignInForm(LoginForm):
    """Address and password. One who hasn't confirmed the address yet is told so."""

    email = _address(False)
    password = _password(_("Mot de passe"), "current-password")
    remember = BooleanField(_("Garder ma session ouverte sur cet appareil"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the library puts a link here; the page has its own

    def validate(self, **kwargs: Any) -> bool:
        """As the library does; but whoever gave the right password learns what is missing."""
        valid = bool(super().validate(**kwargs))
        if not valid and self.user_authenticated and self.requires_confirmation and self.ifield:
            self.form_errors.append(self.ifield.errors.pop())
        return valid


def _spend_as_long() -> None:
    """Make and drop a code: time tells an unknown address from a known one as a page would."""
    codes = _security.totp_factory
    codes.generate_totp_password(codes.generate_totp_secret())


class LinkForm(UnifiedSigninForm):
    """An address, to be sent a link and a code; then the code. Only ever by mail."""

    identity = EmailField(
        _("Adresse mail"),
        render_kw={"autocomplete": "email"},
        validators=[is_text, DataRequired(message=_("Écrivez votre adresse mail."))],
    )
    passcode = StringField(
        _("Code reçu par mail"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 12},
        validators=[is_text],
    )

    chosen_method = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_method.data = "email"

    def validate(self, **kwargs: Any) -> bool:
        """A link is sent to unconfirmed accounts too: using it confirms the address."""
        if not super(UnifiedSigninForm, self).validate(**kwargs):
            return False
        user = lookup_identity(self.identity.data)
        if user is None or not user.is_active:
            _spend_as_long()
            self.identity.errors = [*self.identity.errors, ""]  # squashed: the answer is the same
            return False
        self.user = user
        if self.submit_send_code.data:
            _datastore.us_setup_email(self.user)  # a fresh secret: older codes end here
        return bool(super(UnifiedSigninForm, self).validate2())


class RecoveryForm(ForgotPasswordForm):
    """An address, to be sent a link to a new password."""

    email = _address(True, valid_user_email)

    def validate(self, **kwargs: Any) -> bool:
        """Unconfirmed accounts too get their link: using it confirms the address."""
        valid = bool(super(ForgotPasswordForm, self).validate(**kwargs))
        if not valid or self.user is None or not self.user.is_active:
            return False
        # The library hashes once when nobody is found: once as well when somebody is.
        hash_password("not-a-password")
        return True


class ConfirmationForm(SendConfirmationForm):
    """An address, to be sent another confirmation link."""

    email = _address(True, valid_user_email)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if request.method == "GET":
            self.email.data = None  # an address does not travel in addresses


class NewPasswordForm(ResetPasswordForm):
    """A new password, after a link received by mail: the address is proved by it."""

    password = _password(_("Nouveau mot de passe"), "new-password", PASSWORD_HINT)
    password_confirm = None

    def validate(self, **kwargs: Any) -> bool:
        """Following the link confirms the address."""
        if not super().validate(**kwargs):
            return False
        if self.user is not None and self.user.confirmed_at is None:
            self.user.confirmed_at = clock.now()
        return True


class PasswordForm(ChangePasswordForm):
    """The password one has, and the one one wants."""

    password = PasswordField(
        _("Mot de passe actuel"),
        render_kw={"autocomplete": "current-password"},
        validators=[is_text],
    )
    new_password = _password(_("Nouveau mot de passe"), "new-password", PASSWORD_HINT)
    new_password_confirm = None
    close_ways = BooleanField(_("Fermer aussi ces autres accès"), default=True)

    def validate(self, **kwargs: Any) -> bool:
        """A form that is right says what else is to end with the former password."""
        if not super().validate(**kwargs):
            return False
        g.closes_ways_in = self.close_ways.data
        return True


class SecondFactorForm(TwoFactorSetupForm):
    """What to do with the second factor: set it up, switch it off. The page's buttons say it."""

    setup = HiddenField()
    phone = HiddenField()


class NoRescueForm(TwoFactorRescueForm):
    """The library's page of help, which is closed here; it builds the form all the same."""

    help_setup = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help_setup.choices = []


class CodeForm(TwoFactorVerifyCodeForm):
    """The six digits an application shows."""

    code = StringField(
        _("Code de l’application"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 9},
        validators=[is_text, DataRequired(message=_("Écrivez le code que montre l’application."))],
    )


class RecoveryCodeForm(MfRecoveryForm):
    """One of the codes kept for a rainy day."""

    code = StringField(
        _("Code de secours"),
        filters=[lambda value: value.strip().lower() if isinstance(value, str) else value],
        render_kw={"autocomplete": "off", "maxlength": 20},
        validators=[is_text, DataRequired(message=_("Écrivez un de vos codes de secours."))],
    )
