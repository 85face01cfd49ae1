"""The roof: composes every feature into one Flask application, and is imported by nobody below."""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from tierslieu import jobs
from tierslieu.db import db, engine_options
from tierslieu.home import health, metrics
from tierslieu.home.navigation import doors
from tierslieu.home.visiting import say_today
from tierslieu.house import House, Offer
from tierslieu.limits import guard as limits
from tierslieu.place import guard as parts_guard
from tierslieu.place.showing import printed_logo, the_place
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings, read_settings
from tierslieu.web import (
    access,
    api,
    bodies,
    errors,
    formats,
    headers,
    journal,
    language_choice,
    languages,
    unseen,
    visitors,
    written,
)
from tierslieu.web.routes import Route
from tierslieu.web.slow import watch_statements

# The features, once, in floor order: a new feature is a new folder and one line.
FEATURES = (
    "tierslieu.limits",
    "tierslieu.place",
    "tierslieu.mail",
    "tierslieu.logbook",
    "tierslieu.people",
    "tierslieu.nightly",
    "tierslieu.tokens",
    "tierslieu.uploads",
    "courses.paths",
    "courses.enrolments",
    "courses.progress",
    "courses.statements",
    "courses.feedback",
    "courses.positioning",
    "tierslieu.agenda",
    "tierslieu.bookings",
    "tierslieu.attendance",
    "tierslieu.weeks",
    "tierslieu.support",
    "tierslieu.community",
    "tierslieu.surveys",
    "tierslieu.evaluation",
    "badges.designs",
    "badges.awards",
    "badges.verification",
    "badges.backpack",
    "badges.proofs",
    "badges.wallets",
    "badges.collections",
    "badges.exchange",
    "badges.endorsements",
    "tierslieu.home",
    "tierslieu.admin",
    "tierslieu.backup",
)
HERE = Path(__file__).parent
# Installed, the templates lie inside the package; in a checkout, beside it.
TEMPLATES = HERE / "templates" if (HERE / "templates").exists() else HERE.parent / "templates"
MAX_REQUEST = 12 * 1024 * 1024  # bytes: a 10 MB file and its form


def _rooms(feature: str, room: str) -> Any | None:
    name = f"{feature}.{room}"
    return import_module(name) if find_spec(name) else None


def load_house() -> House:
    """Import every feature's tables and gather its offers, in floor order."""
    import_module("tierslieu.clockwork")
    offers: list[Offer] = []
    for feature in FEATURES:
        _rooms(feature, "models")
    for feature in FEATURES:
        room = _rooms(feature, "offers")
        offers.extend(room.OFFERS if room else ())
    return House(tuple(offers))


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The application. ``config`` overrides Flask's own settings (tests)."""
    settings = settings or read_settings()
    app = Flask(
        "tierslieu",
        root_path=str(HERE),
        static_folder=str(HERE / "static"),
        template_folder=str(TEMPLATES),
        instance_path=str(settings.instance),
    )
    app.url_rule_class = Route
    app.request_class = bodies.HouseRequest
    app.config.from_mapping(
        TIERSLIEU=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url, settings.threads),
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST,
        # A page of people to judge sends some fields for each of them.
        MAX_FORM_PARTS=10_000,
        SESSION_COOKIE_NAME=headers.cookie_name("session", is_https=settings.is_https),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.is_https,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=languages.LOCALES[languages.MAIN],
        BABEL_DEFAULT_TIMEZONE="Europe/Paris",
        BABEL_TRANSLATION_DIRECTORIES=str(HERE / "translations"),
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        **config,
    )
    if settings.proxies:
        # Who asks, and by which scheme, is what so many proxies say; further ones are strangers.
        # The host is the one they pass on: a visitor writes X-Forwarded-Host as they like.
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.globals["printed_logo"] = printed_logo
    if not app.debug and not app.testing:
        app.logger.setLevel(logging.INFO)
    house = load_house()
    app.extensions["tierslieu.house"] = house
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), compare_type=True, render_as_batch=True)
    Babel(app, locale_selector=language_choice.choose_locale)
    limits.install(app, settings)
    CSRFProtect(app)
    journal.install(app)
    errors.install(app)
    unseen.install(app)
    from tierslieu.people.accounts import install as install_accounts

    install_accounts(app, settings)
    headers.install(app, is_https=settings.is_https)
    language_choice.install(app)
    written.install(app)
    for feature in FEATURES:
        for room in ("views", "api"):
            module = _rooms(feature, room)
            if module is not None:
                app.register_blueprint(module.blueprint)
    from tierslieu.admin.seeing import guard
    from tierslieu.tokens.bearing import authenticate

    guard.install(app)
    parts_guard.install(app)

    api.install(app, authenticate)
    jobs.install(app)
    health.install(app)
    metrics.install(app)
    visitors.install(
        app,
        language_choice.choose_for_visitor,
        headers.cookie_name(language_choice.COOKIE, is_https=settings.is_https),
    )
    if settings.slow_query_ms:
        with app.app_context():
            watch_statements(db.engine, settings.slow_query_ms)

    @app.context_processor
    def shared() -> dict[str, Any]:
        """What every page may show."""
        person = access.current_person_or_none() if request else None
        place = the_place()
        return {
            "the_place": place,
            "open_today": say_today,
            "part_is_on": parts_guard.is_on,
            "place_name": place.name_here,
            "contact": place.contact,
            "is_demo": settings.demo,
            "nav_items": doors(person) if request else [],
        }

    return app
