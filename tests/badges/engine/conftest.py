"""The issuing houses of the engine's tests, and what their documents become when changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from badges.engine import keys
from tests.support.badge2 import Issuer2
from tests.support.engine import LIST_URL, NOW, House, make_house

DATA = Path(__file__).resolve().parents[2] / "data" / "openbadges"


@pytest.fixture
def house() -> House:
    """An issuer whose name is its key (did:key): everything can be checked offline."""
    return make_house()


@pytest.fixture
def web_house() -> House:
    """An issuer whose name is a web address (did:web), its document published."""
    key = keys.SigningKey.from_seed(b"another house, on the web, tests")
    house = House(key, keys.did_web("https://lieu.example"))
    document = keys.did_document(house.did, [keys.PublishedKey(key.public())])
    house.web["https://lieu.example/.well-known/did.json"] = json.dumps(document).encode()
    return house


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def list_url() -> str:
    return LIST_URL


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of published vectors and schemas."""
    return DATA


@pytest.fixture
def changed() -> Callable[..., dict[str, Any]]:
    """A copy of a document with one member set (`changed(doc, value, "issuer", "name")`)."""

    def change(document: dict[str, Any], value: Any, *path: str | int) -> dict[str, Any]:
        document = copy.deepcopy(document)
        target: Any = document
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value
        return document

    return change


@pytest.fixture
def issuer() -> Issuer2:
    """An issuer of Open Badges 2.0."""
    return Issuer2()
