"""A store over HTTP, and a place whose files lie there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.support.buckets import make_bucket, s3_server
from tests.support.opening import opened
from tierslieu.db import db as database
from tierslieu.settings import Settings
from tierslieu.store.buckets import Bucket


@pytest.fixture(scope="session")
def store_address() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(store_address: str) -> Bucket:
    return make_bucket(store_address)


@pytest.fixture(scope="session")
def place_on_a_bucket(
    store_address: str, make_settings: Callable[..., Settings]
) -> Iterator[Flask]:
    """A place as ``tierslieu init`` leaves it; what a test changes, it puts back."""
    settings = make_settings(
        "on-a-bucket",
        bucket=make_bucket(store_address),
        key_passphrase="quatre mots bien choisis",
    )
    app = opened(settings)
    yield app
    with app.app_context():
        database.engine.dispose()
