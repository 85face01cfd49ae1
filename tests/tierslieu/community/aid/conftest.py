"""What tests of mutual aid share: a path with its group."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support.aid import Aid
from tests.support.factories import Factory


@pytest.fixture
def aid(db: Session, make: Factory) -> Aid:
    return Aid(db, make)
