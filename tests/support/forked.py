"""The house, loaded and with nothing opened: what racers are forked from begins here."""

from __future__ import annotations

import gc
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy.orm import configure_mappers

from tierslieu.app import FEATURES, load_house

load_house()
for room in (f"{feature}.{name}" for feature in FEATURES for name in ("views", "api")):
    if find_spec(room):
        import_module(room)
configure_mappers()
gc.collect()
gc.freeze()  # else looking for garbage would copy it to each
